package import DeliveryPlanning
import GateCore
package import MailModel
package import NIOCore
package import OutboundPolicy
package import SMTPProtocol
package import SMTPTransport

/// What all connections to next hosts have in common.
package struct DeliveryOptions: Sendable {
    /// Our name in EHLO, where the egress source has none.
    package var helloName: String
    /// Of the default egress source; nil: the system chooses.
    package var sourceAddress: IPAddress?
    package var connectTimeout: Duration
    package var timeouts: SMTPClientTimeouts
    package var tlsContexts: ClientTLSContexts
    package var bulk = BulkMarks()

    package init(
        helloName: String, sourceAddress: IPAddress?, connectTimeout: Duration, timeouts: SMTPClientTimeouts = SMTPClientTimeouts(),
        tlsContexts: ClientTLSContexts
    ) {
        self.helloName = helloName
        self.sourceAddress = sourceAddress
        self.connectTimeout = connectTimeout
        self.timeouts = timeouts
        self.tlsContexts = tlsContexts
    }

    /// The address to connect to `peer` from; nil: the system chooses.
    package func localAddress(of source: EgressSource, for peer: IPAddress) -> IPAddress? {
        source.isStandard ? sourceAddress.flatMap { $0.isV6 == peer.isV6 ? $0 : nil } : source.localAddress(for: peer)
    }
}

