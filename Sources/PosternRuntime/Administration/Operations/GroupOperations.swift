package import MailModel
package import OutboundPolicy
import Storage

/// A group without its members, as a list shows it.
package struct GroupView: Codable, Hashable, Sendable {
    package var address: String
    package var members: Int
    /// Recipients that a message to it has: members of groups within it too, each once.
    package var people: Int
    /// Who may write to it; empty for everybody who may submit.
    package var senders: [String]
    package var owners: Int
    /// Missing: everybody who may submit, or `senders` alone where there are some.
    package var posting: GroupPosting?
    package var moderation: GroupModeration
    package var isList: Bool
    /// The directory server that its members come from; missing where people alone say who is in it.
    package var source: String?

    init(_ group: RecipientGroup, _ table: GroupTable) {
        address = group.address.description
        members = group.members.count
        people = table.people(in: group.address)?.count ?? 0
        senders = group.senders.map(\.description)
        owners = group.owners.count
        posting = group.posting
        moderation = group.moderation ?? .none
        isList = group.discussion != nil
        source = group.source?.server
    }

    /// Who may write to it, in words.
    package var writers: String { GroupView.writers(posting, senders) }

    static func writers(_ posting: GroupPosting?, _ senders: [String]) -> String {
        let named = senders.joined(separator: ", ")
        switch posting ?? (senders.isEmpty ? .anyone : .named) {
        case .anyone: return "everybody who may send"
        case .named: return named.isEmpty ? "owners" : named
        case .organisation: return ["the organisation", named].filter { !$0.isEmpty }.joined(separator: ", ")
        case .members: return ["members", named].filter { !$0.isEmpty }.joined(separator: ", ")
        case .owners: return ["owners", named].filter { !$0.isEmpty }.joined(separator: ", ")
        }
    }
}

/// A group with its members.
package struct GroupMembersView: Codable, Hashable, Sendable {
    package var address: String
    package var members: [String]
    package var people: Int
    package var senders: [String]
    package var owners: [String]
    /// Missing: everybody who may submit, or `senders` alone where there are some.
    package var posting: GroupPosting?
    package var moderation: GroupModeration
    /// Recipients that mail to it may have; missing for as many as a message may have.
    package var expansionMax: Int?
    /// Missing where it is no discussion list.
    package var list: DiscussionList?
    package var listID: String?
    /// Missing where people alone say who is in it.
    package var source: GroupSource?

    package var writers: String { GroupView.writers(posting, senders) }
}

enum GroupRules {
    static let sendersMax = 1000

    static func check(_ group: RecipientGroup, in directory: Directory) throws {
        guard directory.acceptedDomain(of: group.address) != nil else {
            throw AdministrationError(
                .invalid, "\(group.address) is in no accepted domain", "Add its domain with `postern domains add` first.")
        }
        guard directory.accounts[group.address.key] == nil else {
            throw AdministrationError(.conflict, "\(group.address) is an account", "Take another address for the group.")
        }
        guard group.members.count <= RecipientGroup.membersMax else {
            throw AdministrationError(
                .invalid, "\(group.members.count) members; at most \(RecipientGroup.membersMax)", "Split it into groups within a group.")
        }
        guard group.senders.count <= sendersMax else {
            throw AdministrationError(.invalid, "\(group.senders.count) senders; at most \(sendersMax)", "Grant a domain instead.")
        }
        guard group.owners.count <= RecipientGroup.ownersMax else {
            throw AdministrationError(.invalid, "\(group.owners.count) owners; at most \(RecipientGroup.ownersMax)")
        }
        if let inner = group.owners.first(where: { directory.groups[$0] != nil }) {
            throw AdministrationError(.invalid, "\(inner) is a group, and no owner", "Name the people.")
        }
        if let place = GroupPlace(group.address, in: directory.groups), place.command != nil {
            throw AdministrationError(
                .conflict, "\(group.address) is an address of the list \(place.group.address)", "Take another address for the group.")
        }
        try checkCommands(of: group, in: directory)
        guard let path = GroupTable.loop(through: group, in: directory.groups) else { return }
        let text = path.map(\.description).joined(separator: " → ")
        guard let last = path.last, path.dropLast().contains(last) else {
            throw AdministrationError(
                .invalid, "groups stand within groups more than \(RecipientGroup.depthMax) deep: \(text)", "Name the members themselves.")
        }
        throw AdministrationError(.invalid, "the group would hold itself: \(text)", "Leave one of them out of the other.")
    }
}

extension GroupRules {
    /// A list's own addresses are nobody's else.
    private static func checkCommands(of group: RecipientGroup, in directory: Directory) throws {
        guard group.discussion != nil else { return }
        for command in GroupCommand.allCases {
            let address = group.address(of: command)
            guard address != group.address else {
                throw AdministrationError(
                    .invalid, "\(group.address) is too long for a list: \(group.address.localPart)-\(command.rawValue)")
            }
            guard directory.accounts[address.key] == nil, directory.groups[address] == nil else {
                throw AdministrationError(
                    .conflict, "\(address) is somebody's already; the list needs it", "Take another address for the one or the other.")
            }
        }
    }
}

