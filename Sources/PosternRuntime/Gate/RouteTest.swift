import Delivery
import DeliveryPlanning
import MailModel
import NIOCore
import OutboundPolicy
import SMTPProtocol
import SMTPTransport

/// Tries the way to a route's next host, stage by stage, and says what it finds. No message is sent.
struct RouteTest: Sendable {
    let route: Route
    /// The egress source that the route's mail leaves from now.
    let source: EgressSource
    let recipient: EmailAddress?
    let builtIn: Endpoint?
    let resolver: RouteResolver
    let settings: DeliverySettings
    let tlsContexts: ClientTLSContexts
    let eventLoop: any EventLoop
    let password: @Sendable (HopPassword, String) -> String?

    func run() async -> [RouteTestStep] {
        switch await endpoints() {
        case .failure(let failure): return [RouteTestStep(stage: "resolve", ok: false, text: failure.reply.description)]
        case .success(let endpoints):
            var steps = [
                RouteTestStep(
                    stage: "resolve", ok: true,
                    text: endpoints.map { "\($0.hostName) [\($0.address)]:\($0.port)" }.joined(separator: ", "))
            ]
            for endpoint in endpoints {
                let step = await connect(to: endpoint)
                steps.append(step)
                if step.ok { break }
            }
            return steps
        }
    }

    private func endpoints() async -> Result<[Endpoint], DeliveryFailure> {
        let target: ResolveTarget
        switch route.kind {
        case .builtIn: return .success(builtIn.map { [$0] } ?? [])
        case .smarthost(let hop):
            if let address = IPAddress(hop.host) { return .success([Endpoint(hostName: hop.host, address: address, port: hop.port)]) }
            guard let name = DomainName(hop.host) else { return .success([]) }
            target = .host(name, port: hop.port)
        case .mx:
            guard let domain = recipient?.domain else { return .success([]) }
            target = .mx(
                domain, port: settings.port, allowsSpecialAddresses: route.allowsSpecialAddresses || settings.allowsSpecialAddresses)
        }
        switch await resolver.resolve(target) {
        case .endpoints(let endpoints, _): return .success(endpoints)
        case .failed(let failure): return .failure(failure)
        }
    }

    private func sourceAddress(for peer: IPAddress) -> IPAddress? {
        source.isStandard ? settings.sourceAddress.flatMap { $0.isV6 == peer.isV6 ? $0 : nil } : source.localAddress(for: peer)
    }

    private func connect(to endpoint: Endpoint) async -> RouteTestStep {
        var tls = route.tls
        var credentials: SMTPCredentials?
        var isImplicit = false
        if case .smarthost(let hop) = route.kind {
            tls = hop.tls
            isImplicit = hop.isImplicitTLS
            if let user = hop.userName, let secret = hop.password.flatMap({ password($0, route.name) }) {
                credentials = SMTPCredentials(name: user, password: secret)
            }
        }
        if case .builtIn = route.kind { tls = .none }
        var connection = SMTPClientConnectionSettings(
            host: endpoint.hostName, address: endpoint.address, port: endpoint.port,
            machine: SMTPClientSettings(
                helloName: (source.helloName ?? settings.helloName).text, credentials: credentials, serverName: endpoint.hostName),
            tlsContexts: tlsContexts)
        connection.tls = ClientTLS(rawValue: tls.rawValue) ?? .verify
        connection.implicitTLS = isImplicit
        connection.sourceAddress = sourceAddress(for: endpoint.address)
        connection.connectTimeout = settings.connectTimeout
        let prepared = connection
        let loop = eventLoop
        return await withCheckedContinuation { continuation in
            loop.execute {
                let probe = RouteProbe { continuation.resume(returning: $0) }
                probe.connection = SMTPClientConnection.connect(prepared, on: loop, owner: probe)
            }
        }
    }
}

/// Waits until a connection is ready or has failed. Confined to its loop.
private final class RouteProbe: SMTPClientOwner {
    var connection: SMTPClientConnection?
    private var done: ((RouteTestStep) -> Void)?

    init(_ done: @escaping (RouteTestStep) -> Void) { self.done = done }

    private func end(_ step: RouteTestStep) {
        done?(step)
        done = nil
    }

    func ready(_ connection: SMTPClientConnection, _ capabilities: SMTPCapabilities) {
        let tls = connection.facts.tlsVersion.map { "\($0), certificate \(connection.facts.tlsVerified ? "verified" : "not verified")" }
        end(RouteTestStep(stage: "ready", ok: true, text: "The host takes mail (\(tls ?? "plaintext"))"))
        connection.quit()
    }

    func finished(_ connection: SMTPClientConnection, _ results: [RecipientResult], isReusable: Bool) {}

    func failed(_ connection: SMTPClientConnection, _ failure: DeliveryFailure) {
        end(RouteTestStep(stage: failure.stage.rawValue, ok: false, text: failure.reply.description))
    }

    func closed(_ connection: SMTPClientConnection) {
        end(RouteTestStep(stage: "connect", ok: false, text: "The host closed the connection without a word"))
        self.connection = nil
    }
}
