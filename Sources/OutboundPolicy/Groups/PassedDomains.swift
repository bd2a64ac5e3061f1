package import MailModel

/// Which domains vouch for a message of others, as its Authentication-Results (RFC 8601) tell.
package enum PassedDomains {
    /// The rule of the finding that holds the results, as `ArrivalResults` writes it.
    package static let rule = "authentication.results"

    /// Domains whose SPF record or DKIM signature passed; nil where nothing was checked, since it is mail of our own.
    package static func of(_ findings: [Finding]) -> [DomainName]? {
        guard let results = findings.first(where: { $0.rule == rule }) else { return nil }
        return results.explanation.split(separator: ";").flatMap { part -> [DomainName] in
            let words = part.split(separator: " ")
            // What was added to the body may be anybody's.
            guard let first = words.first, first == "spf=pass" || first == "dkim=pass", !part.contains("not all of the body") else {
                return []
            }
            return words.compactMap { word in
                for name in ["smtp.mailfrom=", "header.d="] where word.hasPrefix(name) { return DomainName(word.dropFirst(name.count)) }
                return nil
            }
        }
    }

    /// Whether From's own domain is among them, or one above or below it (DMARC's relaxed alignment). True for mail of our own, which is held
    /// to its submitter's addresses.
    package static func prove(_ author: EmailAddress?, _ findings: [Finding]) -> Bool {
        guard let passed = of(findings) else { return true }
        guard let domain = author?.domain else { return false }
        return passed.contains { domain.isWithin($0) || $0.isWithin(domain) }
    }
}
