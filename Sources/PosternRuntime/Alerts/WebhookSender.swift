import DNSClient
import MailModel
import OutboundPolicy

/// Calls webhooks: reads the target, resolves it, checks the address, calls exactly that one, and says what became of it.
struct WebhookSender: Sendable {
    let client: WebhookClient
    let vault: KeyVault
    let addresses: @Sendable (DomainName) async -> DNSAnswer<IPAddress>

    struct Outcome: Sendable {
        /// Nil where it did not come to that.
        var address: IPAddress?
        /// The status of an answer that is one.
        var result: Result<Int, WebhookFault>
    }

    func call(_ webhook: Webhook, id: String, body: WebhookBody, at now: Timestamp) async -> Outcome {
        let target: WebhookTarget
        switch WebhookTarget.read(webhook.url, allowsPrivateAddresses: webhook.allowsPrivateAddresses) {
        case .success(let read): target = read
        case .failure(let fault): return Outcome(result: .failure(fault))
        }
        let made: Result<WebhookCall, WebhookFault> = Result {
            let secret = WebhookSecret(bytes: try vault.open(webhook.sealedSecret, context: KeyVault.context(webhook: webhook.name)))
            return WebhookCall(id: id, at: now, body: Array(try JSONText.data(body)), secret: secret)
        }.mapError { WebhookFault(text: "\($0)") }
        switch (made, await address(of: target)) {
        case (.failure(let fault), _), (_, .failure(let fault)): return Outcome(result: .failure(fault))
        case (.success(let call), .success(let address)):
            let answer = await client.post(call, to: target, at: address)
            return Outcome(address: address, result: answer.flatMap(WebhookSender.judged))
        }
    }

    private func address(of target: WebhookTarget) async -> Result<IPAddress, WebhookFault> {
        switch target.host {
        case .address(let address): .success(address)
        case .name(let name): target.address(from: await addresses(name))
        }
    }

    /// Only 2xx means that it was taken.
    private static func judged(_ status: Int) -> Result<Int, WebhookFault> {
        switch status {
        case 200...299: .success(status)
        case 300...399: .failure(WebhookFault(text: "answered \(status): redirects are not followed"))
        case 410: .failure(WebhookFault(text: "answered 410: it wants no more calls", isLasting: true))
        default: .failure(WebhookFault(text: "answered \(status)"))
        }
    }
}
