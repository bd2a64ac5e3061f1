package import DeliveryPlanning
import GateCore
import InternetMessage
import MailModel
package import OutboundPolicy

/// One message for a provider's API.
package struct APICall: Sendable {
    package var api: HopAPI
    /// Whose mailbox it leaves from.
    package var mailbox: String
    package var credential: HopPassword?
    package var routeName: String
    package var endpoint: Endpoint
    /// False on this machine's loopback only.
    package var isEncrypted: Bool
    package var content: [UInt8]

    package init(
        _ api: HopAPI, as mailbox: String, _ credential: HopPassword?, ofRoute routeName: String, at endpoint: Endpoint, isEncrypted: Bool,
        content: [UInt8]
    ) {
        self.api = api
        self.mailbox = mailbox
        self.credential = credential
        self.routeName = routeName
        self.endpoint = endpoint
        self.isEncrypted = isEncrypted
        self.content = content
    }
}

extension CallLink {
    /// To a provider's API.
    static func toAPI(_ order: ConnectionOrder, _ api: HopAPI, port: any DeliveryPort) -> CallLink {
        var facts = ConnectionFacts(host: order.endpoint.hostName, address: order.endpoint.address, port: order.endpoint.port)
        facts.tlsVersion = order.tls == .none ? nil : "TLS"
        facts.tlsVerified = order.tls != .none
        return CallLink(order.id, facts: facts, port: port) { [unowned port] link, attempt, content, done in
            let (rewriting, recipients) = (attempt.rewriting, attempt.recipients.map(\.recipient.address))
            port.offLoop({ prepared(content, rewriting, recipients, api) }) { [weak link, unowned port] result in
                guard let link, !link.isClosed else { return }
                switch result {
                case .failure(let failure): done(.failure(failure))
                case .success(let content):
                    let call = APICall(
                        api, as: order.userName ?? "", order.password, ofRoute: order.routeName, at: order.endpoint,
                        isEncrypted: order.tls != .none, content: content)
                    port.handOver(call, completion: done)
                }
            }
        }
    }

    /// Unsigned: the provider makes a message of its own of it, and signs that.
    private static func prepared(
        _ content: [UInt8], _ rewriting: AddressRewriting?, _ recipients: [EmailAddress], _ api: HopAPI
    ) -> Result<[UInt8], DeliveryFailure> {
        var message = rewriting?.applied(to: content) ?? content
        guard case .success(let header) = HeaderSection.scan(message) else {
            return .failure(
                .local(
                    554, EnhancedStatusCode(5, 6, 0), "The header cannot be read, and the API has no envelope", scope: .message,
                    stage: .mail))
        }
        message = RecipientFields.settle(message, header: header, recipients: recipients)
        guard message.count <= api.messageBytesMax else {
            return .failure(
                .local(
                    552, EnhancedStatusCode(5, 3, 4), "The message has \(message.count) octets; \(api.host) takes \(api.messageBytesMax)",
                    scope: .message, stage: .mail))
        }
        return .success(message)
    }
}
