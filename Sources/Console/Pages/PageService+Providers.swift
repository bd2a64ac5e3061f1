import HTTPTypes
import Hummingbird

/// Signing in elsewhere: off to a provider by a link, and back. Both are reads, so that no form leads off the site.
extension PageService {
    /// Nil for a path that is none of these.
    func providerPage(_ asking: Asking) async -> Response? {
        let segments = asking.path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        guard asking.request.method == .get, segments.count >= 3, segments.prefix(2).elementsEqual(["sign-in", "with"]),
            let name = PercentText.decode(segments[segments.startIndex + 2], plusIsSpace: false),
            let query = FormValues(asking.request.uri.query ?? "")
        else { return nil }
        switch segments.dropFirst(3) {
        case []: return await leave(asking, name, SignInPages.safe(query["next"]))
        case ["back"]: return await arrive(asking, name, query)
        default: return nil
        }
    }

    private func leave(_ asking: Asking, _ name: String, _ next: String) async -> Response {
        switch await ports.providers.leave(SignInDeparture(provider: name, next: next, origin: origin(asking))) {
        case .away(let location, let sealed):
            return redirect(location, cookies: [cookies.field(cookies.awayName, sealed, seconds: PageService.awaySeconds)])
        case .refused(let refusal): return await refused(asking, refusal, next: next)
        }
    }

    private static let awaySeconds = 900

    private func arrive(_ asking: Asking, _ name: String, _ query: FormValues) async -> Response {
        let headers = asking.request.headers
        let arrival = SignInArrival(
            provider: name, code: query.exactly("code"), state: query.exactly("state"), error: query.exactly("error"),
            issuer: query.exactly("iss"), sealed: PageCookies.value(cookies.awayName, in: headers) ?? "", peer: asking.peer,
            agent: String((headers[.userAgent] ?? "").prefix(200)))
        let back = cookies.field(cookies.awayName, "", seconds: 0)
        switch await ports.providers.arrive(arrival) {
        case .signedIn(let token, let next):
            return redirect(next, cookies: [cookies.field(cookies.sessionName, token, seconds: nil), back])
        case .codeWanted(let pending, let next):
            var response = showGuest(SignInPages.code(next: next, pending: pending, isWrong: false), asking, PageService.randomText())
            response.headers.append(HTTPField(name: .setCookie, value: back))
            return response
        case .refused(let refusal, let delay):
            await delays.wait(delay)
            var response = await refused(asking, refusal, next: "/")
            response.headers.append(HTTPField(name: .setCookie, value: back))
            return response
        }
    }

    private func refused(_ asking: Asking, _ refusal: SignInRefusal, next: String) async -> Response {
        var asking = asking
        asking.viewer = nil
        return await signInPage(asking, next: next, name: "", problem: refusal.title, advice: refusal.advice)
    }

    /// As the browser names this site. Behind a proxy that speaks TLS, `http.public-url` says it better.
    private func origin(_ asking: Asking) -> String {
        "\(cookies.isEncrypted ? "https" : "http")://\(asking.request.head.authority ?? "localhost")"
    }

    /// After the session here has ended.
    func signedOut(_ asking: Asking, _ viewer: Viewer) async -> Response {
        let over = [cookies.field(cookies.sessionName, "", seconds: 0)]
        guard let link = await ports.providers.farewell(viewer, origin(asking)) else { return redirect(SignInPages.path, cookies: over) }
        var asking = asking
        asking.viewer = nil
        let page = Page(
            "Signed out",
            blocks: [
                .notice(
                    Notice(
                        .good, "You are signed out here",
                        text: "You are still signed in at the provider: whoever uses this browser next gets back in.",
                        link: link)), .links([Link("Sign in again", SignInPages.path)]),
            ])
        var response = show(page, asking)
        for cookie in over { response.headers.append(HTTPField(name: .setCookie, value: cookie)) }
        return response
    }
}
