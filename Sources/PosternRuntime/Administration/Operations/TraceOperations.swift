package import MailModel
package import OutboundPolicy
package import Storage

package struct SearchTrace: AdministrativeOperation {
    package static let name = "trace.search"
    package static let scope = AccessScope.traceRead
    package var query: TraceQuery

    package init(query: TraceQuery) { self.query = query }

    package func perform(in administration: Administration, _ act: Act) async throws -> [TraceLine] {
        try PageLimit.check(query.limit)
        try SearchTrace.check(query.status)
        if query.needsWords { try await administration.digestWhereNoGateDoes() }
        let query = query
        return try await administration.store.read { try $0.trace(query).map(TraceLine.init) }
    }
}

extension SearchTrace {
    static func check(_ status: String?) throws {
        let known = RecipientState.allCases.map(\.name) + ["deferred", "refused"]
        if let status, !known.contains(status) {
            throw AdministrationError(.invalid, "no such status: \(status)", "There are \(known.joined(separator: ", ")).")
        }
    }
}

package struct ShowLedger: AdministrativeOperation {
    package static let name = "ledger.show"
    package static let scope = AccessScope.ledgerRead
    /// Also counts the rows themselves, which is slow, and says whether the counters agree.
    package var verifies: Bool

    package init(verifies: Bool) { self.verifies = verifies }

    package func perform(in administration: Administration, _ act: Act) async throws -> LedgerView {
        let verifies = verifies
        return try await administration.store.read { store in
            let ledger = try store.ledger()
            return LedgerView(ledger, verified: verifies ? try store.recount() == ledger : nil)
        }
    }
}

package struct ListAudit: AdministrativeOperation {
    package static let name = "audit.list"
    package static let scope = AccessScope.auditRead
    package var limit: Int
    /// Acts older than the one of this number; nil from the newest on.
    package var before: Int64?

    package init(limit: Int, before: Int64? = nil) {
        self.limit = limit
        self.before = before
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> [AuditLine] {
        try PageLimit.check(limit)
        let query = AuditQuery(limit: limit, before: before)
        return try await administration.store.read { try $0.audit(query).map(AuditLine.init) }
    }
}

/// Drops the trace of old days, in small transactions beside the mail.
package struct PurgeTrace: AdministrativeOperation {
    package static let name = "trace.purge"
    package static let scope = AccessScope.tracePurge
    /// Messages of days before this moment go, once all their recipients are final.
    package var before: Timestamp

    package init(before: Timestamp) { self.before = before }

    /// Messages in one transaction: some milliseconds.
    static let batch = 500

    package func perform(in administration: Administration, _ act: Act) async throws -> Affected {
        guard before <= act.at else {
            throw AdministrationError(.invalid, "the day to purge up to lies ahead", "Keep at least 0 days.")
        }
        _ = try await administration.store.perform(.audit(act.entry("trace.purge", target: "before \(before.rfc3339)")))
        return Affected(count: try await PurgeTrace.purge(administration.store, before: before.day))
    }

    static func purge(_ store: any StoreAccess, before day: Int32) async throws -> Int {
        var total = 0
        while !Task.isCancelled {
            guard case .affected(let count) = try await store.perform(.purge(before: day, limit: batch)) else { break }
            total += count
            if count < batch { break }
        }
        return total
    }
}

package struct ShowStatus: AdministrativeOperation {
    package static let name = "status.show"
    package static let scope = AccessScope.statusRead
    package init() {}

    package func perform(in administration: Administration, _ act: Act) async throws -> GateStatus {
        guard let live = administration.live else {
            throw AdministrationError(.unavailable, "no gate runs on \(administration.dataDirectory)", "Start it with `postern serve`.")
        }
        return await live.status()
    }
}
