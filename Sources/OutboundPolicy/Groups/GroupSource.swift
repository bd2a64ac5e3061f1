package import MailModel

/// A directory server that groups take their members from.
package struct LDAPServer: Hashable, Sendable, Codable {
    /// Unique: 1…64 of a–z, 0–9, - and _.
    package var name: String
    /// `ldaps://HOST:PORT`, or `ldap://HOST:PORT`, which begins TLS before anything else.
    package var url: String
    /// Empty: nobody signs in.
    package var bindDN: String
    /// Sealed under the master key; nil where nobody signs in.
    package var sealedPassword: String?
    /// The path of a PEM file with those who may have signed the server's certificate; nil for those that the machine trusts.
    package var roots: String?
    package var createdAt: Timestamp

    package init(
        name: String, url: String, bindDN: String = "", sealedPassword: String? = nil, roots: String? = nil, createdAt: Timestamp
    ) {
        (self.name, self.url, self.bindDN) = (name, url, bindDN)
        (self.sealedPassword, self.roots, self.createdAt) = (sealedPassword, roots, createdAt)
    }

    /// TLS from the first octet, or begun by StartTLS (RFC 4511 §4.14). Nil for any other scheme and for what has no host.
    package static func beginsWithTLS(_ url: String) -> Bool? {
        let isSecure = url.lowercased().hasPrefix("ldaps://")
        guard isSecure || url.lowercased().hasPrefix("ldap://") else { return nil }
        let rest = url.drop { $0 != "/" }.dropFirst(2)
        let isPlain = rest.utf8.allSatisfy { octet in
            (0x30...0x3A).contains(octet) || (0x41...0x5B).contains(octet) || (0x61...0x7A).contains(octet)
                || [0x2D, 0x2E, 0x5D].contains(octet)
        }
        return rest.isEmpty || !isPlain || url.utf8.count > 300 ? nil : isSecure
    }
}

/// Where the members of a group come from, and how many of them may change without a person's word.
package struct GroupSource: Hashable, Sendable, Codable {
    /// Of `LDAPServer`.
    package var server: String
    /// The distinguished name below which is searched.
    package var base: String
    /// RFC 4515. `{group}` stands for the group's address, `{name}` for what stands before its @, both escaped.
    package var filter: String
    /// Holds the address.
    package var attribute: String
    /// Of what is found, the attribute with the distinguished names whose `attribute` is meant: `member`. Nil: of what is found itself.
    package var memberAttribute: String?
    /// Between two looks: 5…10,080.
    package var minutes: Int
    /// Members that may come, and that may go, at a time.
    package var changesMax: Int
    /// The same as a share of those there are, in percent.
    package var percentMax: Int

    package init(
        server: String, base: String, filter: String, attribute: String = "mail", memberAttribute: String? = nil, minutes: Int = 60,
        changesMax: Int = 50, percentMax: Int = 20
    ) {
        (self.server, self.base, self.filter, self.attribute) = (server, base, filter, attribute)
        (self.memberAttribute, self.minutes, self.changesMax, self.percentMax) = (memberAttribute, minutes, changesMax, percentMax)
    }

    /// The filter as it is asked. What is put in is escaped, so that no address can change what is asked.
    package func filter(of group: EmailAddress) -> String {
        filter.replacing("{group}", with: LDAPFilter.escaped(group.description)).replacing(
            "{name}", with: LDAPFilter.escaped(group.localPart))
    }
}

