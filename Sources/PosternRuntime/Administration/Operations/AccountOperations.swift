package import MailModel
package import OutboundPolicy
import Storage
import Submission

/// An account without its secrets.
package struct AccountView: Codable, Hashable, Sendable {
    package var address: String
    package var disabled: Bool
    package var grants: [String]
    package var roles: [String]
    package var trafficClass: String
    package var hasPassword: Bool
    /// Labels.
    package var appPasswords: [String]
    /// From when on it submits no more, RFC 3339 in UTC; empty for never.
    package var expires: String

    init(_ account: Account) {
        address = account.address.description
        disabled = account.isDisabled
        grants = account.grants.map(\.description)
        roles = account.roles
        trafficClass = account.trafficClass.name
        hasPassword = account.passwordHash != nil
        appPasswords = account.appPasswords.map(\.label)
        expires = account.expiresAt?.rfc3339 ?? ""
    }
}

/// What an operation that may make up a password answers. The password is shown this once.
package struct AccountOutcome: Codable, Hashable, Sendable {
    package var account: AccountView
    /// Nil where the caller chose it.
    package var generatedPassword: String?
}

enum AccountRules {
    /// Below what people should choose, since programs that know only a short password exist; guessing is what `SignInGuard` stops.
    static let passwordBytesMin = 6
    /// Each is tried at a sign-in.
    static let appPasswordsMax = 20
    static let grantsMax = 1000
    static let labelBytesMax = 100

    static func check(password: String) throws {
        guard password.utf8.count >= passwordBytesMin, password.utf8.count <= PasswordHash.passwordBytesMax,
            !password.utf8.contains(0)
        else {
            throw AdministrationError(
                .invalid, "the password has to have \(passwordBytesMin) to \(PasswordHash.passwordBytesMax) octets, none of them NUL",
                "Choose another, or leave it out to have one made.")
        }
    }

    static func hash(_ password: String, cost: PasswordHash.Cost) async throws -> String {
        try await BlockingWork.run { try PasswordHash(password: Array(password.utf8), cost: cost).description }
    }
}

extension Administration {
    func account(_ address: EmailAddress) async throws -> Account {
        guard let account = try await directory().accounts[address.key] else {
            throw AdministrationError.noSuch("account", address.description)
        }
        return account
    }

    func save(_ account: Account, entry: AuditEntry) async throws {
        try await put(.account, name: account.address.key, account, entry: entry)
    }
}

