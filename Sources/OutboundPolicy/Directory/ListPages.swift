/// What strangers and subscribers see of a list on pages of the web. Nothing of it is there before it is switched on.
package struct ListPages: Hashable, Sendable, Codable {
    /// Whether people may put themselves on the list: each confirms it by mail.
    package var takesSignUps = false
    /// Whether its people see it among their lists in the preference centre of another list.
    package var isPublic = false
    /// Whether past campaigns can be read by everybody.
    package var hasArchive = false
    /// Of the confirmation mail, one mailbox as the From field has it; empty for none: then nobody can sign up.
    package var from = ""
    /// Of all pages of the list: `en`, `de`, `fr` or `es`; nil: as the reader likes it.
    package var language: String?
    /// What people say yes to, by language; where a language is missing, the gate's own words.
    package var wording: [String: String] = [:]
    /// Rises with each change of what people see at the form; 1 at first.
    package var formVersion = 1
    /// Whether the form also asks, apart, for consent to tracking.
    package var asksTracking = false
    /// What the list is about, a sentence or two; may be empty.
    package var about = ""

    package init() {}

    package static let languages = ["en", "de", "fr", "es"]
    package static let wordingCharactersMax = 2000
    package static let aboutCharactersMax = 500
}
