import DNSClient
package import MailModel
import NIOPosix
package import OutboundPolicy

/// A provider without its secret.
package struct SignInProviderView: Codable, Hashable, Sendable {
    package var name: String
    package var title: String
    package var issuer: String
    package var clientID: String
    package var hasSecret: Bool
    /// What has to be registered at the provider, behind the address of the console.
    package var returnPath: String
    package var scopes: [String]
    package var addressClaim: String
    package var trustsAddress: Bool
    package var groupsClaim: String?
    package var groupRoles: [String: [String]]
    package var createsAccounts: Bool
    package var endsPasswords: Bool
    package var allowsPrivateAddresses: Bool
    package var disabled: Bool
    package var created: String

    init(_ provider: SignInProvider) {
        name = provider.name
        title = provider.title
        issuer = provider.issuer
        clientID = provider.clientID
        hasSecret = provider.sealedSecret != nil
        returnPath = "/sign-in/with/\(provider.name)/back"
        scopes = ["openid"] + (provider.scopes ?? ["email", "profile"])
        addressClaim = provider.addressClaim ?? "email"
        trustsAddress = provider.trustsAddress ?? false
        groupsClaim = provider.groupsClaim
        groupRoles = provider.groupRoles ?? [:]
        createsAccounts = provider.createsAccounts ?? false
        endsPasswords = provider.endsPasswords ?? false
        allowsPrivateAddresses = provider.allowsPrivateAddresses ?? false
        disabled = provider.isDisabled
        created = provider.createdAt.rfc3339
    }
}

/// What of a provider is chosen; nil leaves it as it is, or as it is by itself.
package struct SignInProviderChange: Codable, Hashable, Sendable {
    /// As the sign-in page calls it.
    package var label: String?
    package var issuer: String?
    package var clientID: String?
    /// Empty: a client without one.
    package var secret: String?
    /// Beside openid; empty: email and profile.
    package var scopes: [String]?
    /// Empty: email.
    package var addressClaim: String?
    package var trustsAddress: Bool?
    /// Empty: groups give no roles.
    package var groupsClaim: String?
    /// GROUP=ROLE, as often as wanted; takes the place of all.
    package var groupRoles: [String]?
    package var createsAccounts: Bool?
    package var endsPasswords: Bool?
    package var allowsPrivateAddresses: Bool?
    package var enabled: Bool?

    package init() {}

    private static let textBytesMax = 255
    private static let rolesMax = 500

    func apply(to provider: inout SignInProvider, in administration: Administration) throws {
        func text(_ value: String, _ what: String) throws -> String? {
            guard value.utf8.count <= SignInProviderChange.textBytesMax,
                value.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
            else { throw AdministrationError(.invalid, "\(what) is too long, or holds a control character") }
            return value.isEmpty ? nil : value
        }
        if let label { provider.label = try text(label, "the label") }
        if let clientID { provider.clientID = try text(clientID, "the client id") ?? "" }
        if let issuer { provider.issuer = issuer }
        if let allowsPrivateAddresses { provider.allowsPrivateAddresses = allowsPrivateAddresses }
        if let scopes { provider.scopes = scopes.isEmpty ? nil : try SignInProviderChange.words(scopes) }
        if let addressClaim { provider.addressClaim = try text(addressClaim, "the claim's name") }
        if let trustsAddress { provider.trustsAddress = trustsAddress }
        if let groupsClaim { provider.groupsClaim = try text(groupsClaim, "the claim's name") }
        if let groupRoles { provider.groupRoles = groupRoles.isEmpty ? nil : try SignInProviderChange.table(groupRoles) }
        if let createsAccounts { provider.createsAccounts = createsAccounts }
        if let endsPasswords { provider.endsPasswords = endsPasswords }
        if let enabled { provider.isDisabled = !enabled }
        if let secret { provider.sealedSecret = secret.isEmpty ? nil : try administration.sealed(secret, of: provider.name) }
        guard !provider.clientID.isEmpty else {
            throw AdministrationError(
                .invalid, "there is no client id", "The provider gives one where this gate is registered as a client.")
        }
        if case .failure(let fault) = ProviderDocument.address(of: provider) {
            throw AdministrationError(
                .invalid, "the issuer: \(fault.text)", "Write it as the provider does, such as https://login.example.org/realms/staff.")
        }
    }

    private static func words(_ scopes: [String]) throws -> [String] {
        // RFC 6749 §3.3.
        for scope in scopes where !scope.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x5C }) || scope.utf8.count > 100 {
            throw AdministrationError(.invalid, "\"\(scope.prefix(40))\" is no scope")
        }
        guard scopes.count <= 20 else { throw AdministrationError(.invalid, "\(scopes.count) scopes; at most 20") }
        return scopes.filter { $0 != "openid" && !$0.isEmpty }
    }

    private static func table(_ lines: [String]) throws -> [String: [String]] {
        guard lines.count <= rolesMax else { throw AdministrationError(.invalid, "\(lines.count) groups; at most \(rolesMax)") }
        return try lines.reduce(into: [:]) { table, line in
            // A group's name may hold the sign; no role does.
            guard let sign = line.lastIndex(of: "="), sign != line.startIndex,
                let role = Role(rawValue: String(line[line.index(after: sign)...]))
            else {
                throw AdministrationError(
                    .invalid, "\"\(line.prefix(80))\" is not GROUP=ROLE",
                    "Roles are \(Role.allCases.map(\.rawValue).joined(separator: ", ")).")
            }
            table[String(line[..<sign]), default: []].append(role.rawValue)
        }
    }
}

