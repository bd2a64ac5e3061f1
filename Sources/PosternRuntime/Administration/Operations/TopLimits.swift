import MailModel
package import OutboundPolicy
import Storage

/// Who is nearest to a limit: reads the use of everybody who sent lately, some thousands at a time.
package struct TopLimits: AdministrativeOperation {
    package static let name = "limits.top"
    package static let scope = AccessScope.limitsRead
    /// 1…1,000.
    package var limit: Int

    package init(limit: Int) { self.limit = limit }

    private static let batch = 1000

    package func perform(in administration: Administration, _ act: Act) async throws -> [NearLimitView] {
        guard (1...1000).contains(limit) else { throw AdministrationError(.invalid, "\(limit) is not 1…1000") }
        let day = PolicyTable(try await administration.directory(), zone: TimeZones.day).day
        return try await nearest(in: administration, act).map { near in
            NearLimitView(subject: near.subject, policy: near.policy, limit: LimitView(near.standing, day: day, at: act.at))
        }
    }

    /// The same as values.
    func nearest(in administration: Administration, _ act: Act) async throws -> [Near] {
        let directory = try await administration.directory()
        let table = PolicyTable(directory, zone: TimeZones.day)
        var nearest: [Near] = []
        var last = ""
        while !Task.isCancelled {
            let after = last
            let batch = try await administration.store.read { try $0.usages(after: after, limit: TopLimits.batch) }
            for (holder, usage) in batch {
                guard let near = TopLimits.nearest(holder, usage, table, directory, at: act.at) else { continue }
                nearest.append(near)
            }
            nearest = Array(nearest.sorted { $0.isBefore($1) }.prefix(limit))
            guard batch.count == TopLimits.batch, let holder = batch.last?.0 else { break }
            last = holder.name
        }
        return nearest
    }

    struct Near: Sendable {
        var subject: String
        var policy: String
        var standing: LimitStanding

        func isBefore(_ other: Near) -> Bool {
            let (mine, theirs) = (standing.reading.percent, other.standing.reading.percent)
            return mine != theirs ? mine > theirs : standing.holder < other.standing.holder
        }
    }

    /// The limit of this holder that it has used most of; nil where it has none, or nothing counts any more.
    private static func nearest(
        _ holder: UsageHolder, _ usage: SenderUsage, _ table: PolicyTable, _ directory: Directory, at now: Timestamp
    ) -> Near? {
        var (subject, policy) = (holder.name, "")
        var limits: [Limit]
        if holder == .organisation {
            limits = table.service?.ofOrganisation ?? []
        } else if holder.name.hasPrefix("connector:") {
            limits = table.service?.ofConnector ?? []
        } else {
            subject = String(holder.name.dropFirst("sender:".count))
            policy = table.policy(for: EmailAddress(subject))?.name ?? ""
            limits = table.senderLimits(of: subject, from: EmailAddress(subject), at: now)
        }
        limits.removeAll { $0.value == 0 }
        let standings = limits.map { usage.standing(of: holder, $0, wanted: 0, at: now) }
        guard let most = standings.max(by: { $0.reading.percent < $1.reading.percent }), most.reading.used > 0 else { return nil }
        return Near(subject: subject, policy: policy, standing: most)
    }
}
