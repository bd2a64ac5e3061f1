package import DeliveryPlanning
package import GateCore
package import MailModel
package import OutboundPolicy

/// What sessions need of the gate. One instance for each event loop; every call comes from that loop, and so does every answer.
package protocol SubmissionPort: AnyObject {
    /// Asks the gate's core, under its lock.
    func decide<Decision>(_ body: (inout GateCore, Timestamp) -> Decision) -> Decision

    /// Commits a message; `completion` gets nil once it is on disk, or the refusal to give.
    func accept(_ message: NewMessage, completion: @escaping (SMTPReply?) -> Void)

    /// Keeps a refusal for the trace; dropped where the store is overloaded.
    func refused(_ refusal: Refusal)

    /// Whether a password is the account's, found out away from the loop; nil where too many are being checked.
    func check(_ password: String, of account: Account?, completion: @escaping (Bool?) -> Void)
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
