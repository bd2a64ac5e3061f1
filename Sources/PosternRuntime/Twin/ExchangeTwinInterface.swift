import Console
import Crypto
import Foundation
import MailModel
import ProviderTwin

/// The HTTP side of the twin: its state, what can be done to it, the token endpoint, and a page for people.
struct ExchangeTwinInterface: Sendable {
    private let twin: ExchangeTwin
    private var world: ExchangeWorld { twin.world }

    init(_ twin: ExchangeTwin) { self.twin = twin }

    func answer(_ request: SmallRequest) -> SmallResponse {
        do {
            switch (request.method, request.path.first ?? "") {
            case ("GET", ""): return page()
            case ("POST", "act"): return acted(request.form)
            case ("GET", "certificate.pem"): return SmallResponse(200, "application/x-pem-file", twin.certificate)
            case (_, "v1"): return try interface(request)
            case ("POST", _) where request.path.last == "token": return try token(request.form)
            default: return problem(404, "There is nothing here.")
            }
        } catch {
            return problem(400, "The body cannot be read: \(error)")
        }
    }

    private func problem(_ status: Int, _ text: String) -> SmallResponse {
        SmallResponse(status, "application/json", (try? JSONText.encode(TwinProblem(detail: text))) ?? "{}")
    }

    private func json(_ value: some Encodable, status: Int = 200) throws -> SmallResponse {
        SmallResponse(status, "application/json", try JSONText.encode(value) + "\n")
    }

    // MARK: - /v1

    private func interface(_ request: SmallRequest) throws -> SmallResponse {
        let path = Array(request.path.dropFirst())
        switch (request.method, path.first, path.count) {
        case ("GET", "state", 1): return try json(state(mailboxes: request.query["mailboxes"].flatMap(Int.init)))
        case ("POST", "acts", 1):
            let act = try JSONText.decode(TwinAct.self, from: Data(request.body))
            if let wrong = act.perform(in: world) { return problem(409, wrong) }
            return try json(state(mailboxes: 50))
        case ("GET", "messages", 1): return try json(messages(to: request.query["to"], limit: request.query["limit"].flatMap(Int.init)))
        case ("GET", "messages", 2): return message(path[1])
        case ("DELETE", "messages", 1):
            world.use { state, _ in state.mailbag.removeAll() }
            return try json(state())
        case ("GET", "trace", 1):
            return try json(world.use { state, _ in state.model.trace.all.reversed().prefix(1000).map(TwinTraceView.init) })
        case ("POST", "clock", 1): return try jump(JSONText.decode(TwinJump.self, from: Data(request.body)))
        case ("PATCH", "settings", 1): return try set(JSONText.decode([String: Int].self, from: Data(request.body)))
        case ("PATCH", "policy", 1): return try policy(JSONText.decode(TwinPolicyChange.self, from: Data(request.body)))
        case ("PATCH", "tenant", 1):
            let change = try JSONText.decode(TwinTenantChange.self, from: Data(request.body))
            guard world.use({ state, _ in state.model.configure(change) }) else { return problem(400, TwinTenantChange.mistake) }
            return try json(state())
        case ("PATCH", "mailboxes", 2), ("PUT", "mailboxes", 2):
            return try mailbox(path[1], JSONText.decode(TwinMailboxChange.self, from: Data(request.body)), mayAdd: request.method == "PUT")
        case ("POST", "release", 2): return try release(path[1])
        default: return problem(404, "There is nothing here; docs/twin.md lists what there is.")
        }
    }

    /// `mailboxes`: at most so many; nil for all.
    func state(mailboxes: Int? = nil) -> TwinStateView {
        let clock = world.clock
        return world.use { state, now in
            TwinStateView(
                now: now.rfc3339, clock: "\(clock.factor)x",
                tenant: TwinStateView.Tenant(
                    domains: state.model.tenant.acceptedDomains.map(\.text), externalOfDay: state.model.tenantRecipients(at: now),
                    quota: state.model.tenant.settings.tenantQuota, banned: state.model.isTenantBanned),
                policy: TwinPolicyView(state.model.tenant.defaultPolicy),
                mailboxes: state.model.states(at: now).prefix(max(0, mailboxes ?? .max)).map(TwinMailboxView.init),
                alerts: state.model.alerts.all.reversed().prefix(100).map(TwinAlertView.init), settings: state.model.tenant.settings.byName)
        }
    }

    /// Newest first.
    func messages(to: String?, limit: Int?) -> [TwinMessageView] {
        let wanted = to.flatMap { EmailAddress($0) }
        guard to == nil || wanted != nil else { return [] }
        return world.use { state, now in
            state.mailbag.messages.reversed().lazy.filter { message in wanted.map { message.recipients.contains($0) } ?? true }
                .prefix(max(0, min(limit ?? 100, TwinMailbag.messagesMax))).map { TwinMessageView($0, at: now) }
        }
    }

