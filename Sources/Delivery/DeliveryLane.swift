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

    package init(eventLoop: any EventLoop, settings: DeliveryOptions, port: any DeliveryPort) {
        self.eventLoop = eventLoop
        self.settings = settings
        self.port = port
    }

    package var connectionCount: Int { links.count }

    package func connect(_ order: ConnectionOrder) {
        var credentials: SMTPCredentials?
        if let user = order.userName {
            guard let password = order.password.flatMap({ port.password($0, ofRoute: order.routeName) }) else {
                let failure = DeliveryFailure.local(
                    451, EnhancedStatusCode(4, 3, 5), "The password for \(user) at \(order.endpoint.hostName) cannot be read", scope: .host,
                    stage: .auth)
                eventLoop.assumeIsolated().execute { [port] in port.happened(.connectionFailed(order.id, failure)) }
                return
            }
            credentials = SMTPCredentials(name: user, password: password)
        }
        var connection = SMTPClientConnectionSettings(
            host: order.endpoint.hostName, address: order.endpoint.address, port: order.endpoint.port,
            machine: SMTPClientSettings(
                helloName: order.source.helloName?.text ?? settings.helloName, credentials: credentials,
                serverName: order.endpoint.hostName, timeouts: settings.timeouts),
            tlsContexts: settings.tlsContexts)
        connection.tls = ClientTLS(order.tls)
        connection.implicitTLS = order.isImplicitTLS
        connection.sourceAddress = settings.localAddress(of: order.source, for: order.endpoint.address)
        connection.connectTimeout = settings.connectTimeout
        let link = DeliveryLink(id: order.id, port: port) { [weak self] id in self?.links[id] = nil }
        links[order.id] = link
        link.open(connection, on: eventLoop)
    }

    package func attempt(_ order: AttemptOrder) {
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
        link.attempt(order)
    }

    package func close(_ id: ConnectionID) { links[id]?.close() }

    /// Closes all connections; attempts under way end without a result.
    package func abort() {
        for link in links.values { link.abort() }
        links = [:]
    }
}

extension ClientTLS {
    init(_ requirement: TLSRequirement) {
        switch requirement {
        case .none: self = .none
        case .opportunistic: self = .opportunistic
        case .encrypt: self = .encrypt
        case .verify: self = .verify
        }
    }
}
