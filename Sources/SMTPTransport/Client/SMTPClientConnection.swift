import Glibc
package import MailModel
package import NIOCore
import NIOPosix
package import SMTPProtocol

/// Where one connection goes, and how.
package struct SMTPClientConnectionSettings: Sendable {
    /// The name that the certificate must be for, sent as SNI and shown in the trace.
    package var host: String
    /// Nil: the system resolves `host`.
    package var address: IPAddress?
    /// 1…65535.
    package var port: Int
    /// Our address to connect from; nil: the system chooses.
    package var sourceAddress: IPAddress?
    /// The proxy that connects for us; `address` has to be known then.
    package var proxy: ClientProxy?
    /// TLS from the first octet (port 465), in place of STARTTLS.
    package var implicitTLS = false
    /// With `implicitTLS`, `none` and `opportunistic` mean any certificate.
    package var tls = ClientTLS.opportunistic
    /// Why that much, for the trace.
    package var demand = TLSDemand.route
    /// Why TLS came to nothing on the connection before, of which this one is the second try; nil for any other.
    package var failedTLS: String?
    /// Its `tls` is set from the two above, whatever it says.
    package var machine: SMTPClientSettings
    /// For the TCP connection, and again for the handshake of implicit TLS.
    package var connectTimeout = Duration.seconds(30)
    package var tlsContexts: ClientTLSContexts

    package init(host: String, address: IPAddress?, port: Int, machine: SMTPClientSettings, tlsContexts: ClientTLSContexts) {
        self.host = host
        self.address = address
        self.port = port
        self.machine = machine
        self.tlsContexts = tlsContexts
    }
}

/// A proxy that makes the connection to a host.
package struct ClientProxy: Sendable {
    package enum Kind: Sendable {
        case socks5(SMTPCredentials?)
        /// The address to leave from; nil: HAProxy chooses.
        case haproxy(from: IPAddress?)
    }

    package var kind: Kind
    package var address: IPAddress
    package var port: Int

    package init(_ kind: Kind, address: IPAddress, port: Int) {
        self.kind = kind
        self.address = address
        self.port = port
    }
}

extension SMTPClientConnectionSettings {
    var machineTLS: TLSMode {
        if implicitTLS { return .implicit }
        return switch tls {
        case .none: .none
        case .opportunistic: .opportunistic
        case .encrypt, .verify, .dane: .required
        }
    }
}

/// Who uses a connection. All calls come on its event loop.
package protocol SMTPClientOwner: AnyObject {
    /// Greeting, EHLO, TLS and sign-in are done; `begin` may be called. Once for a connection.
    func ready(_ connection: SMTPClientConnection, _ capabilities: SMTPCapabilities)
    /// A transaction ended: a result for each recipient, in order. `begin` may be called again where `isReusable`; otherwise it closes.
    func finished(_ connection: SMTPClientConnection, _ results: [RecipientResult], isReusable: Bool)
    /// The connection failed before a transaction, and closes. A failure within one comes as its results.
    func failed(_ connection: SMTPClientConnection, _ failure: DeliveryFailure)
    /// It is gone. The last call, once; the only one after `abort`.
    func closed(_ connection: SMTPClientConnection)
}

