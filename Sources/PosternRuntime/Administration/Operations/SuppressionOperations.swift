package import MailModel
package import OutboundPolicy
package import Storage

/// Entries of the suppression list, the last changed first.
package struct ListSuppressions: AdministrativeOperation {
    package static let name = "suppressions.list"
    package static let scope = AccessScope.suppressionsRead
    package var query: SuppressionQuery

    package init(query: SuppressionQuery = SuppressionQuery()) { self.query = query }

    package func perform(in administration: Administration, _ act: Act) async throws -> [SuppressionView] {
        let query = query
        return try await administration.store.read { try $0.suppressions(query) }.map(SuppressionView.init)
    }
}

/// What is known of an address, and which mail does not go to it.
package struct CheckSuppression: AdministrativeOperation {
    package static let name = "suppressions.check"
    package static let scope = AccessScope.suppressionsRead
    package var address: EmailAddress

    package init(address: EmailAddress) { self.address = address }

    package func perform(in administration: Administration, _ act: Act) async throws -> SuppressionCheckView {
        let digest = try administration.addressKey().digest(address)
        let entries = try await administration.store.read { try $0.suppressions(of: digest) }
        return SuppressionCheckView(address, digest, entries, try await administration.directory().suppressionPolicy)
    }
}

/// Puts an address on the list.
package struct AddSuppression: AdministrativeOperation {
    package static let name = "suppressions.add"
    package static let scope = AccessScope.suppressionsWrite
    package var address: EmailAddress
    /// Nil: the organisation.
    package var place: SuppressionScope?
    /// Nil: `manual`.
    package var cause: SuppressionReason?
    /// 1…3650; nil: for ever.
    package var days: Int?

    package init(address: EmailAddress, place: SuppressionScope? = nil, cause: SuppressionReason? = nil, days: Int? = nil) {
        self.address = address
        self.place = place
        self.cause = cause
        self.days = days
    }

    static let daysRange = 1...3650

    package func perform(in administration: Administration, _ act: Act) async throws -> SuppressionView {
        if let days, !AddSuppression.daysRange.contains(days) {
            throw AdministrationError(.invalid, "\(days) days", "An entry lasts 1 to 3650 days, or for ever.")
        }
        let digest = try administration.addressKey().digest(address)
        let key = SuppressionKey(tenant: .standard, scope: place ?? .organisation, digest: digest, reason: cause ?? .manual)
        let entry = Suppression(
            key: key, address: address, source: act.actor, note: act.reason, createdAt: act.at,
            expiresAt: days.map { act.at + .seconds($0 * 86_400) })
        guard try await administration.suppress(.put([entry], audit: act.entry("suppression.add", target: key.auditTarget))) > 0 else {
            throw AdministrationError(
                .conflict, "\(address) is on the list already (\(key.scope), \(key.reason.rawValue))",
                "`postern suppressions check \(address)` says since when and why.")
        }
        return SuppressionView(entry)
    }
}

/// Takes an address off the list. What is taken off is kept for some time, so that it can be put back.
package struct RemoveSuppression: AdministrativeOperation {
    package static let name = "suppressions.remove"
    package static let scope = AccessScope.suppressionsWrite
    package var address: EmailAddress
    /// Nil: wherever it stands.
    package var place: SuppressionScope?
    /// Nil: whatever for.
    package var cause: SuppressionReason?

    package init(address: EmailAddress, place: SuppressionScope? = nil, cause: SuppressionReason? = nil) {
        self.address = address
        self.place = place
        self.cause = cause
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> SuppressionChangeView {
        let keys = try await administration.suppressions(of: address, place, cause) { $0.removedAt == nil }
        guard let first = keys.first else {
            throw AdministrationError(.notFound, "\(address) is not on the suppression list", "`postern suppressions list` shows it.")
        }
        let audit = act.entry("suppression.remove", target: first.auditTarget)
        return SuppressionChangeView(changed: try await administration.suppress(.remove(keys, at: act.at, audit: audit)))
    }
}

/// Puts back what was taken off, or what had ended, as it was.
package struct RestoreSuppression: AdministrativeOperation {
    package static let name = "suppressions.restore"
    package static let scope = AccessScope.suppressionsWrite
    package var address: EmailAddress
    /// Nil: wherever it stood.
    package var place: SuppressionScope?
    /// Nil: whatever for.
    package var cause: SuppressionReason?

    package init(address: EmailAddress, place: SuppressionScope? = nil, cause: SuppressionReason? = nil) {
        self.address = address
        self.place = place
        self.cause = cause
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> SuppressionChangeView {
        let keys = try await administration.suppressions(of: address, place, cause) { $0.removedAt != nil }
        guard let first = keys.first else {
            throw AdministrationError(
                .notFound, "nothing of \(address) was taken off the list lately", "`postern suppressions check \(address)` shows it.")
        }
        let audit = act.entry("suppression.restore", target: first.auditTarget)
        return SuppressionChangeView(changed: try await administration.suppress(.restore(keys, at: act.at, audit: audit)))
    }
}

/// Forgets an address and keeps only its hash: it is still not written to, and nobody can read whom it is about.
package struct EraseSuppression: AdministrativeOperation {
    package static let name = "suppressions.erase"
    package static let scope = AccessScope.suppressionsWrite
    package var address: EmailAddress

    package init(address: EmailAddress) { self.address = address }

    package func perform(in administration: Administration, _ act: Act) async throws -> SuppressionChangeView {
        let digest = try administration.addressKey().digest(address)
        let count = try await administration.suppress(
            .erase(digest, audit: act.entry("suppression.erase", target: "suppression:\(digest.text.prefix(16))")))
        return SuppressionChangeView(changed: count)
    }
}

extension SuppressionKey {
    /// As the audit names it: without the address, which may have to be forgotten.
    var auditTarget: String { "suppression:\(digest.text.prefix(16)) \(scope) \(reason.rawValue)" }
}

extension Administration {
    /// Of an address, those that match.
    fileprivate func suppressions(
        of address: EmailAddress, _ place: SuppressionScope?, _ cause: SuppressionReason?, where matches: (Suppression) -> Bool
    ) async throws -> [SuppressionKey] {
        let digest = try addressKey().digest(address)
        return try await store.read { try $0.suppressions(of: digest) }.filter(matches).map(\.key).filter { key in
            (place.map { $0 == key.scope } ?? true) && (cause.map { $0 == key.reason } ?? true)
        }
    }
}
