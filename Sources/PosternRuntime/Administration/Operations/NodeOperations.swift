import MailModel
package import OutboundPolicy
import Storage

/// A run of a node as the command line and the HTTP interface show it. Times are RFC 3339 in UTC.
package struct NodeLine: Codable, Hashable, Sendable {
    /// The name of the run, as the store has it.
    package var run: String
    package var number: Int
    package var name: String
    package var version: String
    /// `running`, `lapsed` (it has not been heard of in time), `stopped`, `taken-over` (it died), `replaced` (it died, and runs again).
    package var state: String
    /// When the run began.
    package var since: String
    /// When it last renewed its lease, or ended.
    package var seen: String
    /// Open recipients that it holds for its attempts.
    package var recipients: Int
    /// `submission=192.0.2.1:587`.
    package var addresses: [String]
    /// Egress sources that it uses, the default one aside.
    package var sources: [String]

    init(_ row: NodeRow) {
        run = "\(row.owner)"
        number = Int(row.node)
        name = row.name
        version = row.version
        state = row.state.rawValue
        since = row.startedAt.rfc3339
        seen = row.seenAt.rfc3339
        recipients = row.recipients
        addresses = row.addresses
        sources = row.sources
    }
}

/// The nodes that run on the store, and the last run of each that ended lately.
package struct ListNodes: AdministrativeOperation {
    package static let name = "nodes.list"
    package static let scope = AccessScope.statusRead
    package init() {}

    package func perform(in administration: Administration, _ act: Act) async throws -> [NodeLine] {
        let now = act.at
        return try await administration.store.read { try $0.nodes(at: now).map(NodeLine.init) }
    }
}
