import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
package import NIOSSL

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

/// How the listener listens.
package struct HTTPListenerSettings: Sendable {
    package var address: String
    /// 0 takes any free one.
    package var port: Int
    /// Makes the TLS handler of a new connection; nil for plaintext.
    package var makeTLSHandler: (@Sendable () -> NIOSSLServerHandler)?

    package init(address: String, port: Int, makeTLSHandler: (@Sendable () -> NIOSSLServerHandler)? = nil) {
        self.address = address
        self.port = port
        self.makeTLSHandler = makeTLSHandler
    }
}

/// A request with its peer.
struct ConsoleContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }
}

/// The HTTP listener: the interface under `/v1`, `/health`, `/ready`, `/metrics`, and a page with the gate's state at `/`.
package struct ConsoleService: Sendable {
    private let ports: ConsolePorts
    private let api: APIService?
    private let logger: Logger
    private let settings: HTTPListenerSettings
    private let onRunning: @Sendable (_ port: Int) -> Void

    /// `api`: nil for a listener without it. `onRunning` is told the port.
    package init(
        _ settings: HTTPListenerSettings, ports: ConsolePorts, api: APIService? = nil, logger: Logger,
        onRunning: @escaping @Sendable (_ port: Int) -> Void
    ) {
        self.settings = settings
        self.ports = ports
        self.api = api
        self.logger = logger
        self.onRunning = onRunning
    }

    /// Serves until its task is cancelled or the service group stops.
    package func run() async throws {
        let onRunning = onRunning
        let application = Application(
            responder: responder(), server: server(),
            configuration: .init(
                address: .hostname(settings.address, port: settings.port), serverName: "postern",
                availableConnectionsDelegate: MaximumAvailableConnections(APILimits.connectionsMax)),
            onServerRunning: { channel in onRunning(channel.localAddress?.port ?? 0) }, logger: logger)
        try await application.run()
    }

    private func server() -> HTTPServerBuilder {
        let configuration = HTTP1Channel.Configuration(
            additionalChannelHandlers: [HeadTimeout()],
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: APILimits.headerBytesMax, maxHeaderListSize: APILimits.headerBytesMax,
                maxHeaderFieldCount: APILimits.headersMax))
        let makeHandler = settings.makeTLSHandler
        return HTTPServerBuilder { responder in
            let plain = HTTP1Channel(responder: responder, configuration: configuration)
            guard let makeHandler else { return plain }
            return SecureChannel(base: plain, makeHandler: makeHandler)
        }
    }

    /// The interface has its own way through; the rest are a few pages.
    private func responder() -> CallbackResponder<ConsoleContext> {
        let pages = router().buildResponder()
        let api = api
        let isEncrypted = settings.makeTLSHandler != nil
        return CallbackResponder { request, context in
            var response: Response
            if let api, request.uri.path == "/v1" || request.uri.path.hasPrefix("/v1/") {
                let version = isEncrypted ? try await context.channel.nioSSL_tlsVersion().get() : nil
                let peer = APIPeer(
                    address: context.channel.remoteAddress?.ipAddress, isEncrypted: isEncrypted,
                    tlsVersion: version.map(ConsoleService.name))
                response = await api.respond(to: request, peer: peer, id: context.id)
            } else {
                response = try await pages.respond(to: request, context: context)
            }
            if isEncrypted { response.headers[.strictTransportSecurity] = "max-age=31536000" }
            return response
        }
    }

    /// As submission by SMTP names it.
    private static func name(_ version: TLSVersion) -> String {
        switch version {
        case .tlsv13: "TLSv1.3"
        case .tlsv12: "TLSv1.2"
        default: "\(version)"
        }
    }

    func router() -> Router<ConsoleContext> {
        let router = Router(context: ConsoleContext.self)
        let ports = ports
        router.get("/health") { _, _ in ConsoleService.response(.ok, "text/plain", "ok\n") }
        router.get("/healthz") { _, _ in ConsoleService.response(.ok, "text/plain", "ok\n") }
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
        var headers = SecurityHeaders.fields
        headers[.contentType] = "\(type); charset=utf-8"
        return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(string: body)))
    }
}
