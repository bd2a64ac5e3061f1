import Foundation
import HTTPTypes
import Hummingbird
package import Logging
import MailModel
import NIOCore
import ServiceLifecycle

/// What the pages ask of the gate.
package struct PagePorts: Sendable {
    package var signIn: @Sendable (ConsoleSignIn) async -> ConsoleSignInOutcome
    /// Whose session this is; nil for one that is over, or never was.
    package var viewer: @Sendable (_ token: String, APIPeer) async -> Viewer?
    package var signOut: @Sendable (Viewer) async -> Void
    /// True while nobody could administer the gate by the console.
    package var hasNoAdministrator: @Sendable () async -> Bool
    package var providers: ProviderPorts
    /// What to say of an error that a room threw; nil for one that is nobody's business.
    package var problem: @Sendable (any Error) -> Problem?

    package init(
        signIn: @escaping @Sendable (ConsoleSignIn) async -> ConsoleSignInOutcome,
        viewer: @escaping @Sendable (_ token: String, APIPeer) async -> Viewer?, signOut: @escaping @Sendable (Viewer) async -> Void,
        hasNoAdministrator: @escaping @Sendable () async -> Bool, providers: ProviderPorts,
        problem: @escaping @Sendable (any Error) -> Problem?
    ) {
        self.signIn = signIn
        self.viewer = viewer
        self.signOut = signOut
        self.hasNoAdministrator = hasNoAdministrator
        self.providers = providers
        self.problem = problem
    }
}

