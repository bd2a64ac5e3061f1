/// What a campaign says, in one revision.
package struct CampaignContent: Hashable, Sendable, Codable {
    package enum Format: String, Hashable, Sendable, Codable, CaseIterable {
        case markdown, html, plain
    }

    /// A template, as `body` is.
    package var subject: String
    package var format: Format
    package var body: String
    /// One mailbox; empty for none.
    package var replyTo: String
    /// Of the organisation, as people find it; lines end in LF.
    package var postalAddress: String

    package static let bodyOctetsMax = 524_288
    package static let postalCharactersMax = 400

    package init(subject: String, format: Format, body: String, replyTo: String = "", postalAddress: String = "") {
        self.subject = subject
        self.format = format
        self.body = body
        self.replyTo = replyTo
        self.postalAddress = postalAddress
    }
}
