import MailModel
package import OutboundPolicy

/// The organisation's scan policy.
package struct ShowScanPolicy: AdministrativeOperation {
    package static let name = "scan.policy"
    package static let scope = AccessScope.policiesRead
    package init() {}

    package func perform(in administration: Administration, _ act: Act) async throws -> ScanPolicyView {
        ScanPolicyView(try await administration.directory().scanPolicy)
    }
}

/// Changes weights, thresholds, what is done then, or who else is asked.
package struct SetScanPolicy: AdministrativeOperation {
    package static let name = "scan.set-policy"
    package static let scope = AccessScope.policiesWrite
    package var changes: ScanPolicyChanges

    package init(changes: ScanPolicyChanges) { self.changes = changes }

    package func perform(in administration: Administration, _ act: Act) async throws -> ScanPolicyView {
        let old = try await administration.directory().scanPolicy
        let policy = try changes.applied(to: old) { try administration.seal($0) }
        if let reviewer = policy.reviewer, reviewer != old?.reviewer { try await check(reviewer, administration) }
        let target = ScanPolicyWords.difference(old, policy)
        if policy != (old ?? ScanPolicy()) {
            try await administration.put(.scanPolicy, name: ScanPolicy.objectName, policy, entry: act.entry("scan.policy", target: target))
        }
        return ScanPolicyView(policy)
    }

    /// What looks like spam does not leave the organisation as Postern's own mail.
    private func check(_ reviewer: EmailAddress, _ administration: Administration) async throws {
        guard try await administration.directory().acceptedDomain(of: reviewer) == nil else { return }
        throw AdministrationError(
            .invalid, "reviewer \(reviewer) is in no domain of the organisation", "`postern domains add` says which domains are its own.")
    }
}

extension Administration {
    fileprivate func seal(_ password: String) throws -> String {
        guard let vault else {
            throw AdministrationError(
                .failed, "\(dataDirectory.masterKey) is missing", "Run `postern init --data \(dataDirectory)`.")
        }
        return try vault.seal(Array(password.utf8), context: KeyVault.secondOpinionContext)
    }
}

extension KeyVault {
    /// What a sealed password is bound to.
    static let secondOpinionContext = "second-opinion-password"
}

/// What the audit says of a change.
private enum ScanPolicyWords {
    static func difference(_ old: ScanPolicy?, _ new: ScanPolicy) -> String {
        let (before, after) = (ScanPolicyView(old), ScanPolicyView(new))
        let weights = Dictionary(uniqueKeysWithValues: before.rules.map { ($0.rule, $0.weight) })
        var parts = after.rules.filter { weights[$0.rule] != $0.weight }.map { "\($0.rule) \(weights[$0.rule] ?? 0) -> \($0.weight)" }
        func add(_ name: String, _ one: String, _ other: String) {
            if one != other { parts.append("\(name) \(one.isEmpty ? "none" : one) -> \(other.isEmpty ? "none" : other)") }
        }
        add("suspicious from", "\(before.suspiciousFrom)", "\(after.suspiciousFrom)")
        add("spam from", "\(before.spamFrom)", "\(after.spamFrom)")
        add("suspicious:", before.suspicious.rawValue, after.suspicious.rawValue)
        add("spam:", before.spam.rawValue, after.spam.rawValue)
        add("reviewer", before.reviewer, after.reviewer)
        add("second opinion", words(before.secondOpinion), words(after.secondOpinion))
        return parts.joined(separator: ", ")
    }

    private static func words(_ opinion: ScanPolicyView.Opinion?) -> String {
        opinion.map { "\($0.url) \($0.timeoutMilliseconds) ms weight \($0.weight), down: \($0.whenDown.rawValue)" } ?? ""
    }
}
