import Console
import MailModel
import OutboundPolicy
import Storage

/// Which account somebody has whom a provider has proved.
struct SignInMapping: Sendable {
    let administration: Administration
    let provider: SignInProvider
    let now: Timestamp

    private static let groupsMax = 1000

    private var actor: String { "sign-in:\(provider.name)" }

    /// Finds the account, links it at the first time, or makes it where the provider may.
    func account(subject: String, _ claims: [String: JSONValue]) async throws(SignInFault) -> Account {
        do {
            let directory = try await administration.directory()
            if let linked = directory.accounts.values.first(where: { isLinked($0, subject) }) { return try usable(linked) }
            let address = try address(claims)
            guard let account = directory.accounts[address.key] else { return try await made(address, subject, directory) }
            return try await linked(try usable(account), subject)
        } catch let fault as SignInFault {
            throw fault
        } catch {
            throw .unavailable("store", "\(error)")
        }
    }

    private func isLinked(_ account: Account, _ subject: String) -> Bool {
        account.signIns?.contains { $0.provider == provider.name && $0.subject == subject } ?? false
    }

    private func usable(_ account: Account) throws(SignInFault) -> Account {
        guard !account.isDisabled else {
            throw SignInFault(
                code: "disabled", text: "Your account here is disabled", advice: "Ask your administrator why.", detail: "\(account.address)"
            )
        }
        return account
    }

    private func address(_ claims: [String: JSONValue]) throws(SignInFault) -> EmailAddress {
        let name = provider.addressClaim ?? "email"
        guard let text = SignInMapping.claim(name, claims)?.string, let address = EmailAddress(text), address.domain != nil else {
            throw SignInFault(
                code: "no-address", text: "The provider did not say which address is yours",
                advice: "Your administrator has the provider put the claim \(name) into the ID token.", detail: "no claim \(name)")
        }
        let isVerified = claims["email_verified"] == .bool(true) || claims["email_verified"] == .string("true")
        guard name != "email" || isVerified || provider.trustsAddress == true else {
            throw SignInFault(
                code: "unverified", text: "The provider has not verified that \(address) is yours",
                advice: "Verify the address there. Where a provider never says so, an administrator can have it trusted.",
                detail: "email_verified is not true for \(address)")
        }
        return address
    }

    private func linked(_ account: Account, _ subject: String) async throws -> Account {
        if account.signIns?.contains(where: { $0.provider == provider.name }) ?? false {
            throw SignInFault(
                code: "other-person", text: "\(account.address) belongs to somebody else at the provider",
                advice: "If the address has changed hands, an administrator runs: postern sign-in unlink \(account.address)",
                detail: "another subject has \(account.address) now")
        }
        var account = account
        account.signIns = (account.signIns ?? []) + [SignInLink(provider: provider.name, subject: subject, linkedAt: now)]
        try await administration.save(
            account, entry: AuditEntry(at: now, actor: actor, action: "sign-in.link", target: "\(account.address)", reason: ""))
        return account
    }

    private func made(_ address: EmailAddress, _ subject: String, _ directory: Directory) async throws -> Account {
        let unknown = SignInFault(
            code: "no-account", text: "\(address) has no account here",
            advice: "Ask your administrator to add it: postern accounts add \(address)", detail: "\(address)")
        guard provider.createsAccounts == true, directory.acceptedDomain(of: address) != nil, directory.groups[address] == nil else {
            throw unknown
        }
        var account = Account(address: address, passwordHash: nil)
        account.signIns = [SignInLink(provider: provider.name, subject: subject, linkedAt: now)]
        let entry = AuditEntry(
            at: now, actor: actor, action: "account.add", target: "\(address)", reason: "first sign-in by \(provider.name)")
        try await administration.put(.account, name: address.key, account, mustBeNew: true, entry: entry)
        return account
    }

    /// The groups that the claims name; none where the provider's are not read.
    static func groups(_ claims: [String: JSONValue], _ provider: SignInProvider) -> [String] {
        guard let name = provider.groupsClaim else { return [] }
        return Array((claim(name, claims)?.strings ?? []).prefix(groupsMax))
    }

    /// By its name, or by a path such as `realm_access.roles`.
    private static func claim(_ name: String, _ claims: [String: JSONValue]) -> JSONValue? {
        if let value = claims[name] { return value }
        var value = JSONValue.object(claims)
        for part in name.split(separator: ".") {
            guard case .object(let fields) = value, let next = fields[String(part)] else { return nil }
            value = next
        }
        return value
    }
}
