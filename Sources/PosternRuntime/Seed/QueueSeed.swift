import DeliveryPlanning
package import MailModel
import Storage

/// Fills the queue of a store with made-up mail, through the same verb as mail that came in: for measurements, tests and pictures.
///
/// All addresses lie in domains that are reserved for tests (RFC 6761), so that none of it finds a receiver where routes lead to the world.
package struct QueueSeed: Sendable {
    /// Recipients to queue, 1 or more.
    package var recipients: Int
    /// 1 or more.
    package var recipientsPerMessage: Int
    /// Octets of each message, 512 or more.
    package var messageBytes: Int
    /// True: all fell due within the last hour. False: they were deferred, and fall due within the hour after the next.
    package var isDue: Bool
    /// The node that is to have received it.
    package var node: UInt8

    package init(recipients: Int, recipientsPerMessage: Int, messageBytes: Int, isDue: Bool, node: UInt8) {
        precondition(recipients >= 1 && recipientsPerMessage >= 1 && messageBytes >= 512)
        self.recipients = recipients
        self.recipientsPerMessage = recipientsPerMessage
        self.messageBytes = messageBytes
        self.isDue = isDue
        self.node = node
    }

    package var messages: Int { (recipients + recipientsPerMessage - 1) / recipientsPerMessage }

    /// Messages under way to the store at a time: enough for it to commit in large groups.
    private static let underWayMax = 2000
    private static let senders = 100
    private static let domains = 1000
    private static let span = Duration.seconds(3600)
    private static let wait = Duration.seconds(7200)
    private static let expiry = Duration.seconds(2 * 86_400)

    /// Adds the mail to the store. Throws what the store says; what was stored until then stays.
    package func fill(_ store: any StoreAccess, now: Timestamp) async throws {
        var identifiers = MessageIDSource(node: node, notBefore: try await store.read { try $0.newestMessage() })
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<messages {
                if number >= QueueSeed.underWayMax { try await group.next() }
                let receivedAt = now - QueueSeed.span + .milliseconds(QueueSeed.span.milliseconds * Int64(number) / Int64(messages))
                let message = message(number, id: identifiers.next(at: receivedAt), receivedAt: receivedAt)
                group.addTask { _ = try await store.perform(.accept(message)) }
            }
            try await group.waitForAll()
        }
    }

    /// The message of one number, from 0.
    func message(_ number: Int, id: MessageID, receivedAt: Timestamp) -> NewMessage {
        let first = number * recipientsPerMessage
        let count = min(recipientsPerMessage, recipients - first)
        let sender = QueueSeed.address("author\(number % QueueSeed.senders)", "sender.test")
        let dueAt = isDue ? receivedAt : receivedAt + QueueSeed.wait
        let rows = (0..<count).map { index in
            let place = first + index
            return RecipientRecord(
                index: Int32(index),
                recipient: EnvelopeRecipient(QueueSeed.address("reader\(place)", "destination\(place % QueueSeed.domains).test")),
                isInternal: false, attempts: isDue ? 0 : 1, dueAt: dueAt,
                lastReply: isDue ? nil : SMTPReply(451, EnhancedStatusCode(4, 7, 1), "Greylisted, please try again later"))
        }
        let headerMessageID = "seed.\(id)@sender.test"
        let content = content(from: sender, number: number, headerMessageID: headerMessageID)
        let record = MessageRecord(
            tenant: .standard, id: id, receivedAt: receivedAt, trafficClass: .application, sender: sender.key,
            principal: "account:\(sender.key)", reversePath: .address(sender), envelopeID: nil, dsnReturn: nil, body: .sevenBit,
            isInternationalized: false, headerFrom: sender.description, subject: QueueSeed.subject(number),
            headerMessageID: headerMessageID, sizeBytes: content.count, clientAddress: .v4(0x7F00_0001), clientName: "seed.sender.test",
            submissionTLS: "TLSv1.3", pool: .normal, onlyRoute: nil, findings: [],
            expiresAt: receivedAt + QueueSeed.expiry, warnAt: nil, recipientCount: count)
        return NewMessage(record: record, recipients: rows, content: content, lease: nil)
    }

    private func content(from sender: EmailAddress, number: Int, headerMessageID: String) -> [UInt8] {
        let header = """
            From: <\(sender)>\r\nTo: undisclosed-recipients:;\r\nSubject: \(QueueSeed.subject(number))\r\n\
            Message-ID: <\(headerMessageID)>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n
            """
        var content = Array(header.utf8)
        content.reserveCapacity(messageBytes)
        while content.count < messageBytes { content.append(contentsOf: QueueSeed.line.prefix(messageBytes - content.count)) }
        content.replaceSubrange((content.count - 2)..., with: [0x0D, 0x0A])
        return content
    }

    private static let line = Array("The rooms of the coming week, the times of each and what has changed since.\r\n".utf8)

    private static func subject(_ number: Int) -> String { "Timetable \(number), and what has changed" }

    private static func address(_ localPart: String, _ domain: String) -> EmailAddress {
        guard let address = EmailAddress("\(localPart)@\(domain)") else { preconditionFailure("a seeded address does not hold up") }
        return address
    }
}
