package import MailModel

/// What the checks of a message found when it came in: for Authentication-Results (RFC 8601), and for the seal that goes on it when it
/// leaves. It is kept with the message as a finding.
package struct ArrivalResults: Hashable, Sendable {
    /// Whose key seals the message when it leaves.
    package var sealer: DomainName
    /// Of the chain that it came with; `temporaryError`: nothing is added to that.
    package var chain: ARCChain
    /// What stands behind the host's name in Authentication-Results; printable ASCII.
    package var text: String
    /// True where SPF or a DKIM signature passed, whoever's.
    package var isProven = false

    package static let rule = "authentication.results"

    /// `spf`: nil where the address says nothing.
    package init(sealer: DomainName, spf: SPFOutcome?, dkim: [DKIMVerification], chain: ARCChain) {
        self.sealer = sealer
        self.chain = chain
        var parts: [String] = []
        if let spf { parts.append(spf.text) }
        parts += dkim.prefix(ArrivalResults.signaturesMax).map(\.resultText)
        if dkim.isEmpty { parts.append("dkim=none") }
        if let result = chain.result { parts.append("arc=\(result)\(comment(chain.reason))") }
        text = parts.joined(separator: "; ")
        isProven = spf?.result == .pass || dkim.contains { $0.outcome == .pass }
    }

    /// Nothing could be found out for now.
    package init(sealer: DomainName, unchecked reason: String) {
        let dkim = DKIMVerification(domain: "", selector: "", outcome: .temporaryError(reason), isBodyPartial: false)
        self.init(sealer: sealer, spf: nil, dkim: [dkim], chain: .temporaryError(reason: reason))
    }

    /// Of DKIM, in the order of the header.
    private static let signaturesMax = 5

    package var finding: Finding {
        Finding(rule: ArrivalResults.rule, matched: "\(state) d=\(sealer)" + (isProven ? " passed=yes" : ""), explanation: text)
    }

    private var state: String {
        switch chain {
        case .none: "arc=none"
        case .pass(let instances, _): "arc=pass i=\(instances)"
        case .fail(_, let instances): "arc=fail i=\(instances)"
        case .temporaryError: "arc=temperror"
        }
    }

    /// Nil for any other finding.
    package init?(_ finding: Finding) {
        guard finding.rule == ArrivalResults.rule else { return nil }
        var tags: [Substring: Substring] = [:]
        for tag in finding.matched.split(separator: " ") {
            let parts = tag.split(separator: "=", maxSplits: 1)
            if parts.count == 2 { tags[parts[0]] = parts[1] }
        }
        guard let sealer = tags["d"].flatMap({ DomainName($0) }) else { return nil }
        let instances = tags["i"].flatMap { Int($0) } ?? 0
        self.sealer = sealer
        text = finding.explanation
        isProven = tags["passed"] == "yes"
        switch tags["arc"] {
        case "none": chain = .none
        case "pass": chain = .pass(instances: instances, sealers: [])
        case "fail": chain = .fail(reason: "", instances: instances)
        default: chain = .temporaryError(reason: "")
        }
    }
}

/// SPF of one session, and whose record it was.
package struct SPFOutcome: Hashable, Sendable {
    package var result: SPF.Result
    package var domain: DomainName
    /// True where the reverse-path is null, so that the EHLO name counts.
    package var isHello: Bool

    package init(result: SPF.Result, domain: DomainName, isHello: Bool) {
        self.result = result
        self.domain = domain
        self.isHello = isHello
    }

    fileprivate var text: String { "spf=\(result.rawValue) \(isHello ? "smtp.helo" : "smtp.mailfrom")=\(token(domain.text))" }
}

extension DKIMVerification {
    fileprivate var resultText: String {
        let (result, reason) =
            switch outcome {
            case .pass: ("pass", isBodyPartial ? "not all of the body is signed" : "")
            case .fail(let reason): ("fail", reason)
            case .permanentError(let reason): ("permerror", reason)
            case .temporaryError(let reason): ("temperror", reason)
            }
        let names = domain.isEmpty ? "" : " header.d=\(token(domain))" + (selector.isEmpty ? "" : " header.s=\(token(selector))")
        return "dkim=\(result)\(comment(reason))\(names)"
    }
}

extension ARCChain {
    fileprivate var reason: String {
        if case .fail(let reason, _) = self { reason } else { "" }
    }
}

/// In parentheses, with a space before; empty for nothing. What could end the comment or the field is left out.
private func comment(_ text: String) -> String {
    let plain = text.unicodeScalars.filter { (0x20...0x7E).contains($0.value) && !"()\\;".unicodeScalars.contains($0) }.prefix(120)
    return plain.isEmpty ? "" : " (\(String(String.UnicodeScalarView(plain))))"
}

/// A name as it may stand without quotes; `unreadable` for one of other letters.
private func token(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy { byte in
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || [0x2D, 0x2E, 0x5F].contains(byte)
    }
    return isPlain && !text.isEmpty && text.utf8.count <= DomainName.bytesMax ? text : "unreadable"
}
