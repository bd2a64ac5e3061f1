import DNSClient
import MailModel
import OutboundPolicy
import Storage

/// Calls webhooks: reads the target, resolves it, checks the address, calls exactly that one, and says what became of it.
struct WebhookSender: Sendable {
    let client: OutboundHTTP
    let vault: KeyVault
    let addresses: @Sendable (DomainName) async -> DNSAnswer<IPAddress>

    struct Outcome: Sendable {
        /// Nil where it did not come to that.
        var address: IPAddress?
        /// The status of an answer that is one.
        var result: Result<Int, HTTPFault>
        /// As it came, whatever its status; nil where none did.
        var answer: HTTPAnswer?
        /// What was sent; empty where it did not come to that.
        var sent: [UInt8] = []
        /// From the look at the name to the end of the answer.
        var milliseconds = 0

        /// For the log.
        func record(_ webhook: Webhook, id: String, type: String, attempt: Int, at now: Timestamp) -> WebhookCallRecord {
            var record = WebhookCallRecord(webhook: webhook.name, id: id, at: now, type: type, attempt: attempt)
            record.milliseconds = milliseconds
            record.address = address?.description ?? ""
            record.status = answer?.status ?? 0
            if case .failure(let fault) = result { record.fault = String(fault.text.prefix(500)) }
            record.answer = String(decoding: (answer?.body ?? []).prefix(WebhookCallRecord.answerBytesMax), as: UTF8.self)
                .replacing("\0", with: "")
            if sent.count <= WebhookCallRecord.bodyBytesMax { record.body = String(decoding: sent, as: UTF8.self) }
            return record
        }
    }

    func call(_ webhook: Webhook, id: String, body: WebhookBody, at now: Timestamp) async -> Outcome {
        guard let text = try? JSONText.data(body) else { return Outcome(result: .failure(HTTPFault(text: "the body cannot be written"))) }
        return await call(webhook, id: id, body: Array(text), at: now)
    }

    /// Signed anew, with this time.
    func call(_ webhook: Webhook, id: String, body: [UInt8], at now: Timestamp) async -> Outcome {
        let clock = ContinuousClock()
        let began = clock.now
        var outcome = await attempt(webhook, id: id, body: body, at: now)
        outcome.sent = body
        outcome.milliseconds = Int((clock.now - began) / .milliseconds(1))
        return outcome
    }

    private func attempt(_ webhook: Webhook, id: String, body: [UInt8], at now: Timestamp) async -> Outcome {
        let target: HTTPTarget
        switch HTTPTarget.read(webhook.url, allowsPrivateAddresses: webhook.allowsPrivateAddresses) {
        case .success(let read): target = read
        case .failure(let fault): return Outcome(result: .failure(fault))
        }
        let made: Result<WebhookCall, HTTPFault> = Result {
            let secret = WebhookSecret(bytes: try vault.open(webhook.sealedSecret, context: KeyVault.context(webhook: webhook.name)))
            return WebhookCall(id: id, at: now, body: body, secret: secret)
        }.mapError { HTTPFault(text: "\($0)") }
        switch (made, await target.address(addresses)) {
        case (.failure(let fault), _), (_, .failure(let fault)): return Outcome(result: .failure(fault))
        case (.success(let call), .success(let address)):
            let post = HTTPPost(type: "application/json", fields: call.fields, body: call.body)
            let answer = await client.post(post, to: target, at: address)
            return Outcome(address: address, result: answer.flatMap { WebhookSender.judged($0.status) }, answer: try? answer.get())
        }
    }

    /// Only 2xx means that it was taken.
    private static func judged(_ status: Int) -> Result<Int, HTTPFault> {
        switch status {
        case 200...299: .success(status)
        case 300...399: .failure(HTTPFault(text: "answered \(status): redirects are not followed"))
        case 410: .failure(HTTPFault(text: "answered 410: it wants no more calls", isLasting: true))
        default: .failure(HTTPFault(text: "answered \(status)"))
        }
    }
}
