package import MailModel

/// A list of people who get campaigns. The people stand in the store, by its number.
package struct MailingList: Hashable, Sendable, Codable {
    /// Unique: 1…64 of a–z, 0–9, - and _.
    package var name: String
    /// Never used again, so that what is left of a list that was removed belongs to no other.
    package var number: Int64
    /// As people read it; may be empty.
    package var title: String
    package var createdAt: Timestamp
    /// Nil: no pages.
    package var pages: ListPages?

    package init(name: String, number: Int64, title: String, createdAt: Timestamp) {
        self.name = name
        self.number = number
        self.title = title
        self.createdAt = createdAt
    }

    package static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x5F }
    }
}
