package import DeliveryPlanning
package import GateCore
import InternetMessage
package import MailModel

/// Composes the reports that a settlement calls for, as messages to be stored with it.
package struct ReportWriter: Sendable {
    private let host: DomainName
    private let postmaster: EmailAddress

    package init(host: DomainName) {
        guard let postmaster = EmailAddress(localPart: "postmaster", host: .domain(host)) else {
            preconditionFailure("postmaster is a local part")
        }
        self.host = host
        self.postmaster = postmaster
    }

    /// `content`: of the message that is reported on; empty where it is not to be had, and only the facts are told.
    package func message(
        _ report: ReportOrder, _ order: SettlementOrder, content: [UInt8], notice: AcceptedNotice, retryUntil: Timestamp?
    ) -> NewMessage {
        var record = notice.record
        record.fields.headerMessageID = "\(record.id)@\(host)"
        let request = DeliveryReportRequest(
            reportingHost: host, from: postmaster, to: notice.recipient.recipient.address, date: record.receivedAt,
            messageID: record.headerMessageID, boundary: "report-\(record.id)",
            original: DeliveryReportRequest.Original(
                id: order.record.id, arrivedAt: order.record.receivedAt, envelopeID: order.record.envelopeID,
                subject: order.record.subject, messageID: order.record.headerMessageID, content: content,
                dsnReturn: order.record.dsnReturn),
            recipients: report.recipients.map { recipient($0, report.kind, order, retryUntil: retryUntil) })
        let composed = DeliveryReport.compose(request)
        record.fields.sizeBytes = composed.count
        record.fields.headerFrom = "\(postmaster)"
        if case .success(let header) = HeaderSection.scan(composed) {
            let facts = MessageFacts.read(composed, header: header)
            record.fields.subject = facts.subject
            record.fields.headerFrom = facts.headerFromText
        }
        return NewMessage(record: record, recipients: [notice.recipient], content: composed, lease: notice.lease)
    }

    private func recipient(
        _ reported: ReportedRecipient, _ kind: ReportOrder.Kind, _ order: SettlementOrder, retryUntil: Timestamp?
    ) -> DeliveryReportRequest.Recipient {
        let action: DeliveryReportRequest.Action =
            switch kind {
            case .failed: .failed
            case .delayed: .delayed
            case .relayed: .relayed
            }
        return DeliveryReportRequest.Recipient(
            recipient: reported.recipient, action: action,
            // RFC 3463 §3.5: 4.4.7 is the delivery time that expired; the last reply stands in the diagnostic.
            status: reported.state == .expired ? EnhancedStatusCode(4, 4, 7) : nil, reply: reported.reply, isReplyLocal: reported.isLocal,
            remoteHost: reported.isLocal ? nil : order.settlement.connection.host, lastAttemptAt: order.settlement.at,
            retryUntil: kind == .delayed ? retryUntil : nil)
    }
}
