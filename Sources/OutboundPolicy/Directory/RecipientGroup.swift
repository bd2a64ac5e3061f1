package import MailModel

/// An address that stands for others: mail to it goes to each member, and each member counts as a recipient of the sender.
package struct RecipientGroup: Hashable, Sendable, Codable {
    /// In an accepted domain.
    package var address: EmailAddress
    /// Addresses, those of other groups among them; at most `membersMax`.
    package var members: [EmailAddress]
    /// Who may write to it; empty for everybody who may submit. Beside `posting`, those who may in any case.
    package var senders: [AddressGrant] = []
    package var tenant = TenantID.standard
    /// Who decides about it and may always write to it. Missing in rows from before there were any.
    private var ownerAddresses: [EmailAddress]?
    /// Nil: everybody who may submit, or `senders` alone where there are some.
    package var posting: GroupPosting?
    /// Nil: nothing waits for an owner.
    package var moderation: GroupModeration?
    /// Recipients that mail to it may have; nil for as many as a message may have.
    package var expansionMax: Int?
    /// Nil: mail goes to the members as it is. Else it is a discussion list, whose mail is the list's.
    package var discussion: DiscussionList?
    /// Where its members come from; nil: from people alone.
    package var source: GroupSource?
    /// Those who have left by themselves: neither `source` nor a group within it brings them back.
    private var leftAddresses: [EmailAddress]?

    package init(address: EmailAddress, members: [EmailAddress]) {
        self.address = address
        self.members = members
    }

    package var owners: [EmailAddress] {
        get { ownerAddresses ?? [] }
        set { ownerAddresses = newValue.isEmpty ? nil : newValue }
    }

    package var left: [EmailAddress] {
        get { leftAddresses ?? [] }
        set { leftAddresses = newValue.isEmpty ? nil : newValue }
    }

    package static let membersMax = 100_000
    package static let ownersMax = 100
    /// Groups within groups, the outermost counted.
    package static let depthMax = 10
}

/// The groups of one directory version with all that is in them.
package struct GroupTable: Sendable {
    private let groups: [EmailAddress: RecipientGroup]
    /// Of each group, everybody who is no group, each once, in order.
    private let people: [EmailAddress: [EmailAddress]]
    private let memberships: [EmailAddress: Set<EmailAddress>]

    package init(_ groups: [EmailAddress: RecipientGroup]) {
        self.groups = groups
        var people: [EmailAddress: [EmailAddress]] = [:]
        var memberships: [EmailAddress: Set<EmailAddress>] = [:]
        for group in groups.keys {
            let all = GroupTable.people(in: group, of: groups)
            people[group] = all
            for person in all { memberships[person, default: []].insert(group) }
        }
        self.people = people
        self.memberships = memberships
    }

    package var isEmpty: Bool { groups.isEmpty }

    package subscript(address: EmailAddress) -> RecipientGroup? { groups[address] }

    /// As of the address alone, or of one of its commands.
    package func place(_ address: EmailAddress) -> GroupPlace? { GroupPlace(address, in: groups) }

    package func isMember(_ address: EmailAddress, of group: EmailAddress) -> Bool { memberships[address]?.contains(group) ?? false }

    /// Nil for an address that is no group.
    package func people(in group: EmailAddress) -> [EmailAddress]? { people[group] }

    package func isMember(_ address: EmailAddress, of group: String) -> Bool {
        memberships[address]?.contains { $0.key == group } ?? false
    }

    /// Everybody who is no group and has not left, each once, in order.
    package static func people(in group: EmailAddress, of groups: [EmailAddress: RecipientGroup]) -> [EmailAddress] {
        var found: [EmailAddress] = []
        var seen = Set(groups[group]?.left ?? [])
        var open = [group]
        while let next = open.popLast() {
            guard seen.insert(next).inserted else { continue }
            if let inner = groups[next] {
                open.append(contentsOf: inner.members.reversed())
            } else {
                found.append(next)
            }
        }
        return found
    }

    /// The same people, with the groups from this one down to the one that names them first.
    package static func ways(
        from group: EmailAddress, of groups: [EmailAddress: RecipientGroup]
    ) -> [(person: EmailAddress, through: [EmailAddress])] {
        var found: [(EmailAddress, [EmailAddress])] = []
        var seen = Set(groups[group]?.left ?? [])
        var open: [(EmailAddress, [EmailAddress])] = [(group, [])]
        while let (next, through) = open.popLast() {
            guard seen.insert(next).inserted else { continue }
            if let inner = groups[next] {
                open.append(contentsOf: inner.members.reversed().map { ($0, through + [next]) })
            } else {
                found.append((next, through))
            }
        }
        return found
    }

    /// The groups that lead from a group back to itself, in their order; nil where the group may stand so. `changed` takes the place of
    /// the one with its address.
    package static func loop(through changed: RecipientGroup, in groups: [EmailAddress: RecipientGroup]) -> [EmailAddress]? {
        var groups = groups
        groups[changed.address] = changed
        var search = GroupSearch(groups: groups)
        return search.fault(at: changed.address)
    }
}

/// Looks at each group once, however many others hold it.
private struct GroupSearch {
    let groups: [EmailAddress: RecipientGroup]
    /// From the group where the search began to the one that it is at.
    private var path: [EmailAddress] = []
    /// Of each group that was looked at, the longest way down from it, itself included.
    private var ways: [EmailAddress: [EmailAddress]] = [:]

    init(groups: [EmailAddress: RecipientGroup]) { self.groups = groups }

    /// Nil for an address that is no group, and for a group that no way leads from back to itself or too deep.
    mutating func fault(at address: EmailAddress) -> [EmailAddress]? {
        guard let group = groups[address] else { return nil }
        if path.contains(address) || path.count >= RecipientGroup.depthMax { return path + [address] }
        if let way = ways[address] { return path.count + way.count > RecipientGroup.depthMax ? path + way : nil }
        path.append(address)
        var longest: [EmailAddress] = []
        for member in group.members where groups[member] != nil {
            if let found = fault(at: member) { return found }
            if let way = ways[member], way.count > longest.count { longest = way }
        }
        path.removeLast()
        ways[address] = [address] + longest
        return nil
    }
}