    private func message(_ id: String) -> SmallResponse {
        guard let content = world.use({ state, _ in state.mailbag.messages.first { $0.id == id }?.content }) else {
            return problem(404, "There is no such message; only the newest are kept.")
        }
        return SmallResponse(200, "message/rfc822", bytes: content)
    }

    private func jump(_ jump: TwinJump) throws -> SmallResponse {
        guard TwinJump.range.contains(jump.seconds) else { return problem(400, TwinJump.mistake) }
        world.clock.jump(.seconds(jump.seconds))
        return try json(state())
    }

    private func set(_ values: [String: Int]) throws -> SmallResponse {
        let wrong = world.use { state, _ in
            var settings = state.model.tenant.settings
            let wrong = values.sorted { $0.key < $1.key }.first { !settings.set($0.key, $0.value) }?.key
            if wrong == nil { state.model.configure { $0.settings = settings } }
            return wrong
        }
        if let wrong {
            return problem(400, "\(wrong) is not a setting, or its number is not from 0 to \(ExchangeSettings.range.upperBound).")
        }
        return try json(state())
    }

    private func policy(_ change: TwinPolicyChange) throws -> SmallResponse {
        guard world.use({ state, _ in state.model.configure(change) }) else { return problem(400, TwinPolicyChange.mistake) }
        return try json(state())
    }

    private func mailbox(_ text: String, _ change: TwinMailboxChange, mayAdd: Bool) throws -> SmallResponse {
        guard let address = EmailAddress(text) else { return problem(400, "\(text) is no address.") }
        let isThere = world.use { state, _ in
            if mayAdd, state.model.mailbox(address) == nil { _ = state.model.add(ExchangeMailbox(address, password: "twin")) }
            return state.model.change(address) { change.apply(to: &$0) }
        }
        return isThere ? try json(state()) : problem(404, "There is no mailbox \(text).")
    }

    private func release(_ text: String) throws -> SmallResponse {
        if text == "tenant" {
            world.use { state, _ in state.model.releaseTenant() }
            return try json(state())
        }
        guard let address = EmailAddress(text) else { return problem(400, "\(text) is no address.") }
        let problem = world.use({ state, now in state.model.release(address, at: now) }).problem(of: address)
        return try problem.map { self.problem(409, $0) } ?? json(state())
    }

    // MARK: - Tokens

    private struct TokenView: Encodable {
        enum CodingKeys: String, CodingKey {
            case type = "token_type"
            case life = "expires_in"
            case token = "access_token"
        }

        var type = "Bearer"
        var life: Int
        var token: String
    }

    private struct TokenRefusal: Encodable {
        enum CodingKeys: String, CodingKey {
            case error
            case description = "error_description"
        }

        var error: String
        var description: String
    }

    private func token(_ form: [String: String]) throws -> SmallResponse {
        let request: ExchangeTokenRequest
        switch form["grant_type"] {
        case "client_credentials": request = .application(clientID: form["client_id"] ?? "", secret: form["client_secret"] ?? "")
        case "password": request = .user(name: form["username"] ?? "", password: form["password"] ?? "")
        default:
            return try json(
                TokenRefusal(error: "unsupported_grant_type", description: "AADSTS70003: The grant type is not supported."),
                status: 400)
        }
        let token = ExchangeTwinInterface.newToken(form["client_id"] ?? "")
        switch world.use({ state, now in state.model.tokenRequested(request, token: token, at: now) }) {
        case .granted(let token, let life): return try json(TokenView(life: life, token: token))
        case .refused(let error, let description):
            return try json(TokenRefusal(error: error, description: description), status: error == "invalid_client" ? 401 : 400)
        }
    }

    /// In the form of a JWT, so that clients which look into it find the claims that they look for.
    private static func newToken(_ clientID: String) -> String {
        let claims = "{\"aud\":\"https://outlook.office365.com\",\"oid\":\"twin\",\"appid\":\"twin\",\"roles\":[\"SMTP.SendAsApp\"]}"
        let random = SymmetricKey(size: .bits256).withUnsafeBytes { Data($0) }
        return [Data("{\"alg\":\"none\"}".utf8), Data(claims.utf8), random].map { part in
            part.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        }.joined(separator: ".")
    }

    // MARK: - The page

    private func page() -> SmallResponse {
        SmallResponse(200, "text/html", ExchangeTwinPage.html(state(), messages(to: nil, limit: 50)))
    }

    /// A form of the page; it goes back to the page whatever came of it.
    private func acted(_ form: [String: String]) -> SmallResponse {
        _ = TwinAct(form: form)?.perform(in: world)
        return SmallResponse(303, "text/plain", "", location: ".")
    }
}
