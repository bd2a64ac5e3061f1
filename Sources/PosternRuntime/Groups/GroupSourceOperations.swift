import Crypto
import Foundation
package import MailModel
package import OutboundPolicy
import Storage

/// A directory server without its password.
package struct LDAPServerView: Codable, Hashable, Sendable {
    package var name: String
    package var url: String
    package var bindDN: String
    package var hasPassword: Bool
    /// Empty: those that the machine trusts.
    package var roots: String
    /// Groups that take their members from it.
    package var groups: [String]

    init(_ server: LDAPServer, _ directory: Directory) {
        (name, url, bindDN, hasPassword) = (server.name, server.url, server.bindDN, server.sealedPassword != nil)
        roots = server.roots ?? ""
        groups = directory.groups.values.filter { $0.source?.server == server.name }.map(\.address.description).sorted()
    }
}

/// Adds a directory server, or changes one.
package struct SetLDAPServer: AdministrativeOperation {
    package static let name = "ldap-servers.set"
    package static let scope = AccessScope.groupsWrite
    package var server: String
    package var url: String
    package var bindDN: String?
    /// Nil: as it is.
    package var password: String?
    /// A PEM file on the nodes.
    package var roots: String?

    package init(server: String, url: String, bindDN: String? = nil, password: String? = nil, roots: String? = nil) {
        (self.server, self.url, self.bindDN, self.password, self.roots) = (server, url, bindDN, password, roots)
    }

    static func context(_ name: String) -> String { "ldap-server \(name)" }

    package func perform(in administration: Administration, _ act: Act) async throws -> LDAPServerView {
        guard MailingList.isName(server) else {
            throw AdministrationError(.invalid, "\(server.prefix(80)) is no name", "1 to 64 of a–z, 0–9, - and _.")
        }
        guard LDAPServer.beginsWithTLS(url) != nil else {
            throw AdministrationError(
                .invalid, "\(url.prefix(80)) is no address of LDAP", "Such as ldaps://ldap.example.org, or ldap://… for StartTLS.")
        }
        let directory = try await administration.directory()
        let old = directory.ldapServers[server]
        var changed = LDAPServer(
            name: server, url: url, bindDN: bindDN ?? old?.bindDN ?? "", sealedPassword: old?.sealedPassword, roots: roots ?? old?.roots,
            createdAt: old?.createdAt ?? act.at)
        if changed.roots?.isEmpty == true { changed.roots = nil }
        if let roots = changed.roots, !roots.hasPrefix("/") {
            throw AdministrationError(.invalid, "\(roots.prefix(80)) is no whole path")
        }
        // A password that was given for one server is not for whatever name the next change gives it.
        if let old, old.url != url, password == nil { changed.sealedPassword = nil }
        if let password {
            guard let vault = administration.vault else {
                throw AdministrationError(.failed, "secrets need this node's secrets/master.key")
            }
            guard !password.isEmpty, password.utf8.count <= 1000 else {
                throw AdministrationError(.invalid, "the password is empty or too long")
            }
            changed.sealedPassword = try vault.seal(Array(password.utf8), context: SetLDAPServer.context(server))
        }
        guard changed.bindDN.isEmpty == (changed.sealedPassword == nil) else {
            throw AdministrationError(
                .invalid, "a name to sign in with and a password go together",
                "Give both, or neither; after another address the password is asked for again.")
        }
        try await administration.put(.ldapServer, name: server, changed, entry: act.entry("ldap-server.set", target: "\(server) \(url)"))
        return LDAPServerView(changed, directory)
    }
}

package struct ListLDAPServers: AdministrativeOperation {
    package static let name = "ldap-servers.list"
    package static let scope = AccessScope.groupsRead
    package init() {}

    package func perform(in administration: Administration, _ act: Act) async throws -> [LDAPServerView] {
        let directory = try await administration.directory()
        return directory.ldapServers.values.sorted { $0.name < $1.name }.map { LDAPServerView($0, directory) }
    }
}

