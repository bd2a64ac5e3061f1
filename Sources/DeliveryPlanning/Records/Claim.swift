package import MailModel

package struct Claim: Sendable {
    /// The run that takes them.
    package var owner: Int64
    /// Recipients due at or before this time.
    package var now: Timestamp
    /// 1…10,000 recipients.
    package var limit: Int
    /// Lists of sources that this node cannot send for: what waits for one of them is taken when it is due, to be looked at again. What
    /// waits for any other list is taken at once.
    package var lateLists: [Int32]

    package init(owner: Int64, now: Timestamp, limit: Int, lateLists: [Int32] = []) {
        self.lateLists = lateLists
        self.owner = owner
        self.now = now
        self.limit = limit
    }
}

/// Recipients of one message that were claimed together.
package struct ClaimedMessage: Hashable, Sendable {
    package var record: MessageRecord
    package var recipients: [RecipientRecord]

    package init(record: MessageRecord, recipients: [RecipientRecord]) {
        self.record = record
        self.recipients = recipients
    }
}

/// Which queued or held recipients an act is for. Empty fields match all; several must all match.
package struct QueueFilter: Hashable, Sendable, Codable {
    package var message: MessageID?
    package var recipientIndex: Int32?
    /// As the trace names the sender; without case.
    package var sender: String?
    /// Of the recipient's address.
    package var domain: DomainName?
    package var states: [RecipientState] = [.queued, .held]
    /// Only what is due by then; nil for any time.
    package var dueBy: Timestamp?

    package init() {}
}
