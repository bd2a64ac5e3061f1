import Hummingbird
package import Logging

/// What the pages ask of the gate.
package struct ConsolePorts: Sendable {
    /// Why the gate is not ready to take mail; empty where it is.
    package var problems: @Sendable () async -> [String]
    package var status: @Sendable () async -> StatusPage
    /// Prometheus text.
    package var metrics: @Sendable () -> String

    package init(
        problems: @escaping @Sendable () async -> [String], status: @escaping @Sendable () async -> StatusPage,
        metrics: @escaping @Sendable () -> String
    ) {
        self.problems = problems
        self.status = status
        self.metrics = metrics
    }
}

/// The HTTP listener: `/health`, `/ready`, `/metrics`, and a page with the gate's state at `/`.
package struct ConsoleService: Sendable {
    private let ports: ConsolePorts
    private let logger: Logger
    private let address: String
    private let port: Int
    private let onRunning: @Sendable (_ port: Int) -> Void

    /// `port` 0 takes any free one; `onRunning` is told which.
    package init(
        address: String, port: Int, ports: ConsolePorts, logger: Logger, onRunning: @escaping @Sendable (_ port: Int) -> Void
    ) {
        self.address = address
        self.port = port
        self.ports = ports
        self.logger = logger
        self.onRunning = onRunning
    }

    /// Serves until its task is cancelled or the service group stops.
    package func run() async throws {
        let onRunning = onRunning
        let application = Application(
            router: router(), configuration: .init(address: .hostname(address, port: port), serverName: "postern"),
            onServerRunning: { channel in onRunning(channel.localAddress?.port ?? 0) }, logger: logger)
        try await application.run()
    }

    func router() -> Router<BasicRequestContext> {
        let router = Router()
        let ports = ports
        router.get("/health") { _, _ in ConsoleService.response(.ok, "text/plain", "ok\n") }
        router.get("/ready") { _, _ in
            let problems = await ports.problems()
            guard !problems.isEmpty else { return ConsoleService.response(.ok, "text/plain", "ready\n") }
            return ConsoleService.response(.serviceUnavailable, "text/plain", problems.map { "\($0)\n" }.joined())
        }
        router.get("/metrics") { _, _ in ConsoleService.response(.ok, "text/plain; version=0.0.4", ports.metrics()) }
        router.get("/") { _, _ in ConsoleService.response(.ok, "text/html", await ports.status().html()) }
        return router
    }

    private static func response(_ status: HTTPResponse.Status, _ type: String, _ body: String) -> Response {
        let headers: HTTPFields = [
            .contentType: "\(type); charset=utf-8", .cacheControl: "no-store",
            .contentSecurityPolicy: "default-src 'none'; style-src 'unsafe-inline'",
            .xContentTypeOptions: "nosniff",
        ]
        return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(string: body)))
    }
}
