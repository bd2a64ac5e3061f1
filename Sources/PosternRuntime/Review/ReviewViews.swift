import ContentScan
import DeliveryPlanning
package import MailModel
import Storage

/// A held message in the list of those that wait for a person.
package struct ReviewLine: Codable, Hashable, Sendable {
    package var message: String
    package var received: String
    package var sender: String
    package var from: String
    package var subject: String
    /// Recipients that are held.
    package var held: Int
    package var bytes: Int
    package var pool: String
    package var reason: ReviewReason
    /// Why, in a sentence; empty where nobody noted it.
    package var text: String
    /// Missing where nothing was scanned.
    package var scan: MessageScanView?

    init(_ held: HeldMessage) {
        let record = held.record
        (message, received, sender) = (record.id.description, record.receivedAt.rfc3339, record.sender)
        (from, subject, self.held, bytes) = (record.headerFrom, record.subject, held.held, record.sizeBytes)
        pool = record.pool.rawValue
        (reason, text) = ReviewReason.of(record)
        scan = record.scan.map(MessageScanView.init)
    }
}

/// A page of held messages, newest first.
package struct ReviewList: Codable, Hashable, Sendable {
    package var messages: [ReviewLine]
    /// Where the next page begins; nil where this is the last.
    package var next: MessageID?
}

/// What a held message says, so that it can be read without danger: text alone, links with their true targets, files by name and kind. Nothing is loaded from anywhere.
package struct ReviewPreview: Codable, Hashable, Sendable {
    package struct Link: Codable, Hashable, Sendable {
        /// What readers see in its place; empty for a picture.
        package var text: String
        /// Where it leads.
        package var target: String
        package var host: String
        /// `link`, `picture`, `form`.
        package var kind: String
    }

    package struct File: Codable, Hashable, Sendable {
        package var name: String
        /// As the message says.
        package var type: String
        /// Octets, as they are sent.
        package var bytes: Int
    }

    package struct HeaderField: Codable, Hashable, Sendable {
        package var name: String
        package var value: String
    }

    /// Who wrote it to whom, as the header says.
    package var fields: [HeaderField]
    package var text: String
    package var links: [Link]
    package var files: [File]
    /// Text that readers do not see; empty for none.
    package var hidden: String
    /// True where not all of it is shown.
    package var isCut: Bool

    static let textMax = 20_000
    static let linksMax = 100
    private static let filesMax = 100
    private static let shownFields = ["from", "sender", "reply-to", "to", "cc", "subject", "date"]

    init(_ content: MessageContent) {
        fields = content.fields.filter { ReviewPreview.shownFields.contains($0.name) }.prefix(20).map {
            HeaderField(name: $0.writtenName, value: ReviewPreview.plain($0.value))
        }
        let whole = ReviewPreview.plain(String(decoding: content.shownText, as: UTF8.self))
        text = String(whole.prefix(ReviewPreview.textMax))
        hidden = String(ReviewPreview.plain(String(decoding: content.html?.hidden ?? [], as: UTF8.self)).prefix(2000))
        links = content.links.prefix(ReviewPreview.linksMax).map { link in
            let kind =
                switch link.kind {
                case .anchor, .written: "link"
                case .image, .pixel: "picture"
                case .form: "form"
                }
            return Link(
                text: ReviewPreview.plain(link.text), target: ReviewPreview.plain(link.address.text), host: link.host.shown, kind: kind)
        }
        let attached = content.parts.filter { $0.isAttachment || !$0.name.isEmpty }
        files = attached.prefix(ReviewPreview.filesMax).map {
            File(name: ReviewPreview.plain($0.name), type: $0.type, bytes: $0.bytes)
        }
        isCut =
            content.isCut || whole.count > ReviewPreview.textMax || content.links.count > ReviewPreview.linksMax
            || attached.count > ReviewPreview.filesMax
    }

    /// Without control characters, and without those that turn the direction of writing: a name must not read otherwise than it is.
    static func plain(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.filter { scalar in
                    if scalar == "\n" || scalar == "\t" { return true }
                    return scalar.properties.generalCategory != .control && !(0x202A...0x202E).contains(scalar.value)
                        && !(0x2066...0x2069).contains(scalar.value)
                }))
    }
}

/// A held message with what is known of it.
package struct ReviewDetail: Codable, Hashable, Sendable {
    package var line: ReviewLine
    /// The first hundred held recipients.
    package var recipients: [String]
    /// Nil where its content is no longer kept.
    package var preview: ReviewPreview?
}

/// What a decision on held messages came to.
package struct ReviewOutcome: Codable, Hashable, Sendable {
    package var messages: Int
    package var recipients: Int
    /// Senders that get a notice.
    package var notices: Int
    /// Messages whose senders get none, though one was wanted, with why.
    package var withoutNotice: [String]
}
