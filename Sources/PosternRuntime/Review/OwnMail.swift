import DeliveryPlanning
import GateCore
import InternetMessage
import MailModel
import OutboundPolicy
import Storage

/// A message of Postern's own to one person, before it has a number.
struct OwnMail: Sendable {
    /// What stands on top, once the message has a number.
    struct Header: Sendable {
        var from: String
        var subject: String
        var hostName: DomainName
        /// `Date` and `Message-ID`.
        var first: [UInt8]
        /// Unique, letters and digits.
        var seed: String
    }

    var recipient: EmailAddress
    var subject: String
    var finding: Finding
    var isEightBit: Bool
    /// The whole content; nil where it cannot be written.
    var content: @Sendable (Header) -> [UInt8]?

    /// What keeps programs from answering.
    static let automatic = [
        ComposedMessage.Header(name: "Auto-Submitted", value: "auto-generated"),
        ComposedMessage.Header(name: "X-Auto-Response-Suppress", value: "All"),
    ]

    /// One line of at most 200 characters.
    static func line(_ text: String) -> String {
        String(String(text.map { $0.unicodeScalars.contains { $0.properties.generalCategory == .control } ? " " : $0 }).prefix(200))
    }
}

/// Puts Postern's own mail into the queue.
struct OwnMailSender: Sendable {
    let store: OpenStore
    let engine: GateEngine
    let live: LiveSettings

    /// Returns once it is on the disk.
    func send(_ mail: OwnMail) async throws {
        let settings = live.current
        let sender = settings.alerts.sender ?? EmailAddress("postmaster@\(settings.node.hostName)")
        guard let sender else { return }
        let notice = engine.decide { core, now in
            core.ownNotice(to: mail.recipient, from: .null, onlyRoute: nil, tenant: .standard, finding: mail.finding, at: now)
        }
        var event: GateEvent? = notice.lease == nil ? nil : .notStored(recipients: 1)
        defer { if let event { engine.happened(event) } }
        var record = notice.record
        record.fields.headerMessageID = "\(record.id)@\(settings.node.hostName)"
        record.fields.subject = mail.subject
        record.fields.headerFrom = "Postern <\(sender)>"
        if mail.isEightBit { record.fields.body = .eightBit }
        let first = Array("Date: \(record.receivedAt.rfc5322)\r\nMessage-ID: <\(record.headerMessageID)>\r\n".utf8)
        let header = OwnMail.Header(
            from: record.headerFrom, subject: mail.subject, hostName: settings.node.hostName, first: first, seed: "\(record.id)")
        guard let content = mail.content(header) else {
            throw AdministrationError(.failed, "the mail to \(mail.recipient) could not be written")
        }
        record.fields.sizeBytes = content.count
        let message = NewMessage(record: record, recipients: [notice.recipient], content: content, lease: notice.lease)
        _ = try await store.perform(.accept(message))
        event = message.lease == nil ? .becameDue() : .stored(message, lane: Lane(0))
    }
}
