package import DeliveryPlanning
package import MailModel

/// Changes of what came back.
package enum ReturnedWork: Sendable {
    /// Keep it, and all that it says, in one commit. Answered by `affected`: recipients that it put on the suppression list, or -1 where the
    /// same thing was kept before: then nothing is done.
    case keep(ReturnedIntake)
    /// Drops what came before these times, some of it. Answered by `affected`.
    case tidy(reportsBefore: Timestamp, contentBefore: Timestamp, limit: Int)
}

/// One message or call that came back, with what it says.
package struct ReturnedIntake: Sendable {
    /// The same for the same thing; 1…64 octets.
    package var id: String
    package var at: Timestamp
    /// Each with what it changes; at least one.
    package var reports: [(report: ReturnedReport, feedback: Feedback?)]
    /// As it came, or its beginning; empty where it is not kept.
    package var content: [UInt8]

    package init(id: String, at: Timestamp, reports: [(report: ReturnedReport, feedback: Feedback?)], content: [UInt8]) {
        self.id = id
        self.at = at
        self.reports = reports
        self.content = content
    }
}

/// A report as it is kept.
package struct ReturnedRecord: Hashable, Sendable {
    /// Of what it came in.
    package var id: String
    /// Its place there, from 0.
    package var part: Int
    package var report: ReturnedReport
}

/// Whom a report is about, as the trace has it.
package struct ReturnedSubject: Sendable {
    package var message: MessageRecord
    package var recipient: RecipientRecord
    /// The last host that answered an attempt; nil where none did.
    package var host: String?

    package init(message: MessageRecord, recipient: RecipientRecord, host: String?) {
        self.message = message
        self.recipient = recipient
        self.host = host
    }
}

package struct ReturnedQuery: Hashable, Sendable {
    /// Those about one message.
    package var message: MessageID?
    /// Those of one intake.
    package var id: String?
    /// Those that came before; nil from the newest on.
    package var before: Timestamp?
    /// 1…10,000.
    package var limit = 100

    package init() {}
}
