package import MailModel
package import OutboundPolicy

/// Changes what a group is held by. What is nil stays; an empty text takes a choice back.
package struct SetGroup: AdministrativeOperation {
    package static let name = "groups.set"
    package static let scope = AccessScope.groupsWrite
    package var group: EmailAddress
    package var addOwners: [EmailAddress]?
    package var removeOwners: [EmailAddress]?
    /// In place of those there are.
    package var owners: [EmailAddress]?
    package var posting: GroupPosting?
    /// In place of those there are.
    package var senders: [AddressGrant]?
    package var moderation: GroupModeration?
    /// 0: as many as a message may have.
    package var expansionMax: Int?
    package var list: DiscussionChange?

    package init(group: EmailAddress) { self.group = group }

    package func perform(in administration: Administration, _ act: Act) async throws -> GroupView {
        var directory = try await administration.directory()
        var changed = try administration.group(group, in: directory)
        changed.owners = ((owners ?? changed.owners).filter { !(removeOwners ?? []).contains($0) } + (addOwners ?? [])).eachOnce
        if let posting { changed.posting = posting }
        if let senders { changed.senders = senders }
        if let moderation { changed.moderation = moderation == .none ? nil : moderation }
        if let expansionMax { changed.expansionMax = expansionMax == 0 ? nil : expansionMax }
        if let list { changed.discussion = try list.applied(to: changed.discussion) }
        guard (expansionMax ?? 0) >= 0 else { throw AdministrationError(.invalid, "\(expansionMax ?? 0) recipients are out of range") }
        if changed.moderation != nil, changed.owners.isEmpty {
            throw AdministrationError(
                .invalid, "\(group) has no owner who could decide", "Give it one: `postern groups set \(group) --owner A`.")
        }
        try GroupRules.check(changed, in: directory)
        try await administration.expecting(notAfter: directory.version).put(
            .group, name: group.key, changed, entry: act.entry("group.set", target: group.description))
        directory.groups[group] = changed
        return GroupView(changed, GroupTable(directory.groups))
    }
}

/// A change of what makes a group a discussion list. What is nil stays; the first one makes it a list.
package struct DiscussionChange: Codable, Hashable, Sendable {
    /// False: it is no list any more.
    package var isOn: Bool?
    package var title: String?
    /// Empty: none.
    package var prefix: String?
    package var author: DiscussionList.AuthorField?
    package var answers: DiscussionList.Answers?
    package var joining: DiscussionList.Joining?
    package var copiesAuthor: Bool?
    /// 0: what the gate takes.
    package var kibibytesMax: Int?
    /// Empty: none.
    package var archive: String?

    package init() {}

    package var isEmpty: Bool { self == DiscussionChange() }

    func applied(to old: DiscussionList?) throws -> DiscussionList? {
        if isOn == false { return nil }
        var list = old ?? DiscussionList()
        func isLine(_ text: String, _ most: Int) -> Bool {
            text.count <= most && text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
        }
        if let title {
            guard isLine(title, DiscussionList.titleCharactersMax) else {
                throw AdministrationError(
                    .invalid, "the title has more than \(DiscussionList.titleCharactersMax) characters, or a control character")
            }
            list.title = title
        }
        if let prefix {
            let isPlain = prefix.utf8.allSatisfy { (0x20...0x7E).contains($0) && $0 != 0x5B && $0 != 0x5D }
            guard isPlain, prefix.utf8.count <= DiscussionList.prefixCharactersMax, !prefix.contains("=?") else {
                throw AdministrationError(
                    .invalid, "the prefix is not at most \(DiscussionList.prefixCharactersMax) characters of ASCII without brackets")
            }
            list.prefix = prefix.isEmpty ? nil : prefix
        }
        if let author { list.authorField = author }
        if let answers { list.answers = answers }
        if let joining { list.joining = joining }
        if let copiesAuthor { list.copiesAuthor = copiesAuthor }
        if let kibibytesMax {
            guard (0...1_048_576).contains(kibibytesMax) else {
                throw AdministrationError(.invalid, "\(kibibytesMax) KiB are out of range")
            }
            list.kibibytesMax = kibibytesMax == 0 ? nil : kibibytesMax
        }
        if let archive {
            let isURL = archive.hasPrefix("https://") && archive.utf8.count <= 500
            guard archive.isEmpty || isURL && archive.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x3C && $0 != 0x3E }) else {
                throw AdministrationError(.invalid, "the archive is no https address", "Such as https://lists.example.org/staff")
            }
            list.archive = archive.isEmpty ? nil : archive
        }
        return list
    }
}

/// Whom a message to a group would reach, and by which group each comes.
package struct ExpandGroup: AdministrativeOperation {
    package struct Person: Codable, Hashable, Sendable {
        package var address: String
        /// The groups from this one down to the one that names the person.
        package var through: [String]
        package var isInternal: Bool
    }

    package struct Expansion: Codable, Hashable, Sendable {
        package var group: String
        /// All of them, each once.
        package var recipients: Int
        package var external: Int
        /// How many of them `recipients` of a message may have; past it the message is refused.
        package var most: Int
        /// The first of them, in order.
        package var people: [Person]
    }

    package static let name = "groups.expand"
    package static let scope = AccessScope.groupsRead
    package var group: EmailAddress
    /// People that are named; nil for all.
    package var limit: Int?

    package init(group: EmailAddress, limit: Int? = nil) {
        self.group = group
        self.limit = limit
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> Expansion {
        let directory = try await administration.directory()
        let found = try administration.group(group, in: directory)
        let ways = GroupTable.ways(from: group, of: directory.groups)
        let external = ways.count { directory.acceptedDomain(of: $0.person) == nil }
        let shown = ways.prefix(max(0, limit ?? ways.count)).map { way in
            Person(
                address: way.person.description, through: way.through.map(\.description),
                isInternal: directory.acceptedDomain(of: way.person) != nil)
        }
        let most = min(found.expansionMax ?? .max, ExpandGroup.messageMax, ExpandGroup.limit(directory.service))
        return Expansion(group: group.description, recipients: ways.count, external: external, most: most, people: Array(shown))
    }

    private static func limit(_ service: ServiceLimits?) -> Int {
        guard let most = service?.recipientsPerMessage, most > 0 else { return .max }
        return most
    }

    /// Of one message, whatever limits say.
    private static let messageMax = 10_000
}
