import Console
import Foundation
package import Logging
import MailModel
import NIOPosix
package import ProviderTwin
import SMTPProtocol
import SMTPTransport
import ServiceLifecycle

/// `postern twin gmail|outlook|yahoo|apple|postfix`: a receiver with its HTTP side, until the program is told to stop.
package struct ReceiverTwinService {
    private let provider: ReceiverProvider
    private let settings: ReceiverDemands
    private let host: String
    private let port: Int
    private let httpPort: Int
    private let clock: TwinClock
    private let logger: Logger
    private let onReady: @Sendable (_ smtpPort: Int, _ httpPort: Int) -> Void

    package init(
        _ provider: ReceiverProvider, _ settings: ReceiverDemands, host: String, port: Int, httpPort: Int, clock: TwinClock,
        logger: Logger,
        onReady: @escaping @Sendable (_ smtpPort: Int, _ httpPort: Int) -> Void
    ) {
        (self.provider, self.settings, self.host, self.port) = (provider, settings, host, port)
        (self.httpPort, self.clock, self.logger, self.onReady) = (httpPort, clock, logger, onReady)
    }

    private static let messageBytesMax = 36_700_160

    package func run() async throws {
        guard let name = DomainName("localhost") else { preconditionFailure("localhost is a name") }
        let pem = try SelfSignedCertificate.make(hostName: name, now: .now)
        let tls = try TLSContextBox(certificatePEM: Array(pem.certificate.utf8), keyPEM: Array(pem.key.utf8))
        let world = ProviderWorld(ReceiverTwin(provider, settings), clock: clock)
        var limits = SMTPServerLimits()
        limits.messageBytesMax = ReceiverTwinService.messageBytesMax
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
        let listener = try await SMTPListener.start(listening, group: MultiThreadedEventLoopGroup.singleton, tls: tls) { _ in
            ReceiverTwinSession(world)
        }
        let interface = ReceiverTwinInterface(provider: provider, world: world)
        let (onReady, smtpPort) = (onReady, listener.localPort)
        let http = SmallHTTPService(
            address: host, port: httpPort, logger: logger, onRunning: { port in onReady(smtpPort, port) }, answer: { interface.answer($0) })
        do {
            try await http.run()
        } catch {
            await listener.close()
            throw error
        }
        await listener.close()
    }
}

extension ReceiverTwinService: Service {}

extension ReceiverTwinService {
    /// What is wrong with a command line.
    package struct Problem: Error {
        package var text: String
    }

    /// `numbers`: `name=number`.
    package static func make(
        _ provider: String, numbers: [String], host: String, port: Int, httpPort: Int, clock: TwinClock,
        onReady: @escaping @Sendable (_ smtpPort: Int, _ httpPort: Int) -> Void
    ) -> Result<ReceiverTwinService, Problem> {
        guard let provider = ReceiverProvider(rawValue: provider) else { return .failure(Problem(text: "\(provider) is no provider")) }
        var settings = ReceiverDemands(provider)
        for text in numbers {
            let parts = text.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, let number = Int(parts[1]), settings.set(String(parts[0]), number) else {
                let names = ReceiverDemands.names.keys.sorted().joined(separator: ", ")
                return .failure(Problem(text: "\(text) is no setting of the twin; they are \(names), each a whole number of 0 or more"))
            }
        }
        return .success(
            ReceiverTwinService(
                provider, settings, host: host, port: port, httpPort: httpPort, clock: clock, logger: TwinRun.logger, onReady: onReady))
    }
}
