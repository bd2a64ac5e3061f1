package import MailModel
package import OutboundPolicy
import Storage

/// A key without its secret.
package struct APIKeyView: Codable, Hashable, Sendable {
    package var name: String
    package var roles: [Role]
    /// All that it may do, those of its roles included.
    package var scopes: [AccessScope]
    /// Empty: a principal of its own.
    package var account: String
    package var grants: [String]
    package var requestsPerSecondMax: Int?
    package var created: String
    /// Nil: never.
    package var expires: String?
    package var disabled: Bool

    init(_ key: APIKey) {
        name = key.name
        roles = key.roles
        let all = key.roles.reduce(into: Set(key.scopes)) { $0.formUnion($1.scopes) }
        scopes = AccessScope.allCases.filter(all.contains)
        account = key.account?.description ?? ""
        grants = key.grants.map(\.description)
        requestsPerSecondMax = key.requestsPerSecondMax
        created = key.createdAt.rfc3339
        expires = key.expiresAt?.rfc3339
        disabled = key.isDisabled
    }
}

/// A new key with the one showing of its token.
package struct APIKeyOutcome: Codable, Hashable, Sendable {
    package var key: APIKeyView
    /// For `Authorization: Bearer`. Never shown again.
    package var token: String
}

package struct AddAPIKey: AdministrativeOperation {
    package static let name = "api-keys.add"
    package static let scope = AccessScope.keysWrite
    /// The new key's name.
    package var key: String
    package var roles: [Role]
    package var scopes: [AccessScope]
    /// Nil: the key is a principal of its own.
    package var account: EmailAddress?
    package var grants: [AddressGrant]
    package var requestsPerSecondMax: Int?
    /// Nil: it does not expire.
    package var expiresAt: Timestamp?

    package init(
        key: String, roles: [Role] = [], scopes: [AccessScope] = [], account: EmailAddress? = nil, grants: [AddressGrant] = [],
        requestsPerSecondMax: Int? = nil, expiresAt: Timestamp? = nil
    ) {
        self.key = key
        self.roles = roles
        self.scopes = scopes
        self.account = account
        self.grants = grants
        self.requestsPerSecondMax = requestsPerSecondMax
        self.expiresAt = expiresAt
    }

    /// Each is looked at with every change of the directory.
    private static let keysMax = 10_000

    package func perform(in administration: Administration, _ act: Act) async throws -> APIKeyOutcome {
        try ObjectName.check(key, of: "key")
        let directory = try await administration.directory()
        guard directory.apiKeys[key] == nil else { throw AdministrationError.exists("api-key", key) }
        guard directory.apiKeys.count < AddAPIKey.keysMax else {
            throw AdministrationError(.invalid, "there are \(AddAPIKey.keysMax) keys already", "Remove those that are not in use.")
        }
        try check(directory, at: act.at)
        let token = APIToken.make(name: key)
        var made = APIKey(name: key, secretHash: token.secretHash, createdAt: act.at)
        made.roles = roles
        made.scopes = scopes
        made.account = account
        made.grants = grants
        made.requestsPerSecondMax = requestsPerSecondMax
        made.expiresAt = expiresAt
        try await administration.put(.apiKey, name: key, made, mustBeNew: true, entry: act.entry("api-key.add", target: key))
        return APIKeyOutcome(key: APIKeyView(made), token: token.description)
    }

    private func check(_ directory: Directory, at now: Timestamp) throws {
        guard !roles.isEmpty || !scopes.isEmpty else {
            throw AdministrationError(.invalid, "key \(key) could do nothing", "Give a role or a scope, such as messages:send.")
        }
        if let account, directory.accounts[account.key] == nil { throw AdministrationError.noSuch("account", account.description) }
        guard account == nil || grants.isEmpty else {
            throw AdministrationError(.invalid, "a key of an account sends as the account may", "Grant the addresses to the account.")
        }
        guard grants.count <= AccountRules.grantsMax else {
            throw AdministrationError(.invalid, "\(grants.count) grants; at most \(AccountRules.grantsMax)", "Grant a domain instead.")
        }
        if let expiresAt, expiresAt <= now {
            throw AdministrationError(.invalid, "the key would have expired at \(expiresAt.rfc3339)", "Give a time ahead.")
        }
        guard (1...100_000).contains(requestsPerSecondMax ?? 1) else {
            throw AdministrationError(.invalid, "a key makes 1 to 100000 requests a second")
        }
    }
}

package struct ListAPIKeys: AdministrativeOperation {
    package static let name = "api-keys.list"
    package static let scope = AccessScope.keysRead
    package init() {}

    package func perform(in administration: Administration, _ act: Act) async throws -> [APIKeyView] {
        try await administration.directory().apiKeys.values.sorted { $0.name < $1.name }.map(APIKeyView.init)
    }
}

/// Disables a key, or enables it again.
package struct SetAPIKeyEnabled: AdministrativeOperation {
    package static let name = "api-keys.set-enabled"
    package static let scope = AccessScope.keysWrite
    package var key: String
    package var isEnabled: Bool

    package init(key: String, isEnabled: Bool) {
        self.key = key
        self.isEnabled = isEnabled
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> APIKeyView {
        var found = try await administration.apiKey(key)
        found.isDisabled = !isEnabled
        try await administration.put(
            .apiKey, name: key, found, entry: act.entry(isEnabled ? "api-key.enable" : "api-key.disable", target: key))
        return APIKeyView(found)
    }
}

/// Adds and withdraws rights to use addresses.
package struct ChangeAPIKeyGrants: AdministrativeOperation {
    package static let name = "api-keys.grant"
    package static let scope = AccessScope.keysWrite
    package var key: String
    package var add: [AddressGrant]
    package var remove: [AddressGrant]

    package init(key: String, add: [AddressGrant], remove: [AddressGrant]) {
        self.key = key
        self.add = add
        self.remove = remove
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> APIKeyView {
        var found = try await administration.apiKey(key)
        guard found.account == nil else {
            throw AdministrationError(.invalid, "key \(key) sends as its account may", "Grant the addresses to the account.")
        }
        found.grants.removeAll { remove.contains($0) }
        for grant in add where !found.grants.contains(grant) { found.grants.append(grant) }
        guard found.grants.count <= AccountRules.grantsMax else {
            throw AdministrationError(
                .invalid, "\(found.grants.count) grants; at most \(AccountRules.grantsMax)", "Grant a domain instead.")
        }
        let changes = add.map { "+\($0)" } + remove.map { "-\($0)" }
        try await administration.put(
            .apiKey, name: key, found, entry: act.entry("api-key.grant", target: "\(key) \(changes.joined(separator: " "))"))
        return APIKeyView(found)
    }
}

package struct RemoveAPIKey: AdministrativeOperation {
    package static let name = "api-keys.remove"
    package static let scope = AccessScope.keysWrite
    package var key: String

    package init(key: String) { self.key = key }

    package func perform(in administration: Administration, _ act: Act) async throws -> Affected {
        _ = try await administration.apiKey(key)
        try await administration.remove(.apiKey, name: key, entry: act.entry("api-key.remove", target: key))
        return Affected(count: 1)
    }
}

extension Administration {
    fileprivate func apiKey(_ name: String) async throws -> APIKey {
        guard let key = try await directory().apiKeys[name] else { throw AdministrationError.noSuch("api-key", name) }
        return key
    }
}