package enum LDAPFilter {
    /// A value within a filter (RFC 4515 §3): what has a meaning there, what is no printable ASCII, and what is not, as hexadecimal.
    package static func escaped(_ value: String) -> String {
        value.utf8.map { octet in
            let isPlain = (0x20...0x7E).contains(octet) && ![0x28, 0x29, 0x2A, 0x5C].contains(octet)
            return isPlain ? String(UnicodeScalar(octet)) : "\\" + hexadecimal(octet)
        }.joined()
    }

    private static func hexadecimal(_ octet: UInt8) -> String { (octet < 16 ? "0" : "") + String(octet, radix: 16) }

    /// Whether the parentheses of a filter close, each one once, and something stands in them.
    package static func isBalanced(_ filter: String) -> Bool {
        var depth = 0
        for character in filter.utf8 {
            if character == 0x28 { depth += 1 }
            if character == 0x29 { depth -= 1 }
            if depth < 0 || character < 0x20 { return false }
        }
        return depth == 0 && filter.hasPrefix("(") && filter.hasSuffix(")") && filter.utf8.count <= 2000
    }
}

/// What a look at its source would change in a group.
package struct GroupChange: Hashable, Sendable {
    package var added: [EmailAddress]
    package var removed: [EmailAddress]
    /// As they would be.
    package var members: [EmailAddress]
    /// Why a person has to agree first; nil where nobody has.
    package var guardReason: String?

    /// `found`: addresses as the source has them. Those who left by themselves stay away; groups in the group are people's to name, and stay.
    package init(of group: RecipientGroup, found: [EmailAddress], source: GroupSource, isGroup: (EmailAddress) -> Bool) {
        let left = Set(group.left)
        var seen: Set<EmailAddress> = [group.address]
        let kept = group.members.filter(isGroup)
        for address in kept { seen.insert(address) }
        let wanted = found.filter { !left.contains($0) && seen.insert($0).inserted }
        let (old, new) = (Set(group.members), Set(wanted))
        added = wanted.filter { !old.contains($0) }
        removed = group.members.filter { !new.contains($0) && !isGroup($0) }
        members = kept + wanted
        let before = old.count - kept.count
        let count = max(added.count, removed.count)
        if before > 0, wanted.isEmpty {
            guardReason = "nobody would be left of \(before)"
        } else if count > source.changesMax {
            guardReason = "\(added.count) would come and \(removed.count) go; \(source.changesMax) may at a time"
        } else if before >= GroupChange.shareCounts, count * 100 > source.percentMax * before {
            guardReason = "\(added.count) would come and \(removed.count) go of \(before); \(source.percentMax) % may at a time"
        }
    }

    /// Of fewer members, a share says nothing.
    private static let shareCounts = 5

    package var isEmpty: Bool { added.isEmpty && removed.isEmpty }
}

/// How a group stands with its source.
package struct GroupSyncState: Hashable, Sendable, Codable {
    package struct Entry: Hashable, Sendable, Codable {
        package var at: Timestamp
        package var added: Int
        package var removed: Int
        /// The first of them, `+ADDRESS` and `-ADDRESS`.
        package var sample: [String]
        /// Who agreed to it; empty where nobody had to.
        package var by: String

        package init(at: Timestamp, _ change: GroupChange, by: String) {
            (self.at, self.added, removed, self.by) = (at, change.added.count, change.removed.count, by)
            sample = Entry.sample(change)
        }

        static func sample(_ change: GroupChange) -> [String] {
            Array((change.added.prefix(10).map { "+\($0)" } + change.removed.prefix(10).map { "-\($0)" }))
        }
    }

    /// A change that waits for somebody's word.
    package struct Held: Hashable, Sendable, Codable {
        package var at: Timestamp
        package var reason: String
        package var added: Int
        package var removed: Int
        package var sample: [String]
        /// SHA-256 of the members as they would be: what is agreed to is what was shown.
        package var digest: String

        package init(at: Timestamp, _ change: GroupChange, reason: String, digest: String) {
            (self.at, self.reason, self.digest) = (at, reason, digest)
            (added, removed, sample) = (change.added.count, change.removed.count, Entry.sample(change))
        }
    }

    package var group: EmailAddress
    /// Changes, the newest first; at most `entriesMax`.
    package var entries: [Entry] = []
    package var held: Held?
    /// Why the source could not be asked the last time; nil where it was.
    package var problem: String?

    package static let entriesMax = 20

    package init(group: EmailAddress) { self.group = group }
}
