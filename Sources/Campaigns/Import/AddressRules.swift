package import MailModel

/// Lists that addresses are held against.
package struct AddressRules: Sendable {
    /// Names of the lists, in the order in which they count.
    private let names: [String]
    /// Local parts that belong to a function, each with the place of its list.
    private let roles: [String: Int]
    /// Domains of mailboxes that are thrown away, likewise. Their subdomains count too.
    private let disposable: [String: Int]
    private var suggestions: [String: String?] = [:]
    private static let suggestionsMax = 100_000

    /// Where something stands on several lists, the first of them is named.
    package init(roles: [AddressList] = [.commonRoles], disposable: [AddressList] = [.commonDisposable]) {
        let lists = roles + disposable
        names = lists.map(\.name)
        func entries(_ range: Range<Int>) -> [String: Int] {
            var found: [String: Int] = [:]
            for place in range { for entry in lists[place].entries where found[entry] == nil { found[entry] = place } }
            return found
        }
        self.roles = entries(0..<roles.count)
        self.disposable = entries(roles.count..<lists.count)
    }

    package enum Verdict: Hashable, Sendable {
        case typo(of: String)
        /// `list`: the name of the list that says so.
        case role(list: String)
        case disposable(list: String)
    }

    /// What is worth knowing of an address that can be written to.
    package mutating func verdicts(of address: EmailAddress) -> [Verdict] {
        guard let domain = address.domain?.text else { return [] }
        var verdicts: [Verdict] = []
        if let meant = suggestion(for: domain) { verdicts.append(.typo(of: meant)) }
        if let place = roles[address.localPart.lowercased()] { verdicts.append(.role(list: names[place])) }
        if let place = disposableList(domain) { verdicts.append(.disposable(list: names[place])) }
        return verdicts
    }

    private mutating func suggestion(for domain: String) -> String? {
        if let known = suggestions[domain] { return known }
        let found = DomainTypos.suggestion(for: domain)
        if suggestions.count < AddressRules.suggestionsMax { suggestions[domain] = .some(found) }
        return found
    }

    private func disposableList(_ domain: String) -> Int? {
        guard !disposable.isEmpty else { return nil }
        var rest = domain[...]
        while true {
            if let place = disposable[String(rest)] { return place }
            guard let dot = rest.firstIndex(of: ".") else { return nil }
            rest = rest[rest.index(after: dot)...]
        }
    }
}

/// What is only doubtful about an address: whoever imports it says whether it is taken.
package enum DoubtfulAddress: String, Hashable, Sendable, Codable, CaseIterable {
    case typo, role, disposable

    package var rule: ImportRule {
        switch self {
        case .typo: .typo
        case .role: .role
        case .disposable: .disposable
        }
    }
}
