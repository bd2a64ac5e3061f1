import ContentScan
import MailModel
package import OutboundPolicy

/// What a rule is to weigh.
package struct ScanWeightChange: Codable, Hashable, Sendable {
    /// `links.shortener`; with or without `scan.` before it.
    package var rule: String
    /// -20…20; nil for the usual one.
    package var weight: Double?

    package init(rule: String, weight: Double?) {
        self.rule = rule
        self.weight = weight
    }
}

/// Changes of the second opinion; nil leaves a field as it is.
package struct SecondOpinionChanges: Codable, Hashable, Sendable {
    /// Empty: nobody is asked any more.
    package var url: String?
    /// Kept sealed under the master key; empty for none.
    package var password: String?
    package var timeoutMilliseconds: Int?
    package var whenDown: SecondOpinion.WhenDown?
    package var weight: Double?

    package init() {}
}

/// Changes of the scan policy; nil leaves a field as it is.
package struct ScanPolicyChanges: Codable, Hashable, Sendable {
    /// True: from what is usual on, not from what was chosen before.
    package var anew: Bool?
    package var weights: [ScanWeightChange]?
    package var suspiciousFrom: Double?
    package var spamFrom: Double?
    package var suspicious: SuspiciousAction?
    package var spam: SpamAction?
    /// An address; empty for none.
    package var reviewer: String?
    package var secondOpinion: SecondOpinionChanges?

    package init() {}

    static let weightRange = -20.0...20.0
    static let thresholdRange = 0.1...100.0

    /// The policy as it would be. `seal`: of the password for the second opinion.
    func applied(to policy: ScanPolicy?, seal: (String) throws -> String) throws -> ScanPolicy {
        var result = anew == true ? ScanPolicy() : policy ?? ScanPolicy()
        for change in weights ?? [] { try ScanPolicyChanges.put(change, into: &result) }
        if let suspiciousFrom { result.suspiciousFrom = suspiciousFrom }
        if let spamFrom { result.spamFrom = spamFrom }
        if let suspicious { result.suspicious = suspicious }
        if let spam { result.spam = spam }
        if let reviewer { result.reviewer = try ScanPolicyChanges.address(reviewer) }
        if let secondOpinion { try secondOpinion.apply(to: &result, seal: seal) }
        try ScanPolicyChanges.check(result)
        return result
    }

    private static func put(_ change: ScanWeightChange, into policy: inout ScanPolicy) throws {
        let name = change.rule.hasPrefix("scan.") ? String(change.rule.dropFirst(5)) : change.rule
        guard let rule = ScanRule(rawValue: name) else {
            throw AdministrationError(.invalid, "there is no rule \(change.rule)", "`postern scan policy show` lists them.")
        }
        if let weight = change.weight, !weightRange.contains(weight) {
            throw AdministrationError(.invalid, "the weight \(weight) of \(name) is out of range", "It takes -20 to 20.")
        }
        policy.weights = (policy.weights ?? [:]).filter { $0.key != name }
        if let weight = change.weight, weight != rule.standardWeight { policy.weights?[name] = weight }
        if policy.weights?.isEmpty == true { policy.weights = nil }
    }

    private static func address(_ text: String) throws -> EmailAddress? {
        if text.isEmpty { return nil }
        guard let address = EmailAddress(text) else {
            throw AdministrationError(.invalid, "reviewer \(text) is no mail address", "Write it as review@example.org.")
        }
        return address
    }

    private static func check(_ policy: ScanPolicy) throws {
        let weights = ScanWeights(policy)
        for from in [weights.suspiciousFrom, weights.spamFrom] where !thresholdRange.contains(from) {
            throw AdministrationError(.invalid, "the score \(from) is out of range", "A verdict begins at 0.1 to 100.")
        }
        guard weights.suspiciousFrom <= weights.spamFrom else {
            throw AdministrationError(
                .invalid, "suspicious from \(weights.suspiciousFrom) lies above spam from \(weights.spamFrom)", "Raise the second, too.")
        }
        if policy.actionOnSuspicious == .copy, policy.reviewer == nil {
            throw AdministrationError(.invalid, "nobody is named who gets the copies", "Give a reviewer's address.")
        }
    }
}

extension SecondOpinionChanges {
    fileprivate func apply(to policy: inout ScanPolicy, seal: (String) throws -> String) throws {
        if url?.isEmpty == true {
            policy.secondOpinion = nil
            return
        }
        guard var opinion = url.map({ SecondOpinion(url: $0) }) ?? policy.secondOpinion else {
            throw AdministrationError(.invalid, "no other scanner is named", "Give the URL of rspamd.")
        }
        if let old = policy.secondOpinion {
            // The password was for the place that it was given for.
            opinion.sealedPassword = opinion.url == old.url ? old.sealedPassword : nil
            (opinion.timeoutMilliseconds, opinion.whenDown, opinion.weight) = (old.timeoutMilliseconds, old.whenDown, old.weight)
        }
        if let password { opinion.sealedPassword = password.isEmpty ? nil : try seal(password) }
        if let timeoutMilliseconds { opinion.timeoutMilliseconds = timeoutMilliseconds }
        if let whenDown { opinion.whenDown = whenDown }
        if let weight { opinion.weight = weight }
        if case .failure(let fault) = HTTPTarget.read(opinion.url, allowsPrivateAddresses: true) {
            throw AdministrationError(.invalid, "the URL of rspamd: \(fault.text)", "Write it as http://127.0.0.1:11333.")
        }
        guard SecondOpinion.timeoutRange.contains(opinion.timeout) else {
            throw AdministrationError(.invalid, "the time-out of \(opinion.timeout) ms is out of range", "It takes 100 to 30000.")
        }
        guard ScanPolicyChanges.weightRange.contains(opinion.weight ?? 0), (opinion.weight ?? 0) >= 0 else {
            throw AdministrationError(.invalid, "the weight of the second opinion is out of range", "It takes 0 to 20.")
        }
        policy.secondOpinion = opinion
    }
}