extension Administration {
    fileprivate func sealed(_ secret: String, of provider: String) throws -> String {
        guard let vault else {
            throw AdministrationError(.failed, "\(dataDirectory.masterKey) is missing", "Run `postern init --data \(dataDirectory)`.")
        }
        guard secret.utf8.count <= 4096 else { throw AdministrationError(.invalid, "the secret is too long") }
        return try vault.seal(Array(secret.utf8), context: KeyVault.context(signInProvider: provider))
    }

    fileprivate func signInProvider(_ name: String) async throws -> SignInProvider {
        guard let provider = try await directory().signInProviders[name] else {
            throw AdministrationError.noSuch("sign-in provider", name)
        }
        return provider
    }
}

package struct ListSignInProviders: AdministrativeOperation {
    package static let name = "sign-in.list"
    package static let scope = AccessScope.accountsRead
    package init() {}

    package func perform(in administration: Administration, _ act: Act) async throws -> [SignInProviderView] {
        try await administration.directory().signInProviders.values.sorted { $0.name < $1.name }.map(SignInProviderView.init)
    }
}

package struct AddSignInProvider: AdministrativeOperation {
    package static let name = "sign-in.add"
    package static let scope = AccessScope.accountsWrite
    /// The new provider's name.
    package var provider: String
    package var change: SignInProviderChange

    package init(provider: String, change: SignInProviderChange) {
        self.provider = provider
        self.change = change
    }

    private static let countMax = 20

    package func perform(in administration: Administration, _ act: Act) async throws -> SignInProviderView {
        try ObjectName.check(provider, of: "sign-in provider")
        let known = try await administration.directory().signInProviders
        guard known[provider] == nil else { throw AdministrationError.exists("sign-in provider", provider) }
        guard known.count < AddSignInProvider.countMax else {
            throw AdministrationError(.invalid, "there are \(AddSignInProvider.countMax) sign-in providers already", "Remove one first.")
        }
        var made = SignInProvider(name: provider, issuer: "", clientID: "", createdAt: act.at)
        try change.apply(to: &made, in: administration)
        try await administration.put(
            .signInProvider, name: provider, made, mustBeNew: true, entry: act.entry("sign-in.add", target: provider))
        return SignInProviderView(made)
    }
}

