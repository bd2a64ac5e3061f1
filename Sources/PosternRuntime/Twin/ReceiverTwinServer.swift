import MailModel
import NIOCore
import ProviderTwin
import SMTPProtocol
import SMTPTransport

/// A receiver as a server: STARTTLS with a certificate made at the start, and answers of the model.
struct ReceiverTwinServer: Sendable {
    let provider: ReceiverProvider
    let listener: SMTPListener
    let world: ProviderWorld

    private static let messageBytesMax = 36_700_160

    /// `names`: records by which SPF, DKIM and DMARC are evaluated; nil: all mail passes. `returns`: nil: nothing comes back. Throws where the port cannot be bound.
    static func start(
        _ provider: ReceiverProvider, _ settings: ReceiverDemands, host: String, port: Int, clock: TwinClock, names: TwinNames? = nil,
        returns: TwinReturns? = nil, group: any EventLoopGroup
    ) async throws -> ReceiverTwinServer {
        guard let name = DomainName("localhost") else { preconditionFailure("localhost is a name") }
        let pem = try SelfSignedCertificate.make(hostName: name, now: .now)
        let tls = try TLSContextBox(certificatePEM: Array(pem.certificate.utf8), keyPEM: Array(pem.key.utf8))
        let world = ProviderWorld(ReceiverTwin(provider, settings), clock: clock, names: names, returns: returns)
        var limits = SMTPServerLimits()
        limits.messageBytesMax = messageBytesMax
        var machine = SMTPServerSettings(hostName: provider.hostName, limits: limits, offersStartTLS: true)
        machine.manner = SMTPServerManner(
            greeting: "ESMTP", hello: "at your service",
            extensions: [
                "SIZE \(limits.messageBytesMax)", "8BITMIME", "STARTTLS", "ENHANCEDSTATUSCODES", "PIPELINING", "CHUNKING", "SMTPUTF8",
            ],
            startTLS: SMTPReply(220, EnhancedStatusCode(2, 0, 0), "Ready to start TLS"),
            quit: SMTPReply(221, EnhancedStatusCode(2, 0, 0), "closing connection"),
            reset: SMTPReply(250, EnhancedStatusCode(2, 1, 5), "Flushed"))
        var listening = SMTPListenerSettings(machine: machine)
        (listening.host, listening.port) = (host, port)
        let listener = try await SMTPListener.start(listening, group: group, tls: tls) { _ in ReceiverTwinSession(world) }
        return ReceiverTwinServer(provider: provider, listener: listener, world: world)
    }

    var port: Int { listener.localPort }
    func close() async { await listener.close() }
}