/// A connection to a next host, from before it stands until it is gone.
///
/// `@unchecked`: only the event loop touches its state, which each method asserts; it may be captured in order to come back to that loop.
package final class SMTPClientConnection: @unchecked Sendable {
    package let eventLoop: any EventLoop
    /// With whom, and how safely, it talks; filled as that becomes known.
    package internal(set) var facts: ConnectionFacts
    private let handler: SMTPClientHandler
    private let settings: SMTPClientConnectionSettings

    private init(_ settings: SMTPClientConnectionSettings, on eventLoop: any EventLoop, owner: any SMTPClientOwner) {
        self.settings = settings
        self.eventLoop = eventLoop
        facts = ConnectionFacts(host: settings.host, address: settings.address, port: settings.port)
        if let reason = settings.failedTLS {
            facts.tls = TLSDetail(demand: settings.demand, fault: .validationFailure, reason: reason)
        }
        handler = SMTPClientHandler(settings, owner: owner)
    }

    /// Connects. Call on `eventLoop`; the owner is told there, never from within this call.
    package static func connect(
        _ settings: SMTPClientConnectionSettings, on eventLoop: any EventLoop, owner: any SMTPClientOwner
    ) -> SMTPClientConnection {
        eventLoop.assertInEventLoop()
        let connection = SMTPClientConnection(settings, on: eventLoop, owner: owner)
        connection.handler.connection = connection
        connection.open()
        return connection
    }

    /// For tests: the handler of a connection whose channel the test makes.
    static func unconnected(
        _ settings: SMTPClientConnectionSettings, on eventLoop: any EventLoop, owner: any SMTPClientOwner
    ) -> (SMTPClientConnection, SMTPClientHandler) {
        let connection = SMTPClientConnection(settings, on: eventLoop, owner: owner)
        connection.handler.connection = connection
        return (connection, connection.handler)
    }

    /// True where `begin` may be called.
    package var isReady: Bool { handler.isReady }

    /// Sends one message. Only when ready: after `ready`, or a `finished` that says it is reusable.
    package func begin(_ transaction: ClientTransaction) {
        eventLoop.assertInEventLoop()
        handler.begin(transaction)
    }

    /// Says QUIT and closes. Meant for a connection that is ready: a transaction under way ends with failures.
    package func quit() {
        eventLoop.assertInEventLoop()
        handler.quit()
    }

    /// Closes without a word; a transaction under way gets no result.
    package func abort() {
        eventLoop.assertInEventLoop()
        handler.abort()
    }

    private func open() {
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(TimeAmount(settings.connectTimeout))
        let connected: EventLoopFuture<any Channel>
        do {
            let source = try settings.sourceAddress.map { try SocketAddress(ipAddress: $0.description, port: 0) }
            let bound = source.map { bootstrap.bind(to: $0) } ?? bootstrap
            if let proxy = settings.proxy, let address = settings.address {
                let target = try SocketAddress(ipAddress: proxy.address.description, port: proxy.port)
                connected = bound.channelInitializer { channel in self.addHandlers(channel, proxy, to: address) }.connect(to: target)
            } else if let address = settings.address {
                let target = try SocketAddress(ipAddress: address.description, port: settings.port)
                connected = bound.channelInitializer(addHandler).connect(to: target)
            } else {
                // Several addresses may be tried side by side; the handler goes to the one that won, which reads nothing before.
                connected = bound.channelOption(.autoRead, value: false).connect(host: settings.host, port: settings.port)
                    .flatMap { channel in self.addHandler(channel).flatMap { channel.setOption(.autoRead, value: true) }.map { channel } }
            }
        } catch {
            connected = eventLoop.makeFailedFuture(error)
        }
        connected.whenFailure { error in
            // Out of the caller's stack also where the failure was known at once.
            self.eventLoop.execute { self.handler.connectFailed(self.connectFailure(error)) }
        }
    }

    @Sendable private func addHandler(_ channel: any Channel) -> EventLoopFuture<Void> {
        channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(self.handler) }
    }

    @Sendable private func addHandlers(_ channel: any Channel, _ proxy: ClientProxy, to address: IPAddress) -> EventLoopFuture<Void> {
        channel.eventLoop.makeCompletedFuture {
            let before = ProxyHandshakeHandler(
                proxy, to: address, port: settings.port, timeout: TimeAmount(settings.connectTimeout),
                failed: { text in self.handler.proxyFailed(self.proxyFailure(text, proxy)) })
            try channel.pipeline.syncOperations.addHandlers([before, self.handler])
        }
    }

    private func proxyFailure(_ text: String, _ proxy: ClientProxy) -> DeliveryFailure {
        .local(
            451, EnhancedStatusCode(4, 4, 1),
            "The proxy [\(proxy.address)] port \(proxy.port) does not connect to \(settings.host): \(text)", scope: .host, stage: .connect)
    }

    private func connectFailure(_ error: any Error) -> DeliveryFailure {
        if let proxy = settings.proxy { return proxyFailure(connectErrorWords(error, settings.connectTimeout), proxy) }
        let target = settings.address.map { "\(settings.host) [\($0)]" } ?? settings.host
        let text = "Cannot connect to \(target) port \(settings.port): \(connectErrorWords(error, settings.connectTimeout))"
        return .local(451, EnhancedStatusCode(4, 4, 1), text, scope: .host, stage: .connect)
    }
}

/// The cause of a connection that did not come to be, for the person who reads the trace.
private func connectErrorWords(_ error: any Error, _ timeout: Duration) -> String {
    switch error {
    case let error as ChannelError:
        if case .connectTimeout = error { return "no answer within \(timeout)" }
        return "\(error)"
    case let error as IOError: return error.errorWords
    case let error as NIOConnectionError:
        if let first = error.connectionErrors.first { return connectErrorWords(first.error, timeout) }
        return "the name cannot be resolved"
    default: return "\(error)"
    }
}

extension IOError {
    /// The system's words for the error number: `Connection refused`.
    fileprivate var errorWords: String { strerror(errnoCode).map { String(cString: $0) } ?? "error \(errnoCode)" }
}
