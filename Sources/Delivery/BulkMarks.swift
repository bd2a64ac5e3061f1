import DeliveryPlanning
package import InternetMessage
import MailAuthentication
package import MailModel
import OutboundPolicy

/// What bulk mail carries of ours, so that receivers know campaigns apart and reports find the recipient that they are about.
package struct BulkMarks: Sendable {
    package struct ReturnPaths: Sendable {
        package var domain: DomainName
        /// See `ReturnPath`.
        package var key: [UInt8]

        package init(domain: DomainName, key: [UInt8]) {
            self.domain = domain
            self.key = key
        }
    }

    /// For the reverse-path of others' mail that is passed on; nil: it stays.
    package var senderRewritingKey: [UInt8]?
    /// Nil: none is added.
    package var feedbackID: FeedbackID?
    /// Nil: the sender's address stays.
    package var returnPaths: ReturnPaths?
    /// How members of discussion lists leave them.
    package var listLeaving: ListLeavingLinks?

    package struct ListLeavingLinks: Sendable {
        /// Where this gate's HTTP listener is reached from outside; nil: members leave by mail alone.
        package var publicURL: String?
        /// See `GroupToken`.
        package var key: [UInt8]

        package init(publicURL: String?, key: [UInt8]) {
            self.publicURL = publicURL
            self.key = key
        }
    }

    package init(feedbackID: FeedbackID? = nil, returnPaths: ReturnPaths? = nil, senderRewritingKey: [UInt8]? = nil) {
        self.senderRewritingKey = senderRewritingKey
        self.feedbackID = feedbackID
        self.returnPaths = returnPaths
    }

    /// The field to put on top; empty for none. A message that has one keeps that.
    func field(_ record: MessageRecord, _ content: [UInt8]) -> [UInt8] {
        guard let feedbackID, TrafficLane(record) == .bulk, case .success(let header) = HeaderSection.scan(content),
            header.first("feedback-id", in: content) == nil
        else { return [] }
        return feedbackID.field(
            tenant: record.tenant, sender: record.sender, trafficClass: record.trafficClass, receivedAt: record.receivedAt)
    }

    /// How the one recipient leaves the discussion list that the message is of: by a link of their own (RFC 8058), and by mail. Where several
    /// get one copy there is no link: it would be somebody else's. Empty for other mail.
    func leavingField(_ order: AttemptOrder) throws(CryptoError) -> [UInt8] {
        guard let listLeaving, let list = order.record.discussionList,
            let leave = EmailAddress(localPart: "\(list.localPart)-\(GroupCommand.leave.rawValue)", host: list.host)
        else { return [] }
        let mail = "<mailto:\(leave)?subject=leave>"
        guard let url = listLeaving.publicURL, order.recipients.count == 1, let recipient = order.recipients.first?.recipient.address else {
            return Array("List-Unsubscribe: \(mail)\r\n".utf8)
        }
        let token = try GroupToken(.leave, group: list, address: recipient).text(key: listLeaving.key)
        return Array(
            "List-Unsubscribe: <\(url)/g/\(token)>,\r\n \(mail)\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n".utf8)
    }

    /// The reverse-path of mail of others as ours (SRS), where the message says so, it goes out of the organisation, and the route leaves it as it is. `day`: of the attempt.
    func rewrittenPath(_ order: AttemptOrder, day: Int32) throws(CryptoError) -> ReversePath? {
        guard let key = senderRewritingKey, order.reversePath == order.record.reversePath, order.recipients.first?.isInternal == false,
            let finding = order.record.findings.first(where: { $0.rule == Relaying.rewritingRule }),
            let domain = DomainName(finding.matched)
        else { return nil }
        return try SenderRewriting(domain: domain, key: key).rewritten(order.reversePath, day: day).map(ReversePath.address)
    }

    /// Reports come to us and no longer to the sender: so failures are asked for in any case, success is not (we report it ourselves), and
    /// the header is enough where the sender wanted no more. ENVID and ORCPT stay, for the report that the sender gets in the end (RFC 3461
    /// §5.2.7.3 for a sender that is replaced).
    func envelope(_ order: AttemptOrder) throws(CryptoError) -> BulkEnvelope? {
        guard order.hasOwnReturnPath, let returnPaths, var recipient = order.recipients.first?.recipient,
            let index = order.recipients.first?.index
        else { return nil }
        let id = RecipientID(tenant: order.record.tenant, message: order.record.id, index: index)
        let address = try ReturnPath(id).address(at: returnPaths.domain, key: returnPaths.key)
        recipient.notify = DSNNotify.failure.union((recipient.notify ?? .unspecified).intersection(.delay))
        return BulkEnvelope(
            reversePath: .address(address), recipient: recipient, dsnReturn: order.record.dsnReturn ?? .headers)
    }
}

struct BulkEnvelope {
    var reversePath: ReversePath
    var recipient: EnvelopeRecipient
    var dsnReturn: DSNReturn
}