package struct AddAccount: AdministrativeOperation {
    package static let name = "accounts.add"
    package static let scope = AccessScope.accountsWrite
    package var address: EmailAddress
    /// Nil: one is made and returned.
    package var password: String?
    package var grants: [AddressGrant]
    package var roles: [String]
    package var trafficClass: TrafficClass

    package init(
        address: EmailAddress, password: String? = nil, grants: [AddressGrant] = [], roles: [String] = [],
        trafficClass: TrafficClass = .personal
    ) {
        self.address = address
        self.password = password
        self.grants = grants
        self.roles = roles
        self.trafficClass = trafficClass
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> AccountOutcome {
        guard try await administration.directory().accounts[address.key] == nil else {
            throw AdministrationError.exists("account", address.description)
        }
        let groups = try await administration.directory().groups
        guard GroupPlace(address, in: groups) == nil else {
            throw AdministrationError.exists("group", address.description)
        }
        guard address.domain != nil else {
            throw AdministrationError(.invalid, "\(address) has no domain", "Accounts are named by an address such as a@example.org.")
        }
        if let unknown = roles.first(where: { Role(rawValue: $0) == nil }) {
            throw AdministrationError(
                .invalid, "no such role: \(unknown)", "There are \(Role.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        guard grants.count <= AccountRules.grantsMax else {
            throw AdministrationError(.invalid, "\(grants.count) grants; at most \(AccountRules.grantsMax)", "Grant a domain instead.")
        }
        if let password { try AccountRules.check(password: password) }
        let generated = password == nil ? GeneratedPassword.make() : nil
        var account = Account(
            address: address, passwordHash: try await AccountRules.hash(password ?? generated ?? "", cost: administration.passwordCost))
        account.grants = grants
        account.roles = roles
        account.trafficClass = trafficClass
        try await administration.put(
            .account, name: address.key, account, mustBeNew: true, entry: act.entry("account.add", target: address.description))
        return AccountOutcome(account: AccountView(account), generatedPassword: generated)
    }
}

package struct ListAccounts: AdministrativeOperation {
    package static let name = "accounts.list"
    package static let scope = AccessScope.accountsRead
    package init() {}

    package func perform(in administration: Administration, _ act: Act) async throws -> [AccountView] {
        try await administration.directory().accounts.values.sorted { $0.address < $1.address }.map(AccountView.init)
    }
}

/// Disables an account, or enables it again. A disabled one cannot sign in; its queued mail stays.
package struct SetAccountEnabled: AdministrativeOperation {
    package static let name = "accounts.set-enabled"
    package static let scope = AccessScope.accountsWrite
    package var address: EmailAddress
    package var isEnabled: Bool

    package init(address: EmailAddress, isEnabled: Bool) {
        self.address = address
        self.isEnabled = isEnabled
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> AccountOutcome {
        var account = try await administration.account(address)
        account.isDisabled = !isEnabled
        try await administration.save(
            account, entry: act.entry(isEnabled ? "account.enable" : "account.disable", target: address.description))
        return AccountOutcome(account: AccountView(account), generatedPassword: nil)
    }
}

/// Lets an account submit until a time. It can still sign in after that, so that it is told why.
package struct SetAccountExpiry: AdministrativeOperation {
    package static let name = "accounts.expire"
    package static let scope = AccessScope.accountsWrite
    package var address: EmailAddress
    /// Nil: never.
    package var expiresAt: Timestamp?

    package init(address: EmailAddress, expiresAt: Timestamp?) {
        self.address = address
        self.expiresAt = expiresAt
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> AccountOutcome {
        var account = try await administration.account(address)
        account.expiresAt = expiresAt
        let target = "\(address) \(expiresAt?.rfc3339 ?? "never")"
        try await administration.save(account, entry: act.entry("account.expire", target: target))
        return AccountOutcome(account: AccountView(account), generatedPassword: nil)
    }
}

package struct SetPassword: AdministrativeOperation {
    package static let name = "accounts.password"
    package static let scope = AccessScope.accountsWrite
    package var address: EmailAddress
    /// Nil: one is made and returned.
    package var password: String?

    package init(address: EmailAddress, password: String?) {
        self.address = address
        self.password = password
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> AccountOutcome {
        var account = try await administration.account(address)
        if let password { try AccountRules.check(password: password) }
        let generated = password == nil ? GeneratedPassword.make() : nil
        account.passwordHash = try await AccountRules.hash(password ?? generated ?? "", cost: administration.passwordCost)
        try await administration.save(account, entry: act.entry("account.password", target: address.description))
        return AccountOutcome(account: AccountView(account), generatedPassword: generated)
    }
}

/// Makes a password for one device or program; it is always made, never chosen.
package struct AddAppPassword: AdministrativeOperation {
    package static let name = "accounts.app-password.add"
    package static let scope = AccessScope.accountsWrite
    package var address: EmailAddress
    /// Unique in the account.
    package var label: String

    package init(address: EmailAddress, label: String) {
        self.address = address
        self.label = label
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> AccountOutcome {
        var account = try await administration.account(address)
        guard !label.isEmpty, label.utf8.count <= AccountRules.labelBytesMax, !label.contains(where: \.isNewline) else {
            throw AdministrationError(.invalid, "a label has 1 to \(AccountRules.labelBytesMax) octets on one line", "Name the device.")
        }
        guard !account.appPasswords.contains(where: { $0.label == label }) else {
            throw AdministrationError.exists("app password", "\"\(label)\" of \(address)")
        }
        guard account.appPasswords.count < AccountRules.appPasswordsMax else {
            throw AdministrationError(
                .invalid, "\(address) has \(account.appPasswords.count) app passwords; at most \(AccountRules.appPasswordsMax)",
                "Remove one that is not in use.")
        }
        let password = GeneratedPassword.make()
        let hash = try await AccountRules.hash(password, cost: .generated)
        account.appPasswords.append(AppPassword(label: label, hash: hash, createdAt: act.at))
        try await administration.save(account, entry: act.entry("account.app-password.add", target: "\(address) \(label)"))
        return AccountOutcome(account: AccountView(account), generatedPassword: password)
    }
}

package struct RemoveAppPassword: AdministrativeOperation {
    package static let name = "accounts.app-password.remove"
    package static let scope = AccessScope.accountsWrite
    package var address: EmailAddress
    package var label: String

    package init(address: EmailAddress, label: String) {
        self.address = address
        self.label = label
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> AccountOutcome {
        var account = try await administration.account(address)
        guard let index = account.appPasswords.firstIndex(where: { $0.label == label }) else {
            throw AdministrationError(
                .notFound, "\(address) has no app password \"\(label)\"", "`postern accounts list` shows the labels.")
        }
        account.appPasswords.remove(at: index)
        try await administration.save(account, entry: act.entry("account.app-password.remove", target: "\(address) \(label)"))
        return AccountOutcome(account: AccountView(account), generatedPassword: nil)
    }
}

/// Adds and withdraws rights to use addresses.
package struct ChangeGrants: AdministrativeOperation {
    package static let name = "accounts.grant"
    package static let scope = AccessScope.accountsWrite
    package var address: EmailAddress
    package var add: [AddressGrant]
    package var remove: [AddressGrant]

    package init(address: EmailAddress, add: [AddressGrant], remove: [AddressGrant]) {
        self.address = address
        self.add = add
        self.remove = remove
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> AccountOutcome {
        var account = try await administration.account(address)
        account.grants.removeAll { remove.contains($0) }
        for grant in add where !account.grants.contains(grant) { account.grants.append(grant) }
        guard account.grants.count <= AccountRules.grantsMax else {
            throw AdministrationError(
                .invalid, "\(account.grants.count) grants; at most \(AccountRules.grantsMax)", "Grant a domain instead.")
        }
        let changes = add.map { "+\($0)" } + remove.map { "-\($0)" }
        try await administration.save(
            account, entry: act.entry("account.grant", target: "\(address) \(changes.joined(separator: " "))"))
        return AccountOutcome(account: AccountView(account), generatedPassword: nil)
    }
}