extension Administration {
    func group(_ address: EmailAddress, in directory: Directory) throws -> RecipientGroup {
        guard let group = directory.groups[address] else { throw AdministrationError.noSuch("group", address.description) }
        return group
    }
}

package struct AddGroup: AdministrativeOperation {
    package static let name = "groups.add"
    package static let scope = AccessScope.groupsWrite
    package var group: EmailAddress
    package var members: [EmailAddress]
    package var senders: [AddressGrant]
    package var owners: [EmailAddress]?

    package init(group: EmailAddress, members: [EmailAddress], senders: [AddressGrant] = [], owners: [EmailAddress] = []) {
        self.owners = owners
        self.group = group
        self.members = members
        self.senders = senders
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> GroupView {
        var directory = try await administration.directory()
        guard directory.groups[group] == nil else { throw AdministrationError.exists("group", group.description) }
        var added = RecipientGroup(address: group, members: members.eachOnce)
        added.senders = senders
        added.owners = (owners ?? []).eachOnce
        try GroupRules.check(added, in: directory)
        try await administration.put(
            .group, name: group.key, added, mustBeNew: true, entry: act.entry("group.add", target: group.description))
        directory.groups[group] = added
        return GroupView(added, GroupTable(directory.groups))
    }
}

package struct ListGroups: AdministrativeOperation {
    package static let name = "groups.list"
    package static let scope = AccessScope.groupsRead
    package init() {}

    package func perform(in administration: Administration, _ act: Act) async throws -> [GroupView] {
        let groups = try await administration.directory().groups
        let table = GroupTable(groups)
        return groups.values.sorted { $0.address < $1.address }.map { GroupView($0, table) }
    }
}

package struct ShowGroup: AdministrativeOperation {
    package static let name = "groups.show"
    package static let scope = AccessScope.groupsRead
    package var group: EmailAddress

    package init(group: EmailAddress) { self.group = group }

    package func perform(in administration: Administration, _ act: Act) async throws -> GroupMembersView {
        let directory = try await administration.directory()
        let found = try administration.group(group, in: directory)
        let people = GroupTable(directory.groups).people(in: group)?.count ?? 0
        return GroupMembersView(
            address: found.address.description, members: found.members.map(\.description), people: people,
            senders: found.senders.map(\.description), owners: found.owners.map(\.description), posting: found.posting,
            moderation: found.moderation ?? .none, expansionMax: found.expansionMax, list: found.discussion,
            listID: found.discussion?.id(of: group), source: found.source)
    }
}

/// Adds and removes members.
package struct ChangeGroupMembers: AdministrativeOperation {
    package static let name = "groups.members"
    package static let scope = AccessScope.groupsWrite
    package var group: EmailAddress
    package var add: [EmailAddress]
    package var remove: [EmailAddress]
    /// True where those to be added take the place of all that it has.
    package var replaces: Bool

    package init(group: EmailAddress, add: [EmailAddress], remove: [EmailAddress], replaces: Bool = false) {
        self.group = group
        self.add = add
        self.remove = remove
        self.replaces = replaces
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> GroupView {
        var directory = try await administration.directory()
        var changed = try administration.group(group, in: directory)
        let removed = Set(remove)
        changed.members = ((replaces ? [] : changed.members.filter { !removed.contains($0) }) + add).eachOnce
        // Whoever adds somebody who has left knows better.
        let added = Set(add)
        changed.left.removeAll(where: added.contains)
        try GroupRules.check(changed, in: directory)
        let target = "\(group) +\(add.count) -\(replaces ? "all" : "\(remove.count)")"
        try await administration.put(.group, name: group.key, changed, entry: act.entry("group.members", target: target))
        directory.groups[group] = changed
        return GroupView(changed, GroupTable(directory.groups))
    }
}

package struct RemoveGroup: AdministrativeOperation {
    package static let name = "groups.remove"
    package static let scope = AccessScope.groupsWrite
    package var group: EmailAddress

    package init(group: EmailAddress) { self.group = group }

    package func perform(in administration: Administration, _ act: Act) async throws -> Affected {
        let directory = try await administration.directory()
        _ = try administration.group(group, in: directory)
        if let outer = directory.groups.values.first(where: { $0.members.contains(group) }) {
            throw AdministrationError(.conflict, "\(group) is a member of \(outer.address)", "Remove it there first.")
        }
        let name = group.key
        if let policy = directory.policies.values.first(where: { $0.scope.groups.union($0.scope.exceptGroups).contains(name) }) {
            throw AdministrationError(.conflict, "policy \(policy.name) names \(group)", "Change the policy first.")
        }
        let entry = act.entry("group.remove", target: group.description)
        var changes = [DirectoryChange(kind: .group, name: name, value: nil, audit: entry)]
        if directory.groupSyncs[group] != nil { changes.append(DirectoryChange(kind: .groupSync, name: name, value: nil, audit: entry)) }
        try await administration.commit(changes)
        return Affected(count: 1)
    }
}

extension [EmailAddress] {
    /// In order.
    var eachOnce: [EmailAddress] {
        var seen: Set<EmailAddress> = []
        return filter { seen.insert($0).inserted }
    }
}
