import Delivery
import DeliveryPlanning
import MailModel
import NIOCore
import OutboundPolicy
import SMTPProtocol
import SMTPTransport

/// Looks at the TLS of a domain's mail hosts, up to where a message could begin. Nothing is sent.
struct TLSProbe: Sendable {
    let resolver: RouteResolver
    let settings: DeliverySettings
    let tlsContexts: ClientTLSContexts
    let eventLoop: any EventLoop

    private static let hostsMax = 5

    func check(_ domain: DomainName) async -> TLSCheck {
        let found = await resolver.look(at: domain, port: settings.port, allowsSpecialAddresses: settings.allowsSpecialAddresses)
        var check = TLSCheck(of: domain, found.knowledge, found.resolution)
        guard case .endpoints(let endpoints, let site) = found.resolution else { return check }
        var seen: Set<String> = []
        for endpoint in endpoints where seen.insert(endpoint.hostName).inserted && seen.count <= TLSProbe.hostsMax {
            switch TLSPlan.apply(found.knowledge, to: .endpoints([endpoint], site: site), of: domain) {
            case .failed(let failure): check.add(TLSCheck.Host(refused: endpoint, failure))
            case .endpoints(let usable, _):
                for endpoint in usable {
                    var host = TLSCheck.Host(endpoint)
                    let (facts, failure) = await connect(to: endpoint)
                    host.found(facts, failure)
                    check.add(host)
                }
            }
        }
        return check
    }

    private func connect(to endpoint: Endpoint) async -> (ConnectionFacts, DeliveryFailure?) {
        var connection = SMTPClientConnectionSettings(
            host: endpoint.hostName, address: endpoint.address, port: endpoint.port,
            machine: SMTPClientSettings(
                helloName: settings.helloName.text, serverName: endpoint.hostName, timeouts: SMTPClientTimeouts().scaled(by: 0.1)),
            tlsContexts: tlsContexts)
        connection.tls = ClientTLS(.opportunistic, endpoint.tls)
        connection.demand = endpoint.tls?.demand ?? .route
        connection.connectTimeout = min(settings.connectTimeout, .seconds(10))
        let prepared = connection
        let loop = eventLoop
        return await withCheckedContinuation { continuation in
            loop.execute {
                let owner = TLSProbeOwner { continuation.resume(returning: ($0, $1)) }
                owner.connection = SMTPClientConnection.connect(prepared, on: loop, owner: owner)
            }
        }
    }
}

/// Waits until a connection is ready or has failed. Confined to its loop.
private final class TLSProbeOwner: SMTPClientOwner {
    var connection: SMTPClientConnection?
    private var done: ((ConnectionFacts, DeliveryFailure?) -> Void)?

    init(_ done: @escaping (ConnectionFacts, DeliveryFailure?) -> Void) { self.done = done }

    private func end(_ facts: ConnectionFacts, _ failure: DeliveryFailure?) {
        done?(facts, failure)
        done = nil
    }

    func ready(_ connection: SMTPClientConnection, _ capabilities: SMTPCapabilities) {
        end(connection.facts, nil)
        connection.quit()
    }

    func finished(_ connection: SMTPClientConnection, _ results: [RecipientResult], isReusable: Bool) {}

    func failed(_ connection: SMTPClientConnection, _ failure: DeliveryFailure) { end(connection.facts, failure) }

    func closed(_ connection: SMTPClientConnection) {
        end(
            connection.facts,
            .local(451, EnhancedStatusCode(4, 4, 2), "The host closed the connection without a word", scope: .host, stage: .greeting))
        self.connection = nil
    }
}
