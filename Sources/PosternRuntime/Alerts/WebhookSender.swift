import DNSClient
import MailModel
import OutboundPolicy

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
    }

    func call(_ webhook: Webhook, id: String, body: WebhookBody, at now: Timestamp) async -> Outcome {
        let target: HTTPTarget
        switch HTTPTarget.read(webhook.url, allowsPrivateAddresses: webhook.allowsPrivateAddresses) {
        case .success(let read): target = read
        case .failure(let fault): return Outcome(result: .failure(fault))
        }
        let made: Result<WebhookCall, HTTPFault> = Result {
            let secret = WebhookSecret(bytes: try vault.open(webhook.sealedSecret, context: KeyVault.context(webhook: webhook.name)))
            return WebhookCall(id: id, at: now, body: Array(try JSONText.data(body)), secret: secret)
        }.mapError { HTTPFault(text: "\($0)") }
        switch (made, await address(of: target)) {
        case (.failure(let fault), _), (_, .failure(let fault)): return Outcome(result: .failure(fault))
        case (.success(let call), .success(let address)):
            let post = HTTPPost(type: "application/json", fields: call.fields, body: call.body)
            let answer = await client.post(post, to: target, at: address)
            return Outcome(address: address, result: answer.flatMap { WebhookSender.judged($0.status) })
        }
    }

    private func address(of target: HTTPTarget) async -> Result<IPAddress, HTTPFault> {
        switch target.host {
        case .address(let address): .success(address)
        case .name(let name): target.address(from: await addresses(name))
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
