import MailAuthentication
package import MailModel
package import OutboundPolicy
import Storage

/// A DKIM key with the record to publish.
package struct DKIMKeyView: Codable, Hashable, Sendable {
    package var domain: String
    package var selector: String
    package var algorithm: String
    package var active: Bool
    /// `selector._domainkey.domain`, the name of the TXT record.
    package var recordName: String
    package var record: String
    /// `waiting` (for its record in DNS), `signing`, `retiring` (its record has to stay), `resting`.
    package var state: String
    /// RFC 3339; empty where nobody knows.
    package var stateSince: String
    /// What DNS had when a gate last looked: `published`, `missing`, `different`; empty where none has.
    package var dns: String
    package var dnsSince: String
    /// What comes next, or what somebody has to do.
    package var next: String

    init(_ key: DKIMKeyRecord) {
        domain = key.domain.text
        selector = key.selector
        algorithm = key.algorithm.rawValue
        active = key.isActive
        recordName = key.recordName
        record = key.publicRecord
        state = key.currentPhase.rawValue
        stateSince = key.phaseSince?.rfc3339 ?? ""
        dns = key.sight?.state.rawValue ?? ""
        dnsSince = key.sight?.since.rfc3339 ?? ""
        next = DKIMKeyView.next(key)
    }

    private static func next(_ key: DKIMKeyRecord) -> String {
        switch (key.currentPhase, key.sight?.state) {
        case (.waiting, .published): "DNS has its record; it signs once the records of the whole pair have been there for an hour."
        case (.waiting, _): "Publish its record: it signs once DNS has it."
        case (.signing, .missing): "DNS has no such record: publish it, or receivers find the signatures invalid."
        case (.signing, .different): "DNS has another record: publish this one, or receivers find the signatures invalid."
        case (.signing, _): ""
        case (.retiring, _): "Keep its record until the key is gone from this list: mail that it signed is under way."
        case (.resting, _): "It signs nothing."
        }
    }
}

extension KeyVault {
    /// What a sealed DKIM key is bound to.
    package static func context(domain: DomainName, selector: String) -> String { "dkim \(selector)._domainkey.\(domain)" }

    /// The PEM of a DKIM key's private half.
    package func privateKeyPEM(of key: DKIMKeyRecord) throws -> [UInt8] {
        try open(key.sealedPrivateKey, context: KeyVault.context(domain: key.domain, selector: key.selector))
    }
}

/// Makes a pair of keys for a domain, RSA-2048 and Ed25519, for signatures side by side.
package struct AddDKIMKeys: AdministrativeOperation {
    package static let name = "dkim.add"
    package static let scope = AccessScope.dkimWrite
    package var domain: DomainName
    /// Selectors are this with `r` or `e` behind it; nil takes the month, `p202611`.
    package var selector: String?

    package init(domain: DomainName, selector: String?) {
        self.domain = domain
        self.selector = selector
    }

    private static let keysMax = 20

    package func perform(in administration: Administration, _ act: Act) async throws -> [DKIMKeyView] {
        guard let vault = administration.vault else {
            throw AdministrationError(.failed, "there is no master key", "Run `postern init`.")
        }
        return try await make(in: administration, vault, phase: .signing, act, verb: "dkim.add")
    }

    /// A pair in a phase, both in one commit.
    func make(
        in administration: Administration, _ vault: KeyVault, phase: DKIMKeyRecord.Phase, _ act: Act, verb: String
    ) async throws -> [DKIMKeyView] {
        let existing = try await administration.directory().dkimKeys[domain] ?? []
        guard existing.count + 2 <= AddDKIMKeys.keysMax else {
            throw AdministrationError(.invalid, "\(domain) has \(existing.count) keys", "Remove those whose records are gone.")
        }
        let base = try selectorBase(taken: Set(existing.map(\.selector)), at: act.at)
        var (added, changes): ([DKIMKeyView], [DirectoryChange]) = ([], [])
        for (suffix, algorithm) in [("r", DKIMKeyRecord.Algorithm.rsa2048), ("e", .ed25519)] {
            let selector = base + suffix
            let domain = domain
            var key = try await BlockingWork.run {
                try DKIMKeyRecord.generated(domain: domain, selector: selector, algorithm: algorithm, vault: vault)
            }
            key.enter(phase, at: act.at)
            changes.append(
                try DirectoryChange(.dkimKey, name: key.recordName, key, mustBeNew: true, entry: act.entry(verb, target: key.recordName)))
            added.append(DKIMKeyView(key))
        }
        try await administration.commit(changes)
        return added
    }

    private func selectorBase(taken: Set<String>, at now: Timestamp) throws -> String {
        if let selector {
            guard !selector.isEmpty, DomainName(selector + "r") != nil, !selector.contains("."), selector.utf8.count <= 60 else {
                throw AdministrationError(.invalid, "\"\(selector)\" is no selector", "Take letters, digits and hyphens.")
            }
            guard !taken.contains(selector.lowercased() + "r"), !taken.contains(selector.lowercased() + "e") else {
                throw AdministrationError.exists("DKIM key", "\(selector)r or \(selector)e of \(domain)")
            }
            return selector.lowercased()
        }
        let month = "p" + now.rfc3339.prefix(7).filter { $0 != "-" }
        let candidates = [month] + (2...AddDKIMKeys.keysMax).map { "\(month)-\($0)" }
        guard let free = candidates.first(where: { !taken.contains($0 + "r") && !taken.contains($0 + "e") }) else {
            throw AdministrationError(.conflict, "\(domain) has keys under every selector of this month", "Give --selector.")
        }
        return free
    }
}

extension DKIMKeyRecord {
    static func generated(domain: DomainName, selector: String, algorithm: Algorithm, vault: KeyVault) throws -> DKIMKeyRecord {
        let key = try DKIMPrivateKey.generate(algorithm == .rsa2048 ? .rsaSHA256 : .ed25519SHA256)
        let sealed = try vault.seal(Array(try key.pem().utf8), context: KeyVault.context(domain: domain, selector: selector))
        return DKIMKeyRecord(
            domain: domain, selector: selector, algorithm: algorithm, sealedPrivateKey: sealed, publicRecord: try key.publicRecord())
    }
}

package struct ListDKIMKeys: AdministrativeOperation {
    package static let name = "dkim.list"
    package static let scope = AccessScope.dkimRead
    /// Nil: of all domains.
    package var domain: DomainName?

    package init(domain: DomainName?) { self.domain = domain }

    package func perform(in administration: Administration, _ act: Act) async throws -> [DKIMKeyView] {
        let keys = try await administration.directory().dkimKeys
        let wanted = domain.map { keys[$0] ?? [] } ?? keys.values.flatMap(\.self)
        return wanted.sorted { ($0.domain, $0.selector) < ($1.domain, $1.selector) }.map(DKIMKeyView.init)
    }
}

package struct RemoveDKIMKey: AdministrativeOperation {
    package static let name = "dkim.remove"
    package static let scope = AccessScope.dkimWrite
    package var domain: DomainName
    package var selector: String

    package init(domain: DomainName, selector: String) {
        self.domain = domain
        self.selector = selector
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> Affected {
        let name = "\(selector)._domainkey.\(domain)"
        guard try await administration.directory().dkimKeys[domain]?.contains(where: { $0.selector == selector }) ?? false else {
            throw AdministrationError(.notFound, "there is no DKIM key \(name)", "`postern dkim list` shows those there are.")
        }
        try await administration.remove(.dkimKey, name: name, entry: act.entry("dkim.remove", target: name))
        return Affected(count: 1)
    }
}
