import Console
package import Logging
import NIOPosix
import ServiceLifecycle

/// `postern twin exchange-online`: the SMTP server and its HTTP side, until the program is told to stop.
package struct ExchangeTwinService {
    private let settings: ExchangeTwinSettings
    private let clock: TwinClock
    private let httpPort: Int
    private let logger: Logger
    private let onReady: @Sendable (_ smtpPort: Int, _ httpPort: Int) -> Void

    package init(
        _ settings: ExchangeTwinSettings, clock: TwinClock, httpPort: Int, logger: Logger,
        onReady: @escaping @Sendable (_ smtpPort: Int, _ httpPort: Int) -> Void
    ) {
        self.settings = settings
        self.clock = clock
        self.httpPort = httpPort
        self.logger = logger
        self.onReady = onReady
    }

    package func run() async throws {
        let twin = try await ExchangeTwin.start(settings, clock: clock, group: MultiThreadedEventLoopGroup.singleton)
        let interface = ExchangeTwinInterface(twin)
        let onReady = onReady
        let http = SmallHTTPService(
            address: settings.host, port: httpPort, logger: logger, onRunning: { port in onReady(twin.port, port) },
            answer: { interface.answer($0) })
        do {
            try await http.run()
        } catch {
            await twin.close()
            throw error
        }
        await twin.close()
    }
}

extension ExchangeTwinService: Service {}
