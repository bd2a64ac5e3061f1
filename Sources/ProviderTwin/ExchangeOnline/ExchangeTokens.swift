package import MailModel

/// The access tokens that are valid.
struct ExchangeTokens: Sendable {
    struct Grant: Sendable {
        /// Nil for all.
        var mailboxes: Set<EmailAddress>?
        var until: Timestamp
    }

    static let tokensMax = 1000
    /// As Microsoft's endpoint answers.
    static let lifeSeconds = 3599

    private var grants: [String: Grant] = [:]
    private var order: [String] = []

    mutating func keep(_ token: String, _ grant: Grant) {
        if order.count >= ExchangeTokens.tokensMax { grants[order.removeFirst()] = nil }
        if grants.updateValue(grant, forKey: token) == nil { order.append(token) }
    }

    func allows(_ token: String, _ mailbox: EmailAddress, at now: Timestamp) -> Bool {
        guard let grant = grants[token], now < grant.until else { return false }
        return grant.mailboxes?.contains(mailbox) ?? true
    }
}

/// What a client asks the token endpoint for (RFC 6749 §4.3 and §4.4).
package enum ExchangeTokenRequest: Sendable, Hashable {
    /// An application for itself.
    case application(clientID: String, secret: String)
    /// A user's name and password.
    case user(name: String, password: String)
}

/// The answer, as the endpoint words it.
package enum ExchangeTokenAnswer: Sendable, Hashable {
    case granted(token: String, lifeSeconds: Int)
    case refused(error: String, description: String)
}

extension ExchangeOnline {
    /// `token`: a new one, of the shell's making, that nobody can guess.
    package mutating func tokenRequested(_ request: ExchangeTokenRequest, token: String, at now: Timestamp) -> ExchangeTokenAnswer {
        let allowed: Set<EmailAddress>?
        switch request {
        case .application(let clientID, let secret):
            guard let application = tenant.applications.first(where: { $0.clientID == clientID }) else {
                return .refused(
                    error: "unauthorized_client",
                    description: "AADSTS700016: Application with identifier '\(clientID)' was not found in the directory.")
            }
            guard ConstantTime.isEqual(application.secret, secret) else {
                return .refused(error: "invalid_client", description: "AADSTS7000215: Invalid client secret provided.")
            }
            allowed = application.mailboxes
        case .user(let name, let password):
            guard let mailbox = EmailAddress(name).flatMap({ mailbox($0) }), mailbox.isEnabled,
                ConstantTime.isEqual(mailbox.password, password)
            else {
                return .refused(
                    error: "invalid_grant", description: "AADSTS50126: Error validating credentials due to invalid username or password.")
            }
            allowed = [mailbox.address]
        }
        tokens.keep(token, ExchangeTokens.Grant(mailboxes: allowed, until: now + .seconds(ExchangeTokens.lifeSeconds)))
        return .granted(token: token, lifeSeconds: ExchangeTokens.lifeSeconds)
    }
}
