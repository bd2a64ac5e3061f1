package import MailModel

/// Words that people said yes to, kept under their hash.
package struct ConsentWording: Hashable, Sendable, Codable {
    package var text: String
    /// The list's name; nil where it was not for one list.
    package var list: String?
    /// Nil where nobody says.
    package var language: String?
    package var formVersion: String?
    package var firstAt: Timestamp

    package init(text: String, list: String?, language: String?, formVersion: String?, firstAt: Timestamp) {
        self.text = text
        self.list = list
        self.language = language
        self.formVersion = formVersion
        self.firstAt = firstAt
    }

    package static let charactersMax = 4000
}
