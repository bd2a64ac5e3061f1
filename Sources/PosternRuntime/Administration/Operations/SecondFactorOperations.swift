package import MailModel
package import OutboundPolicy
import Storage

/// A new second factor. Shown this once.
package struct SecondFactorOutcome: Codable, Hashable, Sendable {
    package var account: String
    /// Base 32, to be typed into an authenticator; empty where one was confirmed or removed.
    package var secret: String
    /// The same as `otpauth://…`.
    package var link: String
    package var recoveryCodes: [String]
    package var confirmed: Bool
}

/// Makes a secret and recovery codes. It counts once a code of it was shown.
package struct BeginSecondFactor: AdministrativeOperation {
    package static let name = "accounts.second-factor.begin"
    package static let scope = AccessScope.accountsWrite
    package var address: EmailAddress

    package init(address: EmailAddress) { self.address = address }

    package func perform(in administration: Administration, _ act: Act) async throws -> SecondFactorOutcome {
        var account = try await administration.account(address)
        guard account.secondFactor?.confirmedAt == nil else {
            throw AdministrationError(.conflict, "\(address) has a second factor already", "Remove it first.")
        }
        guard let vault = administration.vault else {
            throw AdministrationError(.unavailable, "there is no master key", "Run `postern init`.")
        }
        let code = OneTimeCode.random()
        let recovery = (0..<RecoveryCode.count).map { _ in RecoveryCode.make() }
        account.secondFactor = SecondFactor(
            sealedSecret: try vault.seal(code.secret, context: SecondFactor.context(account)), madeAt: act.at,
            recoveryHashes: recovery.map(RecoveryCode.hash))
        try await administration.save(account, entry: act.entry("account.second-factor.begin", target: address.description))
        return SecondFactorOutcome(
            account: address.description, secret: code.text, link: code.address(account: address.description, issuer: "Postern"),
            recoveryCodes: recovery, confirmed: false)
    }
}

/// Takes the first code, and asks for one at every sign-in to the console from then on.
package struct ConfirmSecondFactor: AdministrativeOperation {
    package static let name = "accounts.second-factor.confirm"
    package static let scope = AccessScope.accountsWrite
    package var address: EmailAddress
    /// Six digits.
    package var code: String

    package init(address: EmailAddress, code: String) {
        self.address = address
        self.code = code
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> SecondFactorOutcome {
        var account = try await administration.account(address)
        guard let factor = account.secondFactor, factor.confirmedAt == nil else {
            throw AdministrationError(.conflict, "\(address) has no second factor that waits for its first code", "Begin with a new one.")
        }
        guard let vault = administration.vault else {
            throw AdministrationError(.unavailable, "there is no master key", "Run `postern init`.")
        }
        let secret = try vault.open(factor.sealedSecret, context: SecondFactor.context(account))
        guard OneTimeCode(secret: secret).step(of: code, at: act.at) != nil else {
            throw AdministrationError(.invalid, "the code is not right", "Look at the clock of the device, and type the next code.")
        }
        account.secondFactor?.confirmedAt = act.at
        try await administration.save(account, entry: act.entry("account.second-factor.confirm", target: address.description))
        return SecondFactorOutcome(account: address.description, secret: "", link: "", recoveryCodes: [], confirmed: true)
    }
}

/// For a lost device. The account's sessions end.
package struct RemoveSecondFactor: AdministrativeOperation {
    package static let name = "accounts.second-factor.remove"
    package static let scope = AccessScope.accountsWrite
    package var address: EmailAddress

    package init(address: EmailAddress) { self.address = address }

    package func perform(in administration: Administration, _ act: Act) async throws -> SecondFactorOutcome {
        var account = try await administration.account(address)
        guard account.secondFactor != nil else { throw AdministrationError(.notFound, "\(address) has no second factor") }
        account.secondFactor = nil
        try await administration.save(account, entry: act.entry("account.second-factor.remove", target: address.description))
        return SecondFactorOutcome(account: address.description, secret: "", link: "", recoveryCodes: [], confirmed: false)
    }
}

extension SecondFactor {
    /// What its secret is sealed for.
    static func context(_ account: Account) -> String { "second-factor:\(account.address.key)" }
}
