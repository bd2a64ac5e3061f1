import HTTPTypes
import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore

/// A whole request with a small body.
package struct SmallRequest: Sendable {
    package var method: String
    /// Without the query, percent signs decoded part by part.
    package var path: [String]
    package var query: [String: String]
    package var body: [UInt8]
    /// Empty where none was sent.
    package var contentType: String
    /// Of a browser; nil where none was sent.
    package var origin: String?
    package var host: String

    /// A body of `application/x-www-form-urlencoded`; of several fields of a name the last one counts.
    package var form: [String: String] { SmallRequest.fields(String(decoding: body, as: UTF8.self)) }

    static func fields(_ text: String) -> [String: String] {
        var fields: [String: String] = [:]
        for pair in text.split(separator: "&").prefix(100) {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentText.decode(parts[0], plusIsSpace: true),
                let value = PercentText.decode(parts.count > 1 ? parts[1] : "", plusIsSpace: true)
            else { continue }
            fields[name] = value
        }
        return fields
    }
}

package struct SmallResponse: Sendable {
    package var status: Int
    package var contentType: String
    package var body: [UInt8]
    /// Where a browser goes on, with status 303.
    package var location: String?

    package init(_ status: Int, _ contentType: String, _ body: String, location: String? = nil) {
        self.init(status, contentType, bytes: Array(body.utf8), location: location)
    }

    package init(_ status: Int, _ contentType: String, bytes: [UInt8], location: String? = nil) {
        self.status = status
        self.contentType = contentType
        body = bytes
        self.location = location
    }
}

/// An HTTP listener whose requests one function answers; for tools beside the gate.
package struct SmallHTTPService: Sendable {
    private let address: String
    private let port: Int
    private let logger: Logger
    private let onRunning: @Sendable (_ port: Int) -> Void
    private let answer: @Sendable (SmallRequest) async -> SmallResponse

    private static let bodyBytesMax = 1 << 20

    /// `onRunning` is told the port. Requests of a browser that come from another site are refused before `answer` sees them.
    package init(
        address: String, port: Int, logger: Logger, onRunning: @escaping @Sendable (_ port: Int) -> Void,
        answer: @escaping @Sendable (SmallRequest) async -> SmallResponse
    ) {
        self.address = address
        self.port = port
        self.logger = logger
        self.onRunning = onRunning
        self.answer = answer
    }

    /// Serves until its task is cancelled or the service group stops.
    package func run() async throws {
        let (answer, onRunning) = (answer, onRunning)
        let responder = CallbackResponder<BasicRequestContext> { request, _ in
            guard let read = try await SmallHTTPService.read(request) else { return SmallHTTPService.response(SmallHTTPService.tooLarge) }
            guard SmallHTTPService.isOwn(read) else { return SmallHTTPService.response(SmallHTTPService.foreign) }
            return SmallHTTPService.response(await answer(read))
        }
        let configuration = HTTP1Channel.Configuration(additionalChannelHandlers: [HeadTimeout()])
        let application = Application(
            responder: responder, server: .http1(configuration: configuration),
            configuration: .init(
                address: .hostname(address, port: port), serverName: "postern",
                availableConnectionsDelegate: MaximumAvailableConnections(APILimits.connectionsMax)),
            onServerRunning: { channel in onRunning(channel.localAddress?.port ?? 0) }, logger: logger)
        try await application.run()
    }

    private static let tooLarge = SmallResponse(413, "text/plain", "The body is too large.\n")
    private static let foreign = SmallResponse(403, "text/plain", "This request comes from another site.\n")

    /// A page of elsewhere must not act on what listens here.
    private static func isOwn(_ request: SmallRequest) -> Bool {
        guard request.method != "GET", let origin = request.origin else { return true }
        return origin == "http://\(request.host)"
    }

    private static func read(_ request: Request) async throws -> SmallRequest? {
        var request = request
        guard let body = try? await request.collectBody(upTo: bodyBytesMax) else { return nil }
        let path = request.uri.path.split(separator: "/").map { PercentText.decode($0, plusIsSpace: false) ?? "" }
        return SmallRequest(
            method: request.method.rawValue, path: path, query: SmallRequest.fields(request.uri.query ?? ""), body: Array(buffer: body),
            contentType: request.headers[.contentType] ?? "", origin: request.headers[.origin],
            host: request.head.authority ?? "")
    }

    private static func response(_ small: SmallResponse) -> Response {
        var fields = SecurityHeaders.fields
        fields[.contentType] = "\(small.contentType); charset=utf-8"
        fields[.contentSecurityPolicy] =
            "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
        if let location = small.location { fields[.location] = location }
        return Response(
            status: .init(code: small.status), headers: fields, body: .init(byteBuffer: ByteBuffer(bytes: small.body)))
    }
}
