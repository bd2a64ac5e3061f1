import DeliveryPlanning
import InternetMessage
package import MailModel

/// A message that came back, read and classed: what the listener, mailboxes and `postern bounce` make of it.
package struct ReturnedReading: Sendable {
    package var kind: ReturnedReport.Kind
    /// One for each recipient that it names, and at least one where it is a bounce, a complaint or an automatic answer.
    package var reports: [ReturnedReport]
    /// Who reports: a host or a domain.
    package var reporter: String
    /// With which the mail left, as far as what came back says.
    package var reversePath: EmailAddress?

    /// Nothing here says that it is true: `authenticity` is the caller's.
    package static func of(
        _ content: [UInt8], source: ReturnedReport.Source, at time: Timestamp, authenticity: ReturnedReport.Authenticity
    ) -> ReturnedReading {
        let message = ReturnedMessage.read(content)
        if let notification = SESNotification(text: message.text) {
            return ReturnedReading(
                notification.reports(source: source, at: time, authenticity: authenticity), reporter: message.reporter)
        }
        let kind = kind(of: message)
        let reports = message.rows.map { row in
            var report = ReturnedReport(
                source: source, kind: kind, bounceClass: bounceClass(row, kind), recipient: row.recipient, action: row.action,
                status: row.status, replyCode: row.replyCode, diagnostic: diagnostic(row), messageID: message.original.messageID,
                reporter: message.reporter, feedbackType: message.feedbackType, at: time, authenticity: authenticity)
            if report.bounceClass == .delivered { report.kind = .other }
            return report
        }
        var reading = ReturnedReading(reports, kind: kind, reporter: message.reporter)
        reading.reversePath = message.original.reversePath
        return reading
    }

    private init(_ reports: [ReturnedReport], kind: ReturnedReport.Kind? = nil, reporter: String) {
        self.reports = reports
        self.reporter = reporter
        // A report of nothing but success is no bounce.
        let kinds = Set(reports.map(\.kind))
        self.kind = kinds.count == 1 ? kinds.first ?? .other : kind ?? (kinds.contains(.bounce) ? .bounce : .other)
    }

    private static func kind(of message: ReturnedMessage) -> ReturnedReport.Kind {
        switch message.form {
        case .deliveryReport, .notice: .bounce
        case .complaint: .complaint
        case .automaticAnswer: .autoReply
        case .other: .other
        }
    }

    private static func bounceClass(_ row: ReturnedRow, _ kind: ReturnedReport.Kind) -> BounceClass {
        switch kind {
        case .complaint: return .complaint
        case .autoReply: return .autoReply
        case .other: return .undetermined
        case .bounce:
            if [.delivered, .relayed, .expanded].contains(row.action) { return .delivered }
            return BounceClass.of(
                BounceEvidence(
                    replyCode: row.replyCode, status: row.status, words: row.words, context: row.context, stage: row.stage))
        }
    }

    private static func diagnostic(_ row: ReturnedRow) -> String {
        let words = row.words.isEmpty ? row.context : row.words
        return words.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}
