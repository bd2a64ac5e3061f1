import Campaigns
import MailModel
package import OutboundPolicy
import Storage

/// A list with how many people are on it.
package struct ListView: Codable, Hashable, Sendable {
    package var list: String
    package var title: String
    package var subscribed: Int
    package var unsubscribed: Int
    package var created: String
    /// Newest first, at most 20.
    package var imports: [ListImportView]

    init(_ list: MailingList, _ counts: [Subscriber.State: Int], _ imports: [ListImport]) {
        self.list = list.name
        title = list.title
        subscribed = counts[.subscribed] ?? 0
        unsubscribed = counts[.unsubscribed] ?? 0
        created = list.createdAt.rfc3339
        self.imports = imports.map(ListImportView.init)
    }
}

package struct ListImportView: Codable, Hashable, Sendable {
    package var number: Int64
    /// `under way`, `done`, `dropped`.
    package var state: String
    package var file: String
    package var source: String
    package var attestedBy: String
    package var started: String
    /// The last line that is kept of one under way.
    package var line: Int
    package var rows: Int
    package var taken: Int
    package var risk: String

    init(_ run: ListImport) {
        number = run.number
        state =
            switch run.state {
            case .underWay: "under way"
            case .done: "done"
            case .dropped: "dropped"
            }
        file = run.file
        source = run.source.rawValue
        attestedBy = run.attestedBy
        started = run.startedAt.rfc3339
        line = run.line
        rows = run.report?.rows ?? 0
        taken = run.report?.taken ?? 0
        risk = run.report.map { RiskGrade($0, source: run.source).level.rawValue } ?? ""
    }
}

extension Administration {
    func list(_ name: String) async throws -> MailingList {
        guard let list = try await directory().lists[name] else { throw AdministrationError.noSuch("list", name) }
        return list
    }

    func people(_ work: PeopleWork) async throws -> PeopleWorkResult {
        guard case .people(let result) = try await store.perform(.people(work)) else {
            throw AdministrationError(.failed, "the store did not answer")
        }
        return result
    }

    func affected(_ work: PeopleWork) async throws -> Int {
        guard case .affected(let count) = try await people(work) else { return 0 }
        return count
    }

    func view(_ list: MailingList) async throws -> ListView {
        try await store.read { store in
            ListView(list, try store.memberCounts(list: list.number), try store.imports(list: list.number, limit: 20))
        }
    }
}

package struct AddList: AdministrativeOperation {
    package static let name = "lists.add"
    package static let scope = AccessScope.listsWrite
    package var list: String
    package var title: String?

    package init(list: String, title: String? = nil) {
        self.list = list
        self.title = title
    }

    static let titleCharactersMax = 200

    package func perform(in administration: Administration, _ act: Act) async throws -> ListView {
        guard MailingList.isName(list) else {
            throw AdministrationError(.invalid, "\"\(list.prefix(100))\" is no name of a list", "Take a to z, 0 to 9, - and _; 64 at most.")
        }
        let title = title ?? ""
        guard title.count <= AddList.titleCharactersMax, !title.contains(where: \.isNewline) else {
            throw AdministrationError(.invalid, "the title is not one line of at most \(AddList.titleCharactersMax) characters")
        }
        let lists = try await administration.directory().lists
        guard lists[list] == nil else { throw AdministrationError.exists("list", list) }
        // The time it was made: never that of another list, not of one that is gone either.
        let newest = lists.values.map(\.number).max() ?? 0
        let added = MailingList(name: list, number: max(act.at.milliseconds, newest + 1), title: title, createdAt: act.at)
        try await administration.put(.list, name: list, added, mustBeNew: true, entry: act.entry("list.add", target: list))
        return ListView(added, [:], [])
    }
}

package struct ListLists: AdministrativeOperation {
    package static let name = "lists.list"
    package static let scope = AccessScope.listsRead
    package init() {}

    package func perform(in administration: Administration, _ act: Act) async throws -> [ListView] {
        let lists = try await administration.directory().lists.values.sorted { $0.name < $1.name }
        var views: [ListView] = []
        for list in lists { views.append(try await administration.view(list)) }
        return views
    }
}

package struct ShowList: AdministrativeOperation {
    package static let name = "lists.show"
    package static let scope = AccessScope.listsRead
    package var list: String

    package init(list: String) { self.list = list }

    package func perform(in administration: Administration, _ act: Act) async throws -> ListView {
        try await administration.view(try await administration.list(list))
    }
}

/// The list at once, then its people in parts. A stop in between leaves people of no list, whom nobody sees.
package struct RemoveList: AdministrativeOperation {
    package static let name = "lists.remove"
    package static let scope = AccessScope.listsWrite
    package var list: String

    package init(list: String) { self.list = list }

    package func perform(in administration: Administration, _ act: Act) async throws -> Affected {
        let found = try await administration.list(list)
        try await administration.remove(.list, name: list, entry: act.entry("list.remove", target: list))
        var count = 0
        while true {
            let dropped = try await administration.affected(.dropMembers(list: found.number, limit: PeopleWork.partMax))
            guard dropped > 0 else { return Affected(count: count) }
            count += dropped
        }
    }
}

/// How many people of a list are in a segment.
package struct CountSegment: AdministrativeOperation {
    package static let name = "lists.segment"
    package static let scope = AccessScope.listsRead
    package var list: String
    /// As `Segment` reads it.
    package var segment: String

    package init(list: String, segment: String) {
        self.list = list
        self.segment = segment
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> SegmentView {
        let found = try await administration.list(list)
        let segment: Segment
        do {
            segment = try Segment(self.segment)
        } catch {
            throw AdministrationError(.invalid, "\(error)", "Such as: city = London and consent is valid.")
        }
        var view = SegmentView(list: list, segment: self.segment, subscribed: 0, matching: 0)
        var after = ""
        while true {
            let query = MemberQuery(list: found.number, after: after, limit: 10_000)
            let part = try await administration.store.read { store in
                try SegmentCount(store, query, found, segment, at: act.at)
            }
            view.subscribed += part.subscribed
            view.matching += part.matching
            guard let last = part.last else { return view }
            after = last
        }
    }
}

package struct SegmentView: Codable, Hashable, Sendable {
    package var list: String
    package var segment: String
    package var subscribed: Int
    package var matching: Int
}

/// A page of a list held against a segment.
private struct SegmentCount: Sendable {
    var subscribed = 0
    var matching = 0
    /// Nil at the end.
    var last: String?

    init(_ store: any Store, _ query: MemberQuery, _ list: MailingList, _ segment: Segment, at now: Timestamp) throws {
        let members = try store.members(query)
        guard let first = members.first, let end = members.last else { return }
        last = end.subscriber.address.key
        let ledger = try store.consent(from: first.subscriber.address.key, through: end.subscriber.address.key)
        let imports = Dictionary(uniqueKeysWithValues: try store.imports(list: list.number, limit: 10_000).map { ($0.number, $0) })
        for member in members where member.subscriber.state == .subscribed {
            subscribed += 1
            let own = ledger[member.subscriber.address.key] ?? []
            let entries = PersonLedger.entries(own, imports[member.importNumber], list: list.name)
            let facts = SubscriberFacts(member.subscriber, consent: ConsentState(entries, list: list.name, subject: .mail, at: now))
            if segment.matches(facts, at: now) { matching += 1 }
        }
    }
}
