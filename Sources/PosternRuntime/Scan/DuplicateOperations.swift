import ContentScan
import MailModel
package import OutboundPolicy

/// Copies of one text that were sent within the last 24 hours, with who sent them.
package struct DuplicateGroupView: Codable, Hashable, Sendable {
    package struct Member: Codable, Hashable, Sendable {
        /// The Message-ID field without angle brackets, by which the trace finds the message; empty where it had none.
        package var messageID: String
        package var sender: String
        /// Empty where none brought it.
        package var connector: String
        package var recipients: Int
        package var time: String
    }

    /// The same for as long as the group is remembered.
    package var id: String
    package var messages: Int
    package var recipients: Int
    /// Distinct, of the members that are remembered.
    package var senders: Int
    package var connectors: Int
    /// True where it counts as one pattern: 100 recipients, or 30 by three senders.
    package var isPattern: Bool
    package var first: String
    package var last: String
    /// The newest, oldest first; at most 50.
    package var members: [Member]

    init(_ group: DuplicateGroup, _ figures: DuplicateFigures) {
        id = String(group.id)
        (messages, recipients) = (figures.messages, figures.recipients)
        (senders, connectors, isPattern) = (figures.senders, figures.connectors, figures.isMany)
        members = group.members.map {
            Member(messageID: $0.message, sender: $0.sender, connector: $0.connector, recipients: $0.recipients, time: $0.at.rfc3339)
        }
        (first, last) = (members.first?.time ?? "", group.lastAt.rfc3339)
    }

    static func largest(_ index: DuplicateIndex, _ count: Int, at time: Timestamp) -> [DuplicateGroupView] {
        index.largest(count, at: time).map { DuplicateGroupView($0.group, $0.figures) }
    }
}

/// Groups of near-duplicates as this node has seen them, most recipients first.
package struct ListDuplicates: AdministrativeOperation {
    package static let name = "duplicates.list"
    package static let scope = AccessScope.traceRead
    package static let groupsMax = 1000
    /// Groups at most; 100 where nothing is said.
    package var limit: Int?
    /// Those alone in which this sender takes part.
    package var sender: String?

    package init(limit: Int? = nil, sender: String? = nil) {
        self.limit = limit
        self.sender = sender
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> [DuplicateGroupView] {
        let limit = limit ?? 100
        guard (1...ListDuplicates.groupsMax).contains(limit) else {
            throw AdministrationError(.invalid, "limit: 1 to \(ListDuplicates.groupsMax)")
        }
        let wanted = sender == nil ? limit : ListDuplicates.groupsMax
        let groups: [DuplicateGroupView]
        if let live = administration.live {
            groups = await live.duplicates(wanted)
        } else {
            let directory = administration.dataDirectory
            groups = try await BlockingWork.runLong {
                DuplicateKeeper.saved(directory, nil).map { DuplicateGroupView.largest($0, wanted, at: act.at) } ?? []
            }
        }
        guard let sender else { return groups }
        return Array(groups.filter { $0.members.contains { $0.sender == sender } }.prefix(limit))
    }
}