/// The connections of one event loop: does what the queue orders, and tells it what came of it. Confined to its loop.
package final class DeliveryLane {
    private let eventLoop: any EventLoop
    /// For connections that are begun from now on.
    package var settings: DeliveryOptions
    private unowned let port: any DeliveryPort
    private var links: [ConnectionID: DeliveryLink] = [:]
    private var callLinks: [ConnectionID: CallLink] = [:]
    /// Connections that wait for a token before they are begun.
    private var waiting: Set<ConnectionID> = []

    package init(eventLoop: any EventLoop, settings: DeliveryOptions, port: any DeliveryPort) {
        self.eventLoop = eventLoop
        self.settings = settings
        self.port = port
    }

    package var connectionCount: Int { links.count + callLinks.count + waiting.count }

    package func connect(_ order: ConnectionOrder) {
        guard let user = order.userName else { return open(order, nil) }
        signIn(order, user, refused: nil)
    }

    /// `refused`: a token that the host has refused on this connection's first try.
    private func signIn(_ order: ConnectionOrder, _ user: String, refused: String?) {
        waiting.insert(order.id)
        port.credentials(of: user, order.password, ofRoute: order.routeName, refused: refused) { [weak self] result in
            guard let self, self.waiting.remove(order.id) != nil else { return }
            switch result {
            case .success(let credentials): self.open(order, credentials, isSecondTry: refused != nil)
            case .failure(let failure):
                self.eventLoop.assumeIsolated().execute { [port = self.port] in port.happened(.connectionFailed(order.id, failure)) }
            }
        }
    }

    private func open(_ order: ConnectionOrder, _ link: CallLink) {
        callLinks[order.id] = link
        eventLoop.assumeIsolated().execute { [port] in port.happened(.connectionReady(order.id)) }
    }

    private func open(_ order: ConnectionOrder, _ credentials: SMTPCredentials?, isSecondTry: Bool = false) {
        if let api = order.api { return open(order, .toAPI(order, api, port: port)) }
        if order.routeName == Route.groupDeskName { return open(order, .toGroups(order, port: port)) }
        guard let proxy = order.source.proxy else { return open(order, credentials, isSecondTry, by: nil) }
        signIn(at: proxy, order) { [weak self] result in
            switch result {
            case .success(let kind):
                self?.open(order, credentials, isSecondTry, by: ClientProxy(kind, address: proxy.address, port: proxy.port))
            case .failure(let failure):
                self?.eventLoop.assumeIsolated().execute { [port = self?.port] in port?.happened(.connectionFailed(order.id, failure)) }
            }
        }
    }

    private func signIn(
        at proxy: EgressProxy, _ order: ConnectionOrder, _ done: @escaping (Result<ClientProxy.Kind, DeliveryFailure>) -> Void
    ) {
        guard proxy.kind == .socks5 else {
            return done(.success(.haproxy(from: order.endpoint.address.isV6 ? order.source.ipv6 : order.source.ipv4)))
        }
        guard let user = proxy.userName, let password = proxy.sealedPassword else { return done(.success(.socks5(nil))) }
        waiting.insert(order.id)
        let route = EgressSource.secretRoute(order.source.name)
        port.credentials(of: user, .sealed(password), ofRoute: route, refused: nil) { [weak self] result in
            guard let self, self.waiting.remove(order.id) != nil else { return }
            done(result.map { .socks5($0) })
        }
    }

    private func open(_ order: ConnectionOrder, _ credentials: SMTPCredentials?, _ isSecondTry: Bool, by proxy: ClientProxy?) {
        var connection = SMTPClientConnectionSettings(
            host: order.endpoint.hostName, address: order.endpoint.address, port: order.endpoint.port,
            machine: SMTPClientSettings(
                helloName: order.source.helloName?.text ?? settings.helloName, credentials: credentials,
                serverName: order.endpoint.hostName, timeouts: settings.timeouts),
            tlsContexts: settings.tlsContexts)
        connection.tls = ClientTLS(order.tls, order.endpoint.tls)
        connection.demand = order.endpoint.tls?.demand ?? .route
        connection.failedTLS = order.failedTLS
        connection.implicitTLS = order.isImplicitTLS
        connection.sourceAddress = settings.localAddress(of: order.source, for: order.endpoint.address)
        connection.proxy = proxy
        connection.connectTimeout = settings.connectTimeout
        let link = DeliveryLink(order, port: port) { [weak self] link in
            guard let self, self.links[order.id] === link else { return }
            self.links[order.id] = nil
        }
        if let credentials, let token = credentials.token, !isSecondTry {
            // A token may be withdrawn before its time; a fresh one is tried once.
            link.whenSignInIsRefused = { [weak self] in
                self?.links[order.id] = nil
                self?.signIn(order, credentials.name, refused: token)
            }
        }
        links[order.id] = link
        link.open(connection, on: eventLoop)
    }

    package func attempt(_ order: AttemptOrder) {
        if let link = callLinks[order.connection] { return link.attempt(order) }
        guard let link = links[order.connection] else {
            // It closed in the moment that the queue gave it work.
            let failure = DeliveryFailure.local(
                451, EnhancedStatusCode(4, 4, 2), "The connection was closed before the message began", scope: .host, stage: .mail)
            port.happened(
                .attemptEnded(
                    order.connection, order.recipients.map { _ in .failed(failure) }, isReusable: false, reportsSuccessItself: false,
                    facts: ConnectionFacts()))
            return
        }
        link.attempt(order, settings.bulk)
    }

    package func close(_ id: ConnectionID) {
        waiting.remove(id)
        callLinks.removeValue(forKey: id)?.close()
        links[id]?.close()
    }

    /// Closes all connections; attempts under way end without a result.
    package func abort() {
        for link in links.values { link.abort() }
        for link in callLinks.values { link.close() }
        links = [:]
        callLinks = [:]
        waiting = []
    }
}

extension ClientTLS {
    /// What the route asks for, or the host has to show, whichever is more.
    package init(_ requirement: TLSRequirement, _ host: HostTLS?) {
        switch host?.demand {
        case .dane?: self = .dane(host?.records ?? [], names: host?.names ?? [])
        case .stsEnforce?, .requireTLS?: self = .verify
        case .daneUnusable?, .remembered?: self = requirement == .verify ? .verify : .encrypt
        case .route?, .stsTesting?, .waived?, nil: self.init(requirement)
        }
    }

    private init(_ requirement: TLSRequirement) {
        switch requirement {
        case .none: self = .none
        case .opportunistic: self = .opportunistic
        case .encrypt: self = .encrypt
        case .verify: self = .verify
        }
    }
}
