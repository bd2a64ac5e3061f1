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

    /// Another subject, to be tried against the first; nil for none.
    package var otherSubject: String?
    /// What hangs on each copy; nil, as in revisions from before there were any, for none.
    package var attachments: [Attachment]?

    /// A file, kept once for the campaign under its digest.
    package struct Attachment: Hashable, Sendable, Codable {
        package var name: String
        /// `application/pdf`.
        package var type: String
        /// SHA-256 in hexadecimal.
        package var digest: String
        package var octets: Int

        package init(name: String, type: String, digest: String, octets: Int) {
            self.name = name
            self.type = type
            self.digest = digest
            self.octets = octets
        }

        /// Files of one campaign.
        package static let countMax = 10
        package static let octetsMax = 700_000
        /// Of all files of a campaign together.
        package static let allOctetsMax = 2_000_000

        /// By the end of its name, for the kinds that campaigns usually carry.
        package static func type(of name: String) -> String {
            let end = name.lastIndex(of: ".").map { name[name.index(after: $0)...].lowercased() } ?? ""
            return [
                "pdf": "application/pdf", "ics": "text/calendar", "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg",
                "gif": "image/gif", "webp": "image/webp", "txt": "text/plain", "csv": "text/csv", "vcf": "text/vcard",
                "zip": "application/zip", "html": "text/html", "htm": "text/html",
            ][end] ?? "application/octet-stream"
        }
    }

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
