package import MailModel

/// What makes a group a discussion list: its mail is the list's, with fields of RFC 2369 and 2919.
package struct DiscussionList: Hashable, Sendable, Codable {
    /// What From says, since receivers refuse what fails their DMARC checks.
    package enum AuthorField: String, Hashable, Sendable, Codable, CaseIterable {
        /// As it came, but for authors whose domain has receivers refuse or quarantine what is not signed by it.
        case safe
        /// Always the list's address, with the author's name.
        case list
        case author
    }

    /// Where answers go.
    package enum Answers: String, Hashable, Sendable, Codable, CaseIterable {
        case author, list
    }

    package enum Joining: String, Hashable, Sendable, Codable, CaseIterable {
        /// Whoever asks by mail, and confirms it.
        case anyone
        /// People of the organisation, likewise.
        case organisation
        /// Nobody but by an owner.
        case closed
    }

    /// As people read it in List-Id and From; empty for the part of the address before the @.
    package var title: String
    /// Before the subject, in brackets; nil for none.
    package var prefix: String?
    package var authorField: AuthorField
    package var answers: Answers
    package var joining: Joining
    /// False where authors get no copy of what they wrote.
    package var copiesAuthor: Bool
    /// Size of a message; nil for what the gate takes.
    package var kibibytesMax: Int?
    /// Where its mail can be read: https; nil for nowhere.
    package var archive: String?

    package init(
        title: String = "", prefix: String? = nil, authorField: AuthorField = .safe, answers: Answers = .author, joining: Joining = .closed,
        copiesAuthor: Bool = true, kibibytesMax: Int? = nil, archive: String? = nil
    ) {
        (self.title, self.prefix, self.authorField, self.answers) = (title, prefix, authorField, answers)
        (self.joining, self.copiesAuthor, self.kibibytesMax, self.archive) = (joining, copiesAuthor, kibibytesMax, archive)
    }

    package static let titleCharactersMax = 80
    package static let prefixCharactersMax = 40

    /// `staff.example.org` (RFC 2919 §3), in lower case.
    package func id(of address: EmailAddress) -> String {
        let local = String(
            decoding: address.localPart.lowercased().utf8.map { octet in
                (0x30...0x39).contains(octet) || (0x61...0x7A).contains(octet) || octet == 0x2D || octet == 0x5F || octet == 0x2E
                    ? octet : 0x5F
            }, as: UTF8.self)
        return "\(local).\(address.domain?.text ?? "invalid")".lowercased()
    }
}

/// What is asked of a discussion list by mail to an address of its own: `staff-leave@example.org`.
package enum GroupCommand: String, Hashable, Sendable, Codable, CaseIterable {
    case join, leave, confirm, owner, help
    /// Where reports go that have no return path of their own.
    case bounces
}

/// What an address is to a group.
package struct GroupPlace: Hashable, Sendable {
    package var group: RecipientGroup
    /// Nil: the group's own address.
    package var command: GroupCommand?

    /// Nil for an address that is no group's. A group that has the whole address goes before commands.
    package init?(_ address: EmailAddress, in groups: [EmailAddress: RecipientGroup]) {
        guard !groups.isEmpty else { return nil }
        if let group = groups[address] {
            self.group = group
            return
        }
        let local = address.localPart
        guard let dash = local.lastIndex(of: "-"), let command = GroupCommand(rawValue: local[local.index(after: dash)...].lowercased()),
            let base = EmailAddress(localPart: String(local[..<dash]), host: address.host), let group = groups[base],
            group.discussion != nil
        else { return nil }
        self.group = group
        self.command = command
    }
}

extension RecipientGroup {
    /// Where a command to it goes.
    package func address(of command: GroupCommand) -> EmailAddress {
        EmailAddress(localPart: "\(address.localPart)-\(command.rawValue)", host: address.host) ?? address
    }
}

extension Directory {
    /// Whether mail to an address is for the part of the gate that makes groups' own mail of it.
    package func goesToGroupDesk(_ address: EmailAddress) -> Bool {
        guard !groups.isEmpty, let place = GroupPlace(address, in: groups) else { return false }
        return place.command == nil ? place.group.distributes : place.command != .owner && accounts[address.key] == nil
    }
}
