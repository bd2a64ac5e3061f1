package import MailModel
package import OutboundPolicy

/// A source that routes name and no living node has.
package struct SourceCondition: Hashable, Sendable, Codable {
    /// The source's name.
    package var source: String
    package var since: Timestamp
    /// Recipients that can leave from nowhere else and wait for it.
    package var recipients: Int

    package init(source: String, since: Timestamp, recipients: Int) {
        self.source = source
        self.since = since
        self.recipients = recipients
    }

    package var text: String {
        let waiting = recipients == 0 ? "No mail waits for it" : "\(recipients) recipients wait for it"
        return "No running node has egress source \(source) since \(since.rfc3339). \(waiting)"
    }

    /// For alert policies; `isOver` once a node has the source again.
    package func alert(at now: Timestamp, isOver: Bool = false) -> AlertCondition {
        AlertCondition(
            .sourceUnreachable, subject: "source:\(source)", at: now,
            text: isOver ? "A node has egress source \(source) again" : text,
            advice: isOver ? "" : "Start the node that has its address, give the address to another, or let its routes use another source.",
            isOver: isOver)
    }
}

/// Notices since when sources are missing. Pure: the time is given.
package struct SourceWatch: Sendable {
    private var missing: [String: Timestamp] = [:]

    package init() {}

    /// `lastSeen`: when a node that had the source was last heard of, where that is known.
    /// - Returns: Names that are missing since this look, and those that are back.
    package mutating func looked(
        _ table: SourceTable, lastSeen: [String: Timestamp], at now: Timestamp
    ) -> (lost: [String], back: [String]) {
        let names = table.missing.map(\.source)
        let lost = names.filter { missing[$0] == nil }
        let back = missing.keys.filter { !names.contains($0) }.sorted()
        for name in back { missing[name] = nil }
        for name in lost { missing[name] = min(now, lastSeen[name] ?? now) }
        return (lost, back)
    }

    package func since(_ source: String) -> Timestamp? { missing[source] }

    /// `waiting`: recipients in the store by the list that they wait for.
    package func conditions(_ table: SourceTable, waiting: [Int32: Int]) -> [SourceCondition] {
        table.missing.compactMap { item in
            missing[item.source].map { since in
                SourceCondition(source: item.source, since: since, recipients: item.lists.reduce(0) { $0 + (waiting[$1] ?? 0) })
            }
        }
    }
}