package struct RemoveLDAPServer: AdministrativeOperation {
    package static let name = "ldap-servers.remove"
    package static let scope = AccessScope.groupsWrite
    package var server: String

    package init(server: String) { self.server = server }

    package func perform(in administration: Administration, _ act: Act) async throws -> Affected {
        let directory = try await administration.directory()
        guard let found = directory.ldapServers[server] else { throw AdministrationError.noSuch("LDAP server", server) }
        if let group = LDAPServerView(found, directory).groups.first {
            throw AdministrationError(.conflict, "\(group) takes its members from \(server)", "postern groups source remove \(group)")
        }
        try await administration.remove(.ldapServer, name: server, entry: act.entry("ldap-server.remove", target: server))
        return Affected(count: 1)
    }
}

/// Says where a group's members come from; they are looked for with the next sync.
package struct SetGroupSource: AdministrativeOperation {
    package static let name = "groups.source"
    package static let scope = AccessScope.groupsWrite
    package var group: EmailAddress
    package var source: GroupSource

    package init(group: EmailAddress, source: GroupSource) {
        self.group = group
        self.source = source
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> GroupSyncView {
        let directory = try await administration.directory()
        var changed = try administration.group(group, in: directory)
        try SetGroupSource.check(source, directory)
        changed.source = source
        return try await administration.putAnew(changed, in: directory, act.entry("group.source", target: group.description))
    }

    private static func check(_ source: GroupSource, _ directory: Directory) throws {
        guard directory.ldapServers[source.server] != nil else { throw AdministrationError.noSuch("LDAP server", source.server) }
        func isAttribute(_ name: String) -> Bool {
            (1...64).contains(name.utf8.count)
                && name.utf8.allSatisfy { octet in
                    (0x30...0x39).contains(octet) || (0x41...0x5A).contains(octet) || (0x61...0x7A).contains(octet) || octet == 0x2D
                        || octet == 0x2E
                }
        }
        guard isAttribute(source.attribute), source.memberAttribute.map(isAttribute) ?? true else {
            throw AdministrationError(.invalid, "an attribute's name is letters, digits, - and .")
        }
        guard LDAPFilter.isBalanced(source.filter) else {
            throw AdministrationError(.invalid, "\(source.filter.prefix(80)) is no filter", "Such as (&(objectClass=person)(ou=staff))")
        }
        guard source.base.utf8.count <= 1000, source.base.unicodeScalars.allSatisfy({ $0.value >= 0x20 }) else {
            throw AdministrationError(.invalid, "the base is no distinguished name")
        }
        guard (5...10_080).contains(source.minutes), (1...RecipientGroup.membersMax).contains(source.changesMax),
            (1...100).contains(source.percentMax)
        else {
            throw AdministrationError(
                .invalid, "out of range", "Every 5 to 10080 minutes; 1 to \(RecipientGroup.membersMax) changes, 1 to 100 %.")
        }
    }
}

/// Lets people alone say who is in a group again; who is in it stays.
package struct RemoveGroupSource: AdministrativeOperation {
    package static let name = "groups.source-remove"
    package static let scope = AccessScope.groupsWrite
    package var group: EmailAddress

    package init(group: EmailAddress) { self.group = group }

    package func perform(in administration: Administration, _ act: Act) async throws -> GroupSyncView {
        let directory = try await administration.directory()
        var changed = try administration.group(group, in: directory)
        (changed.source, changed.left) = (nil, [])
        return try await administration.putAnew(changed, in: directory, act.entry("group.source-remove", target: group.description))
    }
}

extension Administration {
    /// Keeps a group whose source has changed; what waited for somebody's word was of the old one.
    fileprivate func putAnew(_ group: RecipientGroup, in directory: Directory, _ entry: AuditEntry) async throws -> GroupSyncView {
        var state = directory.groupSyncs[group.address] ?? GroupSyncState(group: group.address)
        (state.held, state.problem) = (nil, nil)
        try await commit([
            try DirectoryChange(.group, name: group.address.key, group, entry: entry),
            try DirectoryChange(.groupSync, name: group.address.key, state, entry: entry),
        ])
        return GroupSyncView(group, state)
    }
}

/// How a group stands with its source, and what a look at it would change or has changed.
package struct GroupSyncView: Codable, Hashable, Sendable {
    package enum Outcome: String, Codable, Hashable, Sendable, CaseIterable {
        /// No look was taken.
        case none
        /// Nothing is to be changed.
        case same
        case changed
        /// A dry run: nothing was changed.
        case wouldChange = "would-change"
        /// It waits for somebody's word.
        case held
    }

    package struct Entry: Codable, Hashable, Sendable {
        package var at: String
        package var added: Int
        package var removed: Int
        package var sample: [String]
        package var by: String
    }

    package var group: String
    /// Missing where people alone say who is in it.
    package var source: GroupSource?
    package var outcome: Outcome
    package var added: [String]
    package var removed: [String]
    package var members: Int
    /// Why it waits for somebody's word; empty where it does not.
    package var reason: String
    /// Why the source could not be asked the last time; empty where it was.
    package var problem: String
    /// Values of the source that are no addresses, the first of them.
    package var unusable: [String]
    /// Changes before, the newest first.
    package var entries: [Entry]

    init(_ group: RecipientGroup, _ state: GroupSyncState?, outcome: Outcome = .none, _ change: GroupChange? = nil, unusable: [String] = [])
    {
        self.group = group.address.description
        source = group.source
        self.outcome = outcome == .none && state?.held != nil ? .held : outcome
        added =
            change?.added.prefix(1000).map(\.description) ?? state?.held?.sample.filter { $0.hasPrefix("+") }.map { String($0.dropFirst()) }
            ?? []
        removed =
            change?.removed.prefix(1000).map(\.description) ?? state?.held?.sample.filter { $0.hasPrefix("-") }.map {
                String($0.dropFirst())
            } ?? []
        members = group.members.count
        reason = change?.guardReason ?? state?.held?.reason ?? ""
        problem = state?.problem ?? ""
        self.unusable = unusable
        entries = (state?.entries ?? []).map {
            Entry(at: $0.at.rfc3339, added: $0.added, removed: $0.removed, sample: $0.sample, by: $0.by)
        }
    }
}

package struct ShowGroupSync: AdministrativeOperation {
    package static let name = "groups.sync-show"
    package static let scope = AccessScope.groupsRead
    package var group: EmailAddress
    package init(group: EmailAddress) { self.group = group }

    package func perform(in administration: Administration, _ act: Act) async throws -> GroupSyncView {
        let directory = try await administration.directory()
        return GroupSyncView(try administration.group(group, in: directory), directory.groupSyncs[group])
    }
}

/// Looks at a group's source and makes its members those that are found.
package struct SyncGroup: AdministrativeOperation {
    package static let name = "groups.sync"
    package static let scope = AccessScope.groupsWrite
    package var group: EmailAddress
    /// Says what would change, and changes nothing.
    package var isDryRun: Bool?
    /// Agrees to the change that waits: that one alone, so that nobody agrees to what they have not seen.
    package var confirms: Bool?

    package init(group: EmailAddress, isDryRun: Bool? = nil, confirms: Bool? = nil) {
        (self.group, self.isDryRun, self.confirms) = (group, isDryRun, confirms)
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> GroupSyncView {
        let directory = try await administration.directory()
        let found = try administration.group(group, in: directory)
        guard let source = found.source, let server = directory.ldapServers[source.server] else {
            throw AdministrationError(.invalid, "\(group) has no source", "postern groups source set \(group) --server S …")
        }
        let query = LDAPQuery(server: server, password: try SyncGroup.password(of: server, administration), source: source, group: group)
        let answer: LDAPQuery.Answer
        do {
            answer = try await BlockingWork.runLong { try query.run() }
        } catch {
            if isDryRun != true { try await note(problem: "\(error)", directory, administration, act) }
            throw AdministrationError(.unavailable, "\(group) is as it was: \(error)", "It is asked again at its next time.")
        }
        let change = GroupChange(of: found, found: answer.addresses, source: source) { directory.groups[$0] != nil }
        let state = directory.groupSyncs[group] ?? GroupSyncState(group: group)
        if isDryRun == true {
            return GroupSyncView(found, state, outcome: change.isEmpty ? .same : .wouldChange, change, unusable: answer.unusable)
        }
        return try await apply(change, to: found, state, answer.unusable, directory, administration, act)
    }

    static func password(of server: LDAPServer, _ administration: Administration) throws -> [UInt8]? {
        guard let sealed = server.sealedPassword else { return nil }
        guard let vault = administration.vault else { throw AdministrationError(.failed, "secrets need this node's secrets/master.key") }
        return try vault.open(sealed, context: SetLDAPServer.context(server.name))
    }

    private func apply(
        _ change: GroupChange, to group: RecipientGroup, _ state: GroupSyncState, _ unusable: [String], _ directory: Directory,
        _ administration: Administration, _ act: Act
    ) async throws -> GroupSyncView {
        var (changed, after) = (group, state)
        changed.members = change.members
        after.problem = nil
        let digest = SHA256.hash(data: Data(change.members.map(\.key).joined(separator: "\n").utf8)).map { $0 }.hexadecimal
        if let reason = change.guardReason, !(confirms == true && state.held?.digest == digest) {
            after.held = GroupSyncState.Held(at: act.at, change, reason: reason, digest: digest)
            if state.held?.digest != digest || state.problem != nil {
                try await administration.put(
                    .groupSync, name: group.address.key, after,
                    entry: act.entry("group.sync-held", target: "\(group.address) +\(change.added.count) -\(change.removed.count)"))
                raise(change, reason, administration, act)
            }
            return GroupSyncView(group, after, outcome: .held, change, unusable: unusable)
        }
        after.held = nil
        guard !change.isEmpty else {
            if after != state {
                try await administration.put(
                    .groupSync, name: group.address.key, after, entry: act.entry("group.sync", target: "\(group.address) +0 -0"))
            }
            return GroupSyncView(group, after, outcome: .same, change, unusable: unusable)
        }
        try GroupRules.check(changed, in: directory)
        after.entries = Array(
            ([GroupSyncState.Entry(at: act.at, change, by: confirms == true ? act.actor : "")] + state.entries).prefix(
                GroupSyncState.entriesMax))
        let entry = act.entry("group.sync", target: "\(group.address) +\(change.added.count) -\(change.removed.count)")
        try await administration.expecting(notAfter: directory.version).commit([
            try DirectoryChange(.group, name: group.address.key, changed, entry: entry),
            try DirectoryChange(.groupSync, name: group.address.key, after, entry: entry),
        ])
        return GroupSyncView(changed, after, outcome: .changed, change, unusable: unusable)
    }

    private func raise(_ change: GroupChange, _ reason: String, _ administration: Administration, _ act: Act) {
        administration.live?.raise(
            AlertCondition(
                .groupSyncHeld, subject: group.key, tenant: .standard, at: act.at,
                text: "The members of \(group) are as they were: \(reason). Its source would have \(change.added.count) come and "
                    + "\(change.removed.count) go.", advice: "postern groups sync \(group) --dry-run, then --confirm", findings: []))
    }

    /// Kept once, until the source answers again.
    private func note(problem: String, _ directory: Directory, _ administration: Administration, _ act: Act) async throws {
        var state = directory.groupSyncs[group] ?? GroupSyncState(group: group)
        guard state.problem == nil else { return }
        state.problem = problem
        try await administration.put(
            .groupSync, name: group.key, state, entry: act.entry("group.sync-failed", target: group.description))
    }
}
