package import Logging
import ServiceLifecycle
import UnixSignals

/// Runs a twin until SIGTERM or SIGINT.
package enum TwinRun {
    package static var logger: Logger { GateLog.logger(level: LogLevel("warning")) }

    package static func run(_ service: ExchangeTwinService) async throws { try await serve(service) }

    package static func run(_ service: TwinWorldService) async throws { try await serve(service) }
    package static func run(_ service: ReceiverTwinService) async throws { try await serve(service) }

    private static func serve(_ service: any Service) async throws {
        var configuration = ServiceGroupConfiguration(
            services: [service], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(5)
        try await ServiceGroup(configuration: configuration).run()
    }
}
