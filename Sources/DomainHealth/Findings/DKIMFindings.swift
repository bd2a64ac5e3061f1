import MailAuthentication
import MailModel

/// What is to be said of a domain's DKIM keys: those of ours, and those that were asked for.
struct DKIMFindings {
    let facts: DomainFacts

    enum State: String {
        case published, missing, different, revoked, unreadable, unfit, unknown
    }

    static func state(_ key: KeyFacts) -> (state: State, record: DKIMPublished?) {
        switch key.answer {
        case .failure: return (.unknown, nil)
        case .noRecords: return (.missing, nil)
        case .records(let texts, _, _):
            // Where several stand there, the first that can be read is used.
            guard let text = texts.first(where: { DKIMPublished($0) != nil }), let record = DKIMPublished(text) else {
                return (.unreadable, nil)
            }
            if record.isRevoked { return (.revoked, record) }
            if let expected = key.expected, !texts.contains(where: { isSame($0, expected) }) { return (.different, record) }
            guard let bits = record.bits else { return (.unreadable, record) }
            if record.isUnfit || record.keyType == "rsa" && bits < DKIMPublished.bitsMin { return (.unfit, record) }
            return (.published, record)
        }
    }

    /// Whether two records carry the same key.
    private static func isSame(_ one: String, _ other: String) -> Bool {
        func key(_ text: String) -> String? {
            text.split(separator: ";").map { $0.filter { !$0.isWhitespace } }.first { $0.hasPrefix("p=") }
        }
        return key(one) == key(other)
    }

    var part: [DomainReport.Key] {
        facts.keys.map { key in
            let (state, record) = DKIMFindings.state(key)
            return DomainReport.Key(
                selector: key.selector, domain: key.domain.text, state: state.rawValue, type: record?.keyType ?? "",
                bits: record?.bits ?? 0,
                signs: key.signs)
        }
    }

    /// Domains of keys that sign and that receivers can verify.
    var working: [DomainName] {
        facts.keys.filter { $0.signs && DKIMFindings.state($0).state == .published }.map(\.domain)
    }

    var findings: [HealthFinding] {
        var found = facts.keys.flatMap(findings)
        if facts.own != nil, !facts.keys.contains(where: \.signs) {
            found.append(
                HealthFinding(
                    "dkim.none", .error, "Nothing of \(facts.domain) is signed: there is no key for it, nor for a domain above it.",
                    why: "Gmail, Yahoo and Outlook.com want DKIM from bulk senders, and DMARC without it breaks with every forwarding. "
                        + "`postern dkim add \(facts.domain)` makes the keys and shows the records.",
                    refusedBy: HealthFinding.bigThree))
        }
        return found
    }

    private func findings(_ key: KeyFacts) -> [HealthFinding] {
        let (state, record) = DKIMFindings.state(key)
        let records = key.expected.map { [HealthFinding.Record(key.name, "TXT", $0)] } ?? []
        let isUsed = key.signs || key.expected == nil
        func finding(_ rule: String, _ severity: HealthFinding.Severity, _ text: String, _ why: String) -> HealthFinding {
            HealthFinding(
                rule, isUsed ? severity : .advice, text, why: why, subject: key.name, records: records,
                refusedBy: key.signs && severity == .error ? HealthFinding.bigThree : [])
        }
        let broken = "What is signed with it fails DKIM at every receiver, and DMARC may fail with it."
        switch state {
        case .missing: return [finding("dkim.missing", .error, "DNS has no key at \(key.name).", broken)]
        case .different: return [finding("dkim.different", .error, "DNS has another key at \(key.name) than the one that signs.", broken)]
        case .revoked: return [finding("dkim.revoked", .error, "The key at \(key.name) is withdrawn (p= is empty).", broken)]
        case .unreadable: return [finding("dkim.unreadable", .error, "The record at \(key.name) is no key that can be read.", broken)]
        case .unfit:
            let text =
                record?.isUnfit == true
                ? "The key at \(key.name) allows neither SHA-256 nor mail (tags h and s)."
                : "The RSA key at \(key.name) has \(record?.bits ?? 0) bits; 1,024 are the least."
            return [finding("dkim.weak", .error, text, "RFC 8301 §3.2, and Gmail: shorter keys count as none.")]
        case .unknown:
            return [
                finding("dkim.unanswered", .warning, "DNS gave no answer for \(key.name).", "Receivers that ask now defer or fail DKIM.")
            ]
        case .published: return weaknesses(key, record)
        }
    }

    private func weaknesses(_ key: KeyFacts, _ record: DKIMPublished?) -> [HealthFinding] {
        guard let record else { return [] }
        var found: [HealthFinding] = []
        if record.keyType == "rsa", let bits = record.bits, bits < DKIMPublished.bitsAdvised {
            found.append(
                HealthFinding(
                    "dkim.short", .warning, "The RSA key at \(key.name) has \(bits) bits; 2,048 are advised.",
                    why: "Gmail and RFC 8301 advise 2,048. `postern dkim rotate \(key.domain)` makes a new pair.", subject: key.name))
        }
        if record.isTest {
            found.append(
                HealthFinding(
                    "dkim.test", .warning, "The key at \(key.name) says that it is a test (t=y).",
                    why: "Verifiers may pass over its signatures.", subject: key.name))
        }
        return found
    }
}