/// Changes what is given of it. With another issuer, the accounts that were linked stay linked: their subjects are the old issuer's, and open
/// nothing at the new one.
package struct ChangeSignInProvider: AdministrativeOperation {
    package static let name = "sign-in.set"
    package static let scope = AccessScope.accountsWrite
    package var provider: String
    package var change: SignInProviderChange

    package init(provider: String, change: SignInProviderChange) {
        self.provider = provider
        self.change = change
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> SignInProviderView {
        var changed = try await administration.signInProvider(provider)
        try change.apply(to: &changed, in: administration)
        try await administration.put(.signInProvider, name: provider, changed, entry: act.entry("sign-in.set", target: provider))
        return SignInProviderView(changed)
    }
}

/// Its sessions are over then, and accounts sign in by their passwords again.
package struct RemoveSignInProvider: AdministrativeOperation {
    package static let name = "sign-in.remove"
    package static let scope = AccessScope.accountsWrite
    package var provider: String

    package init(provider: String) { self.provider = provider }

    package func perform(in administration: Administration, _ act: Act) async throws -> Affected {
        _ = try await administration.signInProvider(provider)
        try await administration.remove(.signInProvider, name: provider, entry: act.entry("sign-in.remove", target: provider))
        return Affected(count: 1)
    }
}

/// Frees an account from the person at a provider to whom it belonged: the next who has its address there takes it.
package struct UnlinkSignIn: AdministrativeOperation {
    package static let name = "sign-in.unlink"
    package static let scope = AccessScope.accountsWrite
    package var address: EmailAddress

    package init(address: EmailAddress) { self.address = address }

    package func perform(in administration: Administration, _ act: Act) async throws -> Affected {
        var account = try await administration.account(address)
        let count = account.signIns?.count ?? 0
        account.signIns = nil
        try await administration.save(account, entry: act.entry("sign-in.unlink", target: address.description))
        return Affected(count: count)
    }
}

/// What a provider says of itself at this moment.
package struct SignInProviderCheck: Codable, Hashable, Sendable {
    package var ok: Bool
    /// One sentence.
    package var text: String
    /// Empty where it did not come to that.
    package var authorizationEndpoint: String
    /// Keys that tokens may be signed with.
    package var keys: Int
    package var offersSignOut: Bool
}

/// Asks a provider for its description and its keys, as a sign-in does.
package struct CheckSignInProvider: AdministrativeOperation {
    package static let name = "sign-in.check"
    package static let scope = AccessScope.accountsWrite
    package var provider: String

    package init(provider: String) { self.provider = provider }

    package func perform(in administration: Administration, _ act: Act) async throws -> SignInProviderCheck {
        let provider = try await administration.signInProvider(provider)
        let settings = try? await administration.settings().delivery
        let client = try OutboundHTTP(group: MultiThreadedEventLoopGroup.singleton, extraRoots: settings?.tlsRoots)
        if let dns = administration.live?.dns() {
            return await CheckSignInProvider.check(provider, ProviderKnowledge(client: client) { await dns.addresses($0) }, at: act.at)
        }
        return try await DomainSurveyor.ask(nil, settings) { dns in
            await CheckSignInProvider.check(provider, ProviderKnowledge(client: client) { await dns.addresses($0) }, at: act.at)
        }
    }

    private static func check(_ provider: SignInProvider, _ knowledge: ProviderKnowledge, at now: Timestamp) async -> SignInProviderCheck {
        do {
            let document = try await knowledge.document(of: provider, at: now)
            let keys = try await knowledge.keys(of: provider, at: now).keys.count
            return SignInProviderCheck(
                ok: keys > 0, text: keys > 0 ? "The provider answers as it should." : "The provider's key set is empty.",
                authorizationEndpoint: document.authorization, keys: keys, offersSignOut: document.endSession != nil)
        } catch {
            return SignInProviderCheck(
                ok: false, text: "\(error.code): \(error.reason)", authorizationEndpoint: "", keys: 0, offersSignOut: false)
        }
    }
}
