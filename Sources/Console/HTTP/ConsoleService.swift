import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
package import NIOSSL

/// What the pages ask of the gate.
package struct ConsolePorts: Sendable {
    /// Why the gate is not ready to take mail; empty where it is.
    package var problems: @Sendable () async -> [String]
    /// Prometheus text.
    package var metrics: @Sendable () -> String
    /// Takes calls of providers below `/feedback/`; nil: there are none.
    package var feedback: (@Sendable (FeedbackRequest) async -> FeedbackReply)?
    /// Answers readers of lists: they sign up, confirm, choose and leave. Nil: there are no such pages.
    package var readers: (@Sendable (PublicRequest) async -> PublicReply)?
    /// What people do about groups by links: what stands behind `/g/`, and the form of a POST, nil for none. Nil: there is no such path.
    package var groups: (@Sendable (_ token: String, _ form: FormValues?) async -> FeedbackReply)?

    package init(
        problems: @escaping @Sendable () async -> [String], metrics: @escaping @Sendable () -> String,
        feedback: (@Sendable (FeedbackRequest) async -> FeedbackReply)? = nil,
        readers: (@Sendable (PublicRequest) async -> PublicReply)? = nil,
        groups: (@Sendable (_ token: String, _ form: FormValues?) async -> FeedbackReply)? = nil
    ) {
        self.readers = readers
        self.groups = groups
        self.problems = problems
        self.metrics = metrics
        self.feedback = feedback
    }
}

/// A provider's call about mail that it carried. Who calls is known by a signature in it, not by a key of ours.
package struct FeedbackRequest: Sendable {
    /// What stands behind `/feedback/`.
    package var provider: String
    /// Names in lower case; of two with one name, the first.
    package var fields: [String: String]
    package var body: [UInt8]
}

package struct FeedbackReply: Sendable {
    package var status: Int
    package var text: String

    package init(status: Int, text: String) {
        self.status = status
        self.text = text
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

/// The HTTP listener: the interface under `/v1`, `/health`, `/ready`, `/metrics`, and the pages at all other paths.
package struct ConsoleService: Sendable {
    private let ports: ConsolePorts
    private let api: APIService?
    private let pages: PageService?
    private let logger: Logger
    private let settings: HTTPListenerSettings
    private let onRunning: @Sendable (_ port: Int) -> Void

    /// `api`, `pages`: nil for a listener without them. `onRunning` is told the port.
    package init(
        _ settings: HTTPListenerSettings, ports: ConsolePorts, api: APIService? = nil, pages: PageService? = nil, logger: Logger,
        onRunning: @escaping @Sendable (_ port: Int) -> Void
    ) {
        self.settings = settings
        self.ports = ports
        self.api = api
        self.pages = pages
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

    /// The interface and the pages have their own way through; the rest are a few texts.
    private func responder() -> CallbackResponder<ConsoleContext> {
        let texts = router().buildResponder()
        let (api, pages, feedback, readers, groups) = (api, pages, ports.feedback, ports.readers, ports.groups)
        let isEncrypted = settings.makeTLSHandler != nil
        return CallbackResponder { request, context in
            var response: Response
            let path = request.uri.path
            let isAPI = path == "/v1" || path.hasPrefix("/v1/")
            if path.hasPrefix("/feedback/"), let feedback {
                response = await ConsoleService.answer(request, feedback)
            } else if PublicPaths.covers(path), let readers {
                response = await PublicPaths.respond(to: request, peer: context.channel.remoteAddress?.ipAddress, by: readers)
            } else if path.hasPrefix("/g/"), let groups {
                response = await ConsoleService.answer(request, below: "/g/", groups)
            } else if isAPI || !ConsoleService.textPaths.contains(path), api != nil || pages != nil {
                let version = isEncrypted ? try await context.channel.nioSSL_tlsVersion().get() : nil
                let peer = APIPeer(
                    address: context.channel.remoteAddress?.ipAddress, isEncrypted: isEncrypted,
                    tlsVersion: version.map(ConsoleService.name))
                if isAPI, let api {
                    response = await api.respond(to: request, peer: peer, id: context.id)
                } else if !isAPI, let pages {
                    response = await pages.respond(to: request, peer: peer, id: context.id)
                } else {
                    response = try await texts.respond(to: request, context: context)
                }
            } else {
                response = try await texts.respond(to: request, context: context)
            }
            if isEncrypted { response.headers[.strictTransportSecurity] = "max-age=31536000" }
            return response
        }
    }

    private static func answer(
        _ request: Request, _ feedback: @Sendable (FeedbackRequest) async -> FeedbackReply
    ) async -> Response {
        guard request.method == .post else { return response(.methodNotAllowed, "text/plain", "POST\n") }
        guard let body = try? await request.body.collect(upTo: feedbackBytesMax) else {
            return response(.contentTooLarge, "text/plain", "too large\n")
        }
        let fields = Dictionary(request.headers.map { ($0.name.canonicalName, $0.value) }, uniquingKeysWith: { first, _ in first })
        let call = FeedbackRequest(
            provider: String(request.uri.path.dropFirst("/feedback/".count)), fields: fields, body: Array(body.readableBytesView))
        let reply = await feedback(call)
        return response(HTTPResponse.Status(code: reply.status), "text/plain", reply.text + "\n")
    }

    /// A mail provider's POST (RFC 8058) brings a form, urlencoded or multipart, and neither cookie nor User-Agent.
    private static func answer(
        _ request: Request, below folder: String, _ take: @Sendable (_ token: String, _ form: FormValues?) async -> FeedbackReply
    ) async -> Response {
        guard [.get, .head, .post].contains(request.method) else { return response(.methodNotAllowed, "text/plain", "GET, POST\n") }
        guard let body = try? await request.body.collect(upTo: linkFormBytesMax) else {
            return response(.contentTooLarge, "text/plain", "too large\n")
        }
        let form = request.method == .post ? FormValues(String(buffer: body)) ?? FormValues() : nil
        let reply = await take(String(request.uri.path.dropFirst(folder.count)), form)
        var page = response(HTTPResponse.Status(code: reply.status), "text/html", reply.text)
        // The page's own form.
        page.headers[.contentSecurityPolicy] =
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
        return page
    }

    private static let linkFormBytesMax = 65_536

    /// SendGrid sends up to a few thousand events at once.
    private static let feedbackBytesMax = 1 << 20

    private static let textPaths: Set<String> = ["/health", "/healthz", "/ready", "/metrics"]

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
        // Where there are no pages yet.
        router.get("/") { _, _ in
            let problems = await ports.problems()
            return ConsoleService.response(.serviceUnavailable, "text/plain", (["Postern"] + problems).map { "\($0)\n" }.joined())
        }
        router.get("/metrics") { _, _ in ConsoleService.response(.ok, "text/plain; version=0.0.4", ports.metrics()) }
        return router
    }

    private static func response(_ status: HTTPResponse.Status, _ type: String, _ body: String) -> Response {
        var headers = SecurityHeaders.fields
        headers[.contentType] = "\(type); charset=utf-8"
        return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(string: body)))
    }
}
