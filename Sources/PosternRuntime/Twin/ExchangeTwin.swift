import MailModel
package import NIOCore
package import ProviderTwin
import SMTPProtocol
import SMTPTransport

/// Where a twin of Exchange Online listens.
package struct ExchangeTwinSettings: Sendable {
    /// Loopback: who can reach it can send as anyone of its tenant.
    package var host = "127.0.0.1"
    /// 0 takes a free port.
    package var port = 0
    package var tenant = ExchangeTenant.contoso

    package init() {}
}

/// The twin as a server for submission: STARTTLS with a certificate made at the start, AUTH, and answers of the model.
package final class ExchangeTwin: Sendable {
    private let listener: SMTPListener
    package let world: ExchangeWorld
    /// What clients that check certificates trust, PEM.
    package let certificate: String

    private init(listener: SMTPListener, world: ExchangeWorld, certificate: String) {
        self.listener = listener
        self.world = world
        self.certificate = certificate
    }

    /// Octets of a message that are taken. The service announces 150 MB, and lets a mailbox send 35 MB by default.
    private static let messageBytesMax = 36_700_160

    /// Throws where the port cannot be bound.
    package static func start(_ settings: ExchangeTwinSettings, clock: TwinClock, group: any EventLoopGroup) async throws -> ExchangeTwin {
        guard let hostName = DomainName("localhost") else { preconditionFailure("localhost is a name") }
        let pem = try SelfSignedCertificate.make(hostName: hostName, now: .now)
        let tls = try TLSContextBox(certificatePEM: Array(pem.certificate.utf8), keyPEM: Array(pem.key.utf8))
        let world = ExchangeWorld(settings.tenant, clock: clock)
        var limits = SMTPServerLimits()
        limits.messageBytesMax = messageBytesMax
        var machine = SMTPServerSettings(hostName: ExchangeOnline.frontEnd, limits: limits, offersStartTLS: true, offersAuth: true)
        machine.takesTokens = true
        machine.manner = manner(at: clock.now)
        var listening = SMTPListenerSettings(machine: machine)
        listening.host = settings.host
        listening.port = settings.port
        let listener = try await SMTPListener.start(listening, group: group, tls: tls) { _ in ExchangeTwinSession(world) }
        return ExchangeTwin(listener: listener, world: world, certificate: pem.certificate)
    }

    private static func manner(at now: Timestamp) -> SMTPServerManner {
        SMTPServerManner(
            greeting: "Microsoft ESMTP MAIL Service ready at \(now.rfc5322)", hello: "Hello [127.0.0.1]",
            extensions: [
                "SIZE 157286400", "PIPELINING", "DSN", "ENHANCEDSTATUSCODES", "STARTTLS", "AUTH LOGIN XOAUTH2", "8BITMIME", "CHUNKING",
                "SMTPUTF8",
            ],
            startTLS: SMTPReply(220, EnhancedStatusCode(2, 0, 0), "SMTP server ready"),
            quit: SMTPReply(221, EnhancedStatusCode(2, 0, 0), "Service closing transmission channel"),
            reset: SMTPReply(250, EnhancedStatusCode(2, 0, 0), "Resetting"))
    }

    package var port: Int { listener.localPort }

    package func close() async { await listener.close() }
}
