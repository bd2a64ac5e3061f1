package import MailModel
package import OutboundPolicy
import Storage

/// A session of the console. Times are RFC 3339 in UTC.
package struct SessionView: Codable, Hashable, Sendable {
    /// The beginning of its identifier, which is enough to tell it apart.
    package var id: String
    package var account: String
    package var began: String
    package var seen: String
    package var expires: String
    package var address: String
    package var agent: String
    package var secondFactor: Bool

    init(_ session: ConsoleSession) {
        id = String(session.id.prefix(16))
        account = session.account
        began = session.madeAt.rfc3339
        seen = session.seenAt.rfc3339
        expires = session.expiresAt.rfc3339
        address = session.address
        agent = session.agent
        secondFactor = session.hasSecondFactor
    }
}

package struct ListSessions: AdministrativeOperation {
    package static let name = "sessions.list"
    package static let scope = AccessScope.accountsRead
    /// Nil: everybody's.
    package var account: EmailAddress?

    package init(account: EmailAddress? = nil) { self.account = account }

    package func perform(in administration: Administration, _ act: Act) async throws -> [SessionView] {
        let query = SessionQuery(account: account?.key)
        return try await administration.store.read { try $0.sessions(query) }.filter { act.at < $0.expiresAt }.map(SessionView.init)
    }
}

/// Ends a session, or all of an account.
package struct EndSessions: AdministrativeOperation {
    package static let name = "sessions.end"
    package static let scope = AccessScope.accountsWrite
    package var account: EmailAddress
    /// As `SessionView` shows it; nil: all of the account.
    package var session: String?

    package init(account: EmailAddress, session: String? = nil) {
        self.account = account
        self.session = session
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> Affected {
        var id: String?
        if let session {
            let query = SessionQuery(account: account.key)
            id = try await administration.store.read { try $0.sessions(query) }.map(\.id).first {
                $0.hasPrefix(session) && session.count >= 16
            }
            guard id != nil else { throw AdministrationError(.notFound, "\(account) has no session \(session)", "It may be over already.") }
        }
        let entry = act.entry("session.end", target: session.map { "\(account) \($0)" } ?? account.description)
        guard
            case .session(.ended(let count)) = try await administration.store.perform(
                .session(.end(account: account.key, id: id, except: nil, entry)))
        else { return Affected(count: 0) }
        return Affected(count: count)
    }
}

/// Says what an account may do at the console and, through its keys, the HTTP interface.
package struct SetAccountRoles: AdministrativeOperation {
    package static let name = "accounts.roles"
    package static let scope = AccessScope.accountsWrite
    package var address: EmailAddress
    /// Empty: its own mail only.
    package var roles: [Role]

    package init(address: EmailAddress, roles: [Role]) {
        self.address = address
        self.roles = roles
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> AccountOutcome {
        var account = try await administration.account(address)
        let names = Role.allCases.filter(roles.contains).map(\.rawValue)
        let isLast =
            account.roles.contains(Role.administrator.rawValue) && !roles.contains(.administrator)
            && act.actor == "account:\(address.key)"
        guard !isLast else {
            throw AdministrationError(.denied, "an administrator cannot take this role from itself", "Another administrator can.")
        }
        account.roles = names
        let target = "\(address) \(names.isEmpty ? "none" : names.joined(separator: ","))"
        try await administration.save(account, entry: act.entry("account.roles", target: target))
        return AccountOutcome(account: AccountView(account), generatedPassword: nil)
    }
}