/// The pages: finds the room, asks who looks, and shows it, or does what a form says and shows what came of it.
package struct PageService: Sendable {
    let ports: PagePorts
    let renderer = PageRenderer()
    let cookies: PageCookies
    let logger: Logger
    private let router: PathRouter<Room>
    private let host: String
    private let version: String
    let delays = DelayCount()
    let streams = StreamCount()
    let followed = FollowedPages()

    /// `host`: as the pages name the gate.
    package init(rooms: [Room], ports: PagePorts, host: String, version: String, isEncrypted: Bool, logger: Logger) {
        router = PathRouter(rooms.map { (path: $0.path, route: $0) })
        self.ports = ports
        self.host = host
        self.version = version
        cookies = PageCookies(isEncrypted: isEncrypted)
        self.logger = logger
    }

    func respond(to request: Request, peer: APIPeer, id: String) async -> Response {
        var response = await whole(request, peer: peer, id: id)
        if request.method == .head { response.body = .init() }
        return response
    }

    private func whole(_ request: Request, peer: APIPeer, id: String) async -> Response {
        do {
            return try await answer(request, peer)
        } catch let problem as Problem {
            return show(PageService.page(problem, id: id), Asking(request: request, peer: peer, viewer: nil))
        } catch {
            logger.error("page failed", metadata: ["http.request": "\(id)", "error": "\(error)"])
            return show(PageService.page(.internalError, id: id), Asking(request: request, peer: peer, viewer: nil))
        }
    }

    /// A request with what is known of it.
    struct Asking: Sendable {
        var request: Request
        var peer: APIPeer
        var viewer: Viewer?
        var path: String { request.uri.path }
        var pathAndQuery: String { request.uri.query.map { "\(request.uri.path)?\($0)" } ?? request.uri.path }
    }

    private func answer(_ request: Request, _ peer: APIPeer) async throws -> Response {
        let isRead = request.method == .get || request.method == .head
        guard isRead || request.method == .post else { throw Problem(405, "method", "Not with this method", "Pages take GET and POST.") }
        if let asset = ConsoleAsset.at(request.uri.path), isRead { return PageService.response(asset) }
        var asking = Asking(request: request, peer: peer, viewer: nil)
        if let token = PageCookies.value(cookies.sessionName, in: request.headers) { asking.viewer = await ports.viewer(token, peer) }
        if !isRead { try PageService.checkOrigin(request) }
        let form = isRead ? FormValues() : try await PageService.form(request, isSignedIn: asking.viewer != nil)
        if request.uri.path == SignInPages.path { return await signIn(asking, form) }
        if let response = await providerPage(asking) { return response }
        guard let viewer = asking.viewer else {
            let next = isRead && request.uri.path != "/live" ? asking.pathAndQuery : "/"
            return redirect("\(SignInPages.path)?next=\(PercentText.encode(next))")
        }
        if !isRead { try PageService.checkToken(form, viewer) }
        switch request.uri.path {
        case "/sign-out" where !isRead:
            await ports.signOut(viewer)
            return await signedOut(asking, viewer)
        case "/live": return try await live(asking, viewer)
        default: return try await room(asking, viewer, form)
        }
    }

    // MARK: - Rooms

    /// The room at a path, as the viewer may see it.
    func find(_ path: String, _ viewer: Viewer) throws -> (Room, [String: String]) {
        guard let (room, values) = router.find(path) else {
            throw Problem.notFound("There is no page at \(path).")
        }
        guard viewer.may(room.scopes) else { throw PageService.denied(room.scopes) }
        return (room, values)
    }

    private static func denied(_ scopes: Set<String>) -> Problem {
        .forbidden("Your roles do not have the right \(scopes.sorted().joined(separator: " or ")). An administrator can give it to you.")
    }

    private func room(_ asking: Asking, _ viewer: Viewer, _ form: FormValues) async throws -> Response {
        let isRead = asking.request.method != .post
        do {
            let (room, values) = try find(asking.path, viewer)
            guard let query = FormValues(asking.request.uri.query ?? "") else { throw Problem.invalid("the query cannot be read") }
            var request = PageRequest(viewer: viewer, path: asking.path, values: values, query: query, peer: asking.peer)
            guard !isRead else { return show(try await room.page(request), room, asking, request) }
            request.form = form
            guard let act = room.acts[form["do"]] else { throw Problem.invalid("this page does not do \"\(form["do"].prefix(40))\"") }
            guard viewer.may(act.scopes) else { throw PageService.denied(act.scopes) }
            do {
                if !form.isOn(PageService.sureName), let question = try await act.question?(request) {
                    return show(PageService.page(question, form, request), asking, room: room, request)
                }
                return show(try await act.perform(request), room, asking, request)
            } catch {
                guard let problem = error as? Problem ?? ports.problem(error) else { throw error }
                guard case .page(let page) = try await room.page(request) else { throw problem }
                return show(page.after(problem, form), asking, room: room, request)
            }
        } catch {
            guard let problem = error as? Problem ?? ports.problem(error) else { throw error }
            return show(PageService.page(problem, id: ""), asking)
        }
    }

    /// What a form has that was asked once more.
    private static let sureName = "sure"

    /// The page in between: with all that the form had, and a way back.
    private static func page(_ question: Room.Question, _ form: FormValues, _ request: PageRequest) -> Page {
        var sure = Form(
            act: form["do"], question.submit, hidden: [sureName: "yes"], tone: .bad, cancel: Link("No, go back", request.path))
        sure.carried = form.others(than: ["do", "token", sureName])
        return Page("Are you sure?", blocks: [.notice(Notice(.warning, question.text)), .form(sure)])
    }

    private func show(_ answer: PageAnswer, _ room: Room, _ asking: Asking, _ request: PageRequest) -> Response {
        switch answer {
        case .page(let page): return show(page, asking, room: room, request)
        case .redirect(let path): return redirect(path)
        case .done(let text, let path):
            return redirect(path, cookies: [cookies.field(cookies.doneName, PercentText.encode(String(text.prefix(500))), seconds: 60)])
        case .mail(let html):
            return Response(status: .ok, headers: PageService.mailHeaders, body: .init(byteBuffer: ByteBuffer(string: html)))
        case .file(let name, let contentType, let bytes):
            var headers = PageService.securityHeaders
            headers[.contentType] = contentType
            headers[.contentDisposition] = "attachment; filename=\"\(name.filter { $0.isLetter || $0.isNumber || "-_.".contains($0) })\""
            return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
        }
    }

    /// With what was done by the request before, which is said once.
    func show(_ page: Page, _ asking: Asking, room: Room? = nil, _ request: PageRequest? = nil) -> Response {
        var page = page
        var fields: [String] = []
        if let done = PageCookies.value(cookies.doneName, in: asking.request.headers), asking.viewer != nil {
            fields = [cookies.field(cookies.doneName, "", seconds: 0)]
            if let text = PercentText.decode(Substring(done), plusIsSpace: false), !text.isEmpty {
                page.blocks.insert(.notice(Notice(.good, text)), at: 0)
            }
        }
        if let room, let viewer = asking.viewer { page.blocks = page.blocks.allowed(room, viewer) }
        var frame = frame(asking, request)
        if let room, !room.help.isEmpty { frame.help = "/help/\(room.help)" }
        let html = renderer.html(page, frame)
        return PageService.response(page.status, html, cookies: fields)
    }

    func frame(_ asking: Asking, _ request: PageRequest?) -> PageRenderer.Frame {
        PageRenderer.Frame(
            host: host, version: version, viewer: asking.viewer, path: asking.path, livePath: asking.pathAndQuery,
            searched: asking.path == "/trace" ? request?.query["q"] ?? "" : "", openAlerts: asking.viewer?.openAlerts ?? 0)
    }

    static func page(_ problem: Problem, id: String) -> Page {
        var page = Page(problem.title, back: Link("Overview", "/"))
        page.status = problem.status
        page.blocks = [.notice(Notice(problem.status == 404 ? .info : .bad, problem.detail))]
        if problem.status >= 500, !id.isEmpty { page.blocks.append(.facts([Fact("Request", id, isCode: true)])) }
        return page
    }

    // MARK: - Signing in

    private func signIn(_ asking: Asking, _ form: FormValues) async -> Response {
        let query = FormValues(asking.request.uri.query ?? "") ?? FormValues()
        let next = SignInPages.safe(form.holds("next") ? form["next"] : query["next"])
        var asking = asking
        asking.viewer = nil
        guard asking.request.method == .post else { return await signInPage(asking, next: next, name: "", problem: "") }
        guard let guest = PageCookies.value(cookies.guestName, in: asking.request.headers), !guest.isEmpty, form["token"] == guest else {
            return await signInPage(asking, next: next, name: form["name"], problem: "The form was too old; please try again")
        }
        let attempt = ConsoleSignIn(
            name: form["name"], password: form.exactly("password"), code: form["code"], pending: form["pending"], peer: asking.peer,
            agent: String((asking.request.headers[.userAgent] ?? "").prefix(200)))
        switch await ports.signIn(attempt) {
        case .signedIn(let token):
            return redirect(
                next,
                cookies: [
                    cookies.field(cookies.sessionName, token, seconds: nil), cookies.field(cookies.guestName, "", seconds: 0),
                ])
        case .codeWanted(let pending, let isWrong):
            return showGuest(SignInPages.code(next: next, pending: pending, isWrong: isWrong), asking, guest)
        case .refused(let text, let delay):
            await delays.wait(delay)
            return await signInPage(asking, next: next, name: form["name"], problem: text)
        case .locked(let text): return await signInPage(asking, next: next, name: form["name"], problem: text)
        }
    }

    func signInPage(_ asking: Asking, next: String, name: String, problem: String, advice: String = "") async -> Response {
        var page = SignInPages.password(
            next: next, name: name, problem: problem, advice: advice, offers: await ports.providers.offers(),
            isEmptyGate: await ports.hasNoAdministrator())
        if !problem.isEmpty { page.status = 422 }
        return showGuest(page, asking, PageService.randomText())
    }

    /// With a token in the form and in a cookie: another site can make neither agree with the other.
    func showGuest(_ page: Page, _ asking: Asking, _ guest: String) -> Response {
        var frame = frame(asking, nil)
        frame.guestToken = guest
        return PageService.response(
            page.status, renderer.html(page, frame), cookies: [cookies.field(cookies.guestName, guest, seconds: 3600)])
    }

    /// 128 random bits in hexadecimal.
    static func randomText() -> String {
        var random = SystemRandomNumberGenerator()
        return (0..<16).map { _ in UInt8.random(in: 0...255, using: &random) }.hexadecimal
    }

    // MARK: - Responses

    func redirect(_ path: String, cookies: [String] = []) -> Response {
        var headers = PageService.securityHeaders
        headers[.location] = path
        for cookie in cookies { headers.append(HTTPField(name: .setCookie, value: cookie)) }
        return Response(status: .seeOther, headers: headers)
    }

    private static func response(_ status: Int, _ html: String, cookies: [String]) -> Response {
        var headers = securityHeaders
        headers[.contentType] = "text/html; charset=utf-8"
        for cookie in cookies { headers.append(HTTPField(name: .setCookie, value: cookie)) }
        return Response(status: .init(code: status), headers: headers, body: .init(byteBuffer: ByteBuffer(string: html)))
    }

    private static func response(_ asset: ConsoleAsset) -> Response {
        var headers = securityHeaders
        headers[.contentType] = asset.contentType
        headers[.cacheControl] = "public, max-age=31536000, immutable"
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: asset.bytes)))
    }

    /// What somebody wrote: no script, no picture from elsewhere, in a frame of ours alone.
    private static let mailHeaders: HTTPFields = {
        var fields = SecurityHeaders.fields
        fields[.contentType] = "text/html; charset=utf-8"
        fields[.contentSecurityPolicy] =
            "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; base-uri 'none'; form-action 'none'"
        if let name = HTTPField.Name("X-Frame-Options") { fields[name] = "SAMEORIGIN" }
        return fields
    }()

    /// Nothing from elsewhere, nothing inline, no frame around it, forms only to ourselves.
    static let securityHeaders: HTTPFields = {
        var fields = SecurityHeaders.fields
        fields[.contentSecurityPolicy] = """
            default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; \
            frame-ancestors 'none'; \
            base-uri 'none'; form-action 'self'
            """
        if let name = HTTPField.Name("Referrer-Policy") { fields[name] = "same-origin" }
        return fields
    }()
}
