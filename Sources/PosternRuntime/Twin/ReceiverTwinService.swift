import Console
package import Logging
import NIOPosix
package import ProviderTwin
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

    package func run() async throws {
        let server = try await ReceiverTwinServer.start(
            provider, settings, host: host, port: port, clock: clock, group: MultiThreadedEventLoopGroup.singleton)
        let interface = ReceiverTwinInterface(provider: provider, world: server.world)
        let onReady = onReady
        let http = SmallHTTPService(
            address: host, port: httpPort, logger: logger, onRunning: { port in onReady(server.port, port) },
            answer: { interface.answer($0) })
        do {
            try await http.run()
        } catch {
            await server.close()
            throw error
        }
        await server.close()
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
        if let problem = settings.configure(numbers: numbers) { return .failure(Problem(text: problem)) }
        return .success(
            ReceiverTwinService(
                provider, settings, host: host, port: port, httpPort: httpPort, clock: clock, logger: TwinRun.logger, onReady: onReady))
    }
}

extension ReceiverDemands {
    /// Takes `name=number` texts; the problem, where there is one.
    mutating func configure(numbers: [String]) -> String? {
        for text in numbers {
            let parts = text.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, let number = Int(parts[1]), set(String(parts[0]), number) else {
                let names = ReceiverDemands.names.keys.sorted().joined(separator: ", ")
                return "\(text) is no setting of the twin; they are \(names), each a whole number of 0 or more"
            }
        }
        return nil
    }
}
