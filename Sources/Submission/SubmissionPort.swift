package import DeliveryPlanning
package import GateCore
package import InternetMessage
package import MailModel
package import OutboundPolicy

/// What sessions need of the gate. One instance for each event loop; every call comes from that loop, and so does every answer.
package protocol SubmissionPort: AnyObject {
    /// Asks the gate's core, under its lock.
    func decide<Decision>(_ body: (inout GateCore, Timestamp) -> Decision) -> Decision

    /// Commits a message; `completion` is called once it is on disk, or will not be.
    func accept(_ message: NewMessage, completion: @escaping (AcceptanceAnswer) -> Void)

    /// Checks what others say of themselves in a message that is passed on: SPF, DKIM, ARC. `completion` comes on the loop, once, with what
    /// was found, and whether SPF or DKIM passed; DNS that is silent is one of the results.
    func check(_ arrival: RelayedArrival, completion: @escaping (Finding, Bool) -> Void)

    /// False where nothing is scanned.
    var scans: Bool { get }

    /// Scans a message, away from the loop. `completion` comes on the loop, once, and within the time that settings give.
    func scan(_ order: ScanOrder, completion: @escaping (ScanOutcome) -> Void)

    /// Keeps a refusal for the trace; dropped where the store is overloaded.
    func refused(_ refusal: Refusal)

    /// A session goes on as this account. `completion` with nil: it has begun, and the core's `sessionEnded` must follow.
    func beginSession(as account: EmailAddress, completion: @escaping (SMTPReply?) -> Void)

    /// Whether a password is the account's, found out away from the loop; nil where too many are being checked.
    func check(_ password: String, of account: Account?, completion: @escaping (Bool?) -> Void)
}

/// What became of a message that was to be committed.
package enum AcceptanceAnswer: Sendable {
    case stored
    /// Not stored: a message with the same idempotency key was, before. `isSameRequest`: whether its request was the same.
    case repeated(MessageID, isSameRequest: Bool)
    /// Not stored, since the store found it over a limit: what its holders have used is known now, so that the decision can be made again.
    case exceeded(firstTime: Int)
    /// Not stored; the refusal to give.
    case failed(SMTPReply)
}

/// A message of others, as it came.
package struct RelayedArrival: Sendable {
    package var content: [UInt8]
    package var header: HeaderSection
    package var reversePath: ReversePath
    package var client: IPAddress?
    package var helloName: String
    package var relaying: Relaying
}

/// A message to be scanned.
package struct ScanOrder: Sendable {
    package var content: [UInt8]
    package var reversePath: ReversePath
    package var recipients: [EnvelopeRecipient]
    package var subject: ScanSubject
    /// The first address of From; nil where there is none.
    package var from: EmailAddress?
    /// The Message-ID field without angle brackets; empty where there is none.
    package var messageID: String

    package init(
        content: [UInt8], reversePath: ReversePath, recipients: [EnvelopeRecipient], subject: ScanSubject, from: EmailAddress?,
        messageID: String
    ) {
        (self.content, self.reversePath, self.recipients) = (content, reversePath, recipients)
        (self.subject, self.from, self.messageID) = (subject, from, messageID)
    }
}

/// What sessions have in common.
package struct SubmissionOptions: Sendable {
    /// Our name in Received fields and new Message-IDs.
    package var hostName: DomainName
    package var messageBytesMax: Int

    package init(hostName: DomainName, messageBytesMax: Int) {
        self.hostName = hostName
        self.messageBytesMax = messageBytesMax
    }
}
