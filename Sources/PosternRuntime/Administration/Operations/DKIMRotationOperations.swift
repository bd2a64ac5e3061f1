package import MailModel
package import OutboundPolicy
import Storage

/// Makes a new pair of keys that signs in place of the old one as soon as DNS has its records. Where one is waiting already, it says so.
package struct RotateDKIM: AdministrativeOperation {
    package static let name = "dkim.rotate"
    package static let scope = AccessScope.dkimWrite
    package var domain: DomainName
    /// As in `AddDKIMKeys`.
    package var selector: String?

    package init(domain: DomainName, selector: String? = nil) {
        self.domain = domain
        self.selector = selector
    }

    /// The pair that waits.
    package func perform(in administration: Administration, _ act: Act) async throws -> [DKIMKeyView] {
        guard let vault = administration.vault else {
            throw AdministrationError(.failed, "there is no master key", "Run `postern init`.")
        }
        let keys = try await administration.directory().dkimKeys[domain] ?? []
        guard keys.contains(where: { $0.currentPhase == .signing }) else {
            throw AdministrationError(.notFound, "no key of \(domain) signs", "`postern dkim add \(domain)` makes the first.")
        }
        let waiting = keys.filter { $0.currentPhase == .waiting }
        guard waiting.isEmpty else { return waiting.map(DKIMKeyView.init) }
        return try await AddDKIMKeys(domain: domain, selector: selector)
            .make(in: administration, vault, phase: .waiting, act, verb: "dkim.rotate")
    }
}

/// Looks at the records in DNS now, and takes rotations as far as they can go. Running gates do so by themselves.
package struct CheckDKIM: AdministrativeOperation {
    package static let name = "dkim.check"
    package static let scope = AccessScope.dkimWrite
    /// Nil: all domains.
    package var domain: DomainName?

    package init(domain: DomainName? = nil) { self.domain = domain }

    package func perform(in administration: Administration, _ act: Act) async throws -> [DKIMKeyView] {
        guard let live = administration.live else {
            throw AdministrationError(.unavailable, "no gate runs on \(administration.dataDirectory)", "Start it with `postern serve`.")
        }
        let policy = await live.dkimPolicy()
        let domains = try await administration.directory().dkimKeys.keys.filter { domain == nil || $0 == domain }
        if let domain, domains.isEmpty { throw AdministrationError(.notFound, "\(domain) has no DKIM keys") }
        for domain in domains.sorted() { try await step(domain, policy, live, administration, act) }
        return try await ListDKIMKeys(domain: domain).perform(in: administration, act)
    }

    private func step(
        _ domain: DomainName, _ policy: DKIMRotation.Policy, _ live: any LiveGate, _ administration: Administration, _ act: Act
    ) async throws {
        let keys = try await administration.directory().dkimKeys[domain] ?? []
        var answers: [String: DNSAnswer<String>] = [:]
        for key in keys {
            guard let name = DomainName(key.recordName) else { continue }
            answers[key.selector] = await live.txt(name)
        }
        var changes: [DirectoryChange] = []
        var makesPair = false
        for done in DKIMRotation(domain: domain, policy: policy).step(keys, answers: answers, at: act.at) {
            switch done {
            case .change(let key):
                let entry = act.entry("dkim.\(key.currentPhase.rawValue)", target: key.recordName)
                changes.append(try DirectoryChange(.dkimKey, name: key.recordName, key, entry: entry))
            case .remove(let key):
                let entry = act.entry("dkim.remove", target: key.recordName)
                changes.append(DirectoryChange(kind: .dkimKey, name: key.recordName, value: nil, audit: entry))
            case .alert(let condition): live.raise(condition)
            case .makePair: makesPair = true
            }
        }
        try await administration.commit(changes)
        if makesPair { _ = try await RotateDKIM(domain: domain).perform(in: administration, act) }
    }
}
