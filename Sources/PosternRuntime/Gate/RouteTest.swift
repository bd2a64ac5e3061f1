import Delivery
import DeliveryPlanning
import MailModel
import NIOCore
import OutboundPolicy
import SMTPProtocol
import SMTPTransport

/// Tries the way to a route's next host, stage by stage, and says what it finds. No message is sent: with an envelope, the host is asked for
/// sender and recipient, and then told RSET.
struct RouteTest: Sendable {
    let route: Route
    /// The egress source that the route's mail leaves from now.
    let source: EgressSource
    let recipient: EmailAddress?
    /// True where sign-in is not the end: sender and recipient are asked for too.
    var asksForEnvelope = false
    /// Nil: the name as which the route signs in.
    var sender: EmailAddress?
    let builtIn: Endpoint?
    let resolver: RouteResolver
    let settings: DeliverySettings
    let tlsContexts: ClientTLSContexts
    let eventLoop: any EventLoop
    let password: @Sendable (HopPassword, String) -> String?
    let token: @Sendable (TokenOrder) async -> Result<AccessToken, TokenFault>
    let web: OutboundHTTP

    func run() async -> [RouteTestStep] {
        switch await endpoints() {
        case .failure(let failure) where failure.reply.enhancedCode?.subject == 7:
            return [RouteTLSStep.refused(failure, recipient?.domain)]
        case .failure(let failure): return [RouteTestStep(stage: "resolve", ok: false, text: failure.reply.description)]
        case .success(let endpoints):
            var steps = [
                RouteTestStep(
                    stage: "resolve", ok: true,
                    text: endpoints.map { "\($0.hostName) [\($0.address)]:\($0.port)" }.joined(separator: ", "))
            ]
            let credentials: SMTPCredentials?
            switch await signIn() {
            case .failure(let fault):
                return steps + [RouteTestStep(stage: "token", ok: false, text: "\(fault.code): \(fault.text)", advice: fault.advice)]
            case .success(let found): credentials = found
            }
            if credentials?.token != nil { steps.append(RouteTestStep(stage: "token", ok: true, text: "The token endpoint gave a token")) }
            for endpoint in endpoints {
                if let hop, let api = hop.api, let token = credentials?.token {
                    return steps + [await call(api, hop, token, at: endpoint)]
                }
                let found = await connect(to: endpoint, credentials)
                steps += found
                if found.allSatisfy(\.ok) { break }
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

    private func proxy(to peer: IPAddress) -> ClientProxy? {
        guard let proxy = source.proxy else { return nil }
        guard proxy.kind == .socks5 else {
            return ClientProxy(.haproxy(from: peer.isV6 ? source.ipv6 : source.ipv4), address: proxy.address, port: proxy.port)
        }
        let secret = proxy.sealedPassword.flatMap { password(.sealed($0), EgressSource.secretRoute(source.name)) }
        let credentials = proxy.userName.flatMap { name in secret.map { SMTPCredentials(name: name, password: $0) } }
        return ClientProxy(.socks5(credentials), address: proxy.address, port: proxy.port)
    }

    private var hop: NextHop? { if case .smarthost(let hop) = route.kind { hop } else { nil } }

    /// Nil where the route does not sign in. A token is fetched now, so that what is found is true now.
    private func signIn() async -> Result<SMTPCredentials?, TokenFault> {
        guard let hop, let user = hop.userName, let kept = hop.password else { return .success(nil) }
        guard case .oauth(let credential) = kept else {
            guard let secret = password(kept, route.name) else { return .failure(.missingSecret) }
            return .success(SMTPCredentials(name: user, password: secret))
        }
        let token = await token(TokenOrder(route: route.name, mailbox: user, credential: credential))
        return token.map { SMTPCredentials(name: user, token: $0.value) }
    }

    /// Sender and recipient to ask for; nil where that is not wanted, or nobody is known.
    private var envelope: ClientTransaction? {
        let mailbox = hop?.userName.flatMap { EmailAddress($0) }
        guard asksForEnvelope, let sender = sender ?? mailbox, let recipient = recipient ?? mailbox else { return nil }
        var transaction = ClientTransaction(
            reversePath: .address(sender), recipients: [EnvelopeRecipient(recipient)], content: [])
        transaction.isEnvelopeOnly = true
        return transaction
    }

    /// A call without a message, which an API that would take one refuses for that only.
    private func call(_ api: HopAPI, _ hop: NextHop, _ token: String, at endpoint: Endpoint) async -> RouteTestStep {
        let mailbox = sender.map(\.key).flatMap(hop.identity(named:))?.userName ?? hop.userName ?? ""
        let call = ProviderCall(
            APICall(api, as: mailbox, hop.password, ofRoute: route.name, at: endpoint, isEncrypted: hop.tls != .none, content: []),
            token: token)
        let loop = eventLoop
        let web = web
        let result = await withCheckedContinuation { continuation in
            loop.execute { call.begin(by: web, on: loop) { continuation.resume(returning: $0) } }
        }
        switch result {
        case .failure(let failure): return RouteTestStep(stage: "connect", ok: false, text: failure.reply.description)
        case .success(let answer) where answer.status == 400 && !answer.code.lowercased().contains("precondition"):
            return RouteTestStep(stage: "ready", ok: true, text: "The API takes calls for \(mailbox)")
        case .success(let answer):
            guard case .failure(let failure) = APIReply.result(answer, of: api) else {
                return RouteTestStep(stage: "ready", ok: true, text: "The API takes calls for \(mailbox)")
            }
            return RouteTestStep(
                stage: failure.stage.rawValue, ok: false, text: failure.reply.description,
                advice: PreflightAdvice(hop: hop, claims: TokenClaims(token), sender: mailbox).text(for: failure))
        }
    }

    private func connect(to endpoint: Endpoint, _ credentials: SMTPCredentials?) async -> [RouteTestStep] {
        var tls = route.tls
        var isImplicit = false
        if let hop {
            tls = hop.tls
            isImplicit = hop.isImplicitTLS
        }
        if case .builtIn = route.kind { tls = .none }
        var connection = SMTPClientConnectionSettings(
            host: endpoint.hostName, address: endpoint.address, port: endpoint.port,
            machine: SMTPClientSettings(
                helloName: (source.helloName ?? settings.helloName).text, credentials: credentials, serverName: endpoint.hostName),
            tlsContexts: tlsContexts)
        connection.tls = ClientTLS(tls, endpoint.tls)
        connection.demand = endpoint.tls?.demand ?? .route
        connection.implicitTLS = isImplicit
        connection.sourceAddress = sourceAddress(for: endpoint.address)
        connection.proxy = proxy(to: endpoint.address)
        connection.connectTimeout = settings.connectTimeout
        let prepared = connection
        let loop = eventLoop
        let envelope = envelope
        let tlsStep = RouteTLSStep(requirement: tls, endpoint: endpoint, domain: hop == nil ? recipient?.domain : nil)
        let advice = hop.map {
            PreflightAdvice(hop: $0, claims: credentials?.token.flatMap(TokenClaims.init), sender: envelope?.reversePath.description)
        }
        return await withCheckedContinuation { continuation in
            loop.execute {
                let probe = RouteProbe(envelope, advice, tlsStep) { continuation.resume(returning: $0) }
                probe.connection = SMTPClientConnection.connect(prepared, on: loop, owner: probe)
            }
        }
    }
}

/// Waits until a connection is ready or has failed, and asks for an envelope where one is given. Confined to its loop.
private final class RouteProbe: SMTPClientOwner {
    var connection: SMTPClientConnection?
    private let envelope: ClientTransaction?
    private let advice: PreflightAdvice?
    private let tls: RouteTLSStep
    /// What went well so far.
    private var steps: [RouteTestStep] = []
    private var done: (([RouteTestStep]) -> Void)?

    init(
        _ envelope: ClientTransaction?, _ advice: PreflightAdvice?, _ tls: RouteTLSStep, _ done: @escaping ([RouteTestStep]) -> Void
    ) {
        self.envelope = envelope
        self.advice = advice
        self.tls = tls
        self.done = done
    }

    private func end(_ step: RouteTestStep?) {
        done?(steps + (step.map { [$0] } ?? []))
        done = nil
    }

    private var senderTaken: RouteTestStep {
        RouteTestStep(stage: "mail", ok: true, text: "The sender \(envelope?.reversePath.description ?? "") is taken")
    }

    private func end(_ failure: DeliveryFailure) {
        end(
            RouteTestStep(
                stage: failure.stage.rawValue, ok: false, text: failure.reply.description, advice: advice?.text(for: failure)))
    }

    func ready(_ connection: SMTPClientConnection, _ capabilities: SMTPCapabilities) {
        steps.append(tls.met(connection.facts))
        steps.append(RouteTestStep(stage: "ready", ok: true, text: "The host takes mail"))
        if let envelope {
            connection.begin(envelope)
        } else {
            end(nil as RouteTestStep?)
            connection.quit()
        }
    }

    func finished(_ connection: SMTPClientConnection, _ results: [RecipientResult], isReusable: Bool) {
        switch results.first {
        case .delivered(let reply)?:
            steps.append(senderTaken)
            end(RouteTestStep(stage: "recipient", ok: true, text: reply.description))
        case .failed(let failure)?:
            if failure.stage == .recipient { steps.append(senderTaken) }
            end(failure)
        case nil: end(nil as RouteTestStep?)
        }
        if isReusable { connection.quit() }
    }

    func failed(_ connection: SMTPClientConnection, _ failure: DeliveryFailure) {
        guard failure.stage == .startTLS else {
            // What comes after the handshake has shown that it went well.
            if failure.stage == .auth { steps.append(tls.met(connection.facts)) }
            return end(failure)
        }
        end(tls.failed(failure, connection.facts))
    }

    func closed(_ connection: SMTPClientConnection) {
        end(RouteTestStep(stage: "connect", ok: false, text: "The host closed the connection without a word"))
        self.connection = nil
    }
}
