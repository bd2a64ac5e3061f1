import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore

/// What a reader of lists, or a program in the reader's name, asks of public pages.
package struct PublicRequest: Sendable {
    /// Between the slashes, decoded: `["l", "news"]`.
    package var path: [String]
    package var query: FormValues
    /// What a form sent; empty where nothing was, or not as `application/x-www-form-urlencoded`.
    package var form: FormValues
    package var isPost: Bool
    package var isHead: Bool
    /// The peer of the connection; nil where nobody knows.
    package var peer: String?
    /// X-Forwarded-For as it came.
    package var forwardedFor: String
    package var userAgent: String
    /// Accept-Language as it came.
    package var languages: String
}

package struct PublicReply: Sendable {
    package enum Body: Sendable {
        case page(PublicPage)
        /// HTML that others wrote: shown without scripts, forms and our origin.
        case foreign(String)
        case image([UInt8])
        /// On to another address.
        case redirect(String)
    }

    package var status: Int
    package var body: Body

    package init(_ page: PublicPage) {
        status = page.status
        body = .page(page)
    }

    package init(status: Int = 200, _ body: Body) {
        self.status = status
        self.body = body
    }
}

/// The public pages of the HTTP listener: all below these first words of a path.
enum PublicPaths {
    /// u: unsubscribe, l: a list's form and archive, s: confirm a sign-up, p: preferences, b: a copy in the browser, c: a link that is
    /// counted, o: a copy that was opened.
    static let first: Set<Substring> = ["u", "l", "s", "p", "b", "c", "o"]
    private static let bodyBytesMax = 65_536
    private static let pathBytesMax = 2048
    private static let renderer = PublicPageRenderer()

    static func covers(_ path: String) -> Bool {
        path.utf8.count <= pathBytesMax && path.utf8.count > 3
            && path.dropFirst().split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).first.map(first.contains) ?? false
            && path.utf8.dropFirst(2).first == UInt8(ascii: "/")
    }

    /// A mail provider's POST to `/u/` (RFC 8058) brings a form, urlencoded or multipart, and neither cookie nor User-Agent. What counts is
    /// the token: the form says nothing more.
    static func respond(
        to request: Request, peer: String?, by answer: @Sendable (PublicRequest) async -> PublicReply
    ) async -> Response {
        guard [.get, .head, .post].contains(request.method) else { return text(405, "GET, POST\n") }
        guard let body = try? await request.body.collect(upTo: bodyBytesMax) else { return text(413, "too large\n") }
        let isForm = (request.headers[.contentType] ?? "").lowercased().hasPrefix("application/x-www-form-urlencoded")
        let form = isForm ? String(validating: Array(body.readableBytesView), as: UTF8.self).flatMap { FormValues($0) } : nil
        let path = request.uri.path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        let decoded = path.compactMap { PercentText.decode($0, plusIsSpace: false) }
        guard decoded.count == path.count else { return text(404, "There is no such page.\n") }
        let forwarded = HTTPField.Name("X-Forwarded-For").flatMap { request.headers[$0] } ?? ""
        let reply = await answer(
            PublicRequest(
                path: decoded, query: FormValues(request.uri.query ?? "") ?? FormValues(), form: form ?? FormValues(),
                isPost: request.method == .post, isHead: request.method == .head, peer: peer,
                forwardedFor: String(forwarded.prefix(500)), userAgent: String((request.headers[.userAgent] ?? "").prefix(500)),
                languages: String((request.headers[.acceptLanguage] ?? "").prefix(500))))
        var response = response(reply)
        if request.method == .head { response.body = .init() }
        return response
    }

    private static func response(_ reply: PublicReply) -> Response {
        var headers = SecurityHeaders.fields
        if let name = HTTPField.Name("X-Robots-Tag") { headers[name] = "noindex" }
        let bytes: [UInt8]
        switch reply.body {
        case .page(let page):
            bytes = Array(renderer.html(page).utf8)
            headers[.contentType] = "text/html; charset=utf-8"
            headers[.contentSecurityPolicy] = renderer.policy
        case .foreign(let html):
            bytes = Array(html.utf8)
            headers[.contentType] = "text/html; charset=utf-8"
            headers[.contentSecurityPolicy] = """
                sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src http: https: data:; \
                frame-ancestors 'none'; base-uri 'none'; form-action 'none'
                """
        case .image(let octets):
            bytes = octets
            headers[.contentType] = "image/gif"
            if let name = HTTPField.Name("Cross-Origin-Resource-Policy") { headers[name] = "cross-origin" }
        case .redirect(let address):
            bytes = []
            headers[.location] = address
        }
        return Response(
            status: .init(code: reply.status), headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    private static func text(_ status: Int, _ text: String) -> Response {
        var headers = SecurityHeaders.fields
        headers[.contentType] = "text/plain; charset=utf-8"
        return Response(status: .init(code: status), headers: headers, body: .init(byteBuffer: ByteBuffer(string: text)))
    }
}
