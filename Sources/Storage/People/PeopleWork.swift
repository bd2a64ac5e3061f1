package import Campaigns
package import MailModel

/// What is done with the people on lists.
package enum PeopleWork: Sendable {
    /// Begins an import; its number is given by the store. Answered by `number`.
    case beginImport(ListImport)
    /// Puts people on the list that nobody sees before the import is done, and remembers the line that it has come to. Those who are on the
    /// list already stay as they are. Answered by `affected`: how many were added; nil in `count` where the import is not under way.
    case stage(ListImport.Number, [Subscriber], list: Int64, line: Int, at: Timestamp)
    /// From here on all of it is on the list. Answered by `affected`: 0 where it was not under way.
    case endImport(ListImport, AuditEntry)
    /// Gives up an import that is not done, and drops at most so many of its people. Answered by `affected`: how many; 0 when all are gone.
    case dropImport(ListImport.Number, list: Int64, limit: Int)
    /// Drops people of a list that is gone. Answered by `affected`.
    case dropMembers(list: Int64, limit: Int)
    /// What DNS says of domains, on all lists that have them; `open` where it gave no answer. Answered by `affected`.
    case looked([ListDomain], at: Timestamp)
    /// Says whether somebody on a list gets its mail. Answered by `affected`.
    case setState(Subscriber.State, list: Int64, EmailAddress, AuditEntry)
    /// Adds to the consent ledger.
    case consent(EmailAddress, [ConsentEntry])
    /// Puts a person on a list, or back on it, with what the ledger says of it and the words that were said yes to. Somebody who is on it
    /// keeps what is known. Answered by `affected`.
    case join(Subscriber, list: Int64, [ConsentEntry], AuditEntry)
    /// Keeps words that people say yes to. Answered by `affected`: 0 where they are kept already.
    case keepWording(hash: String, ConsentWording)
    /// Forgets a person: off all lists, and out of the ledger. Answered by `affected`: lists that the person was on.
    case erase(EmailAddress, AuditEntry)

    /// The number of what is no import: people who put themselves on a list.
    package static let ownWish: ListImport.Number = 0

    /// People in one work.
    package static let partMax = 5000
}

package enum PeopleWorkResult: Sendable {
    case number(ListImport.Number)
    case affected(Int)
    /// The import is done or dropped.
    case notUnderWay
}

/// An import as the store keeps it.
package struct ListImport: Hashable, Sendable, Codable {
    package typealias Number = Int64

    package enum State: Int, Hashable, Sendable, Codable {
        case underWay = 0
        case done = 1
        case dropped = 2
    }

    /// Rises; 0 before it is stored.
    package var number: Number = 0
    /// The list's number.
    package var list: Int64
    package var state = State.underWay
    /// The last line whose person is kept.
    package var line = 0
    package var touchedAt: Timestamp
    package var startedAt: Timestamp
    package var file: String
    /// Of the file's octets and of how they are read: the same again goes on where this one ended.
    package var fingerprint: String
    package var source: ListSource
    /// Who says so.
    package var attestedBy: String
    package var report: ImportReport?

    package init(list: Int64, file: String, fingerprint: String, source: ListSource, attestedBy: String, at: Timestamp) {
        self.list = list
        self.file = file
        self.fingerprint = fingerprint
        self.source = source
        self.attestedBy = attestedBy
        startedAt = at
        touchedAt = at
    }

    /// What it says of the consent of each person that it brought; nil where nobody knows on what ground.
    package func consent(list name: String) -> ConsentEntry? {
        guard source.basis != .unknown else { return nil }
        return ConsentEntry(
            at: startedAt, act: .granted, basis: source.basis, list: name,
            source: "import \(number) of \(file), \(source.rawValue), said by \(attestedBy)")
    }
}

/// A person on a list, and what brought them there.
package struct ListMember: Hashable, Sendable {
    package var subscriber: Subscriber
    package var list: Int64
    package var importNumber: ListImport.Number
}

package struct MemberQuery: Hashable, Sendable {
    package var list: Int64
    /// `EmailAddress.key` of the last of the page before; empty for the first page.
    package var after = ""
    /// 1…10,000.
    package var limit = 100

    package init(list: Int64, after: String = "", limit: Int = 100) {
        self.list = list
        self.after = after
        self.limit = limit
    }
}
