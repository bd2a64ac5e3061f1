package import MailModel
package import OutboundPolicy

/// A message as the trace and the queue know it, without its body.
///
/// It is copied some thirty times on its way and changed once or twice: a copy costs one reference, a change makes it anew.
package struct MessageRecord: Hashable, Sendable {
    package struct Fields: Hashable, Sendable {
        package var tenant: TenantID
        package var id: MessageID
        package var receivedAt: Timestamp
        package var trafficClass: TrafficClass
        /// Whom limits and restrictions act on: an account's address, `connector:name`, or `postern` for own notices.
        package var sender: String
        /// Who submitted: `account:a@example.org`, `connector:name`, `postern`.
        package var principal: String
        package var reversePath: ReversePath
        package var envelopeID: String?
        package var dsnReturn: DSNReturn?
        package var body: BodyKind
        package var isInternationalized: Bool
        /// The From field as readable text; empty where there is none.
        package var headerFrom: String
        /// Decoded subject, cut to 500 characters.
        package var subject: String
        /// The Message-ID field without angle brackets; empty where there is none.
        package var headerMessageID: String
        /// Octets of the stored content.
        package var sizeBytes: Int
        package var clientAddress: IPAddress?
        package var clientName: String
        /// `TLSv1.3`; nil for plaintext.
        package var submissionTLS: String?
        package var pool: EgressPool
        /// The only route it may take; nil for the usual choice.
        package var onlyRoute: String?
        package var findings: [Finding]
        package var expiresAt: Timestamp
        /// When a delay warning is due; nil for none.
        package var warnAt: Timestamp?
        package var recipientCount: Int
        package var tlsWish = TLSWish.usual
        /// Nil where nothing was scanned.
        package var scan: ScanSummary?
        /// The List-Id, in lower case and without angle brackets; nil for mail of no list.
        package var list: String?
    }

    private final class Box: Sendable {
        let fields: Fields
        init(_ fields: Fields) { self.fields = fields }
    }

    private var box: Box

    /// To change some of them.
    package var fields: Fields {
        get { box.fields }
        set { box = Box(newValue) }
    }

    package var tenant: TenantID { box.fields.tenant }
    package var id: MessageID { box.fields.id }
    package var receivedAt: Timestamp { box.fields.receivedAt }
    package var trafficClass: TrafficClass { box.fields.trafficClass }
    package var sender: String { box.fields.sender }
    package var principal: String { box.fields.principal }
    package var reversePath: ReversePath { box.fields.reversePath }
    package var envelopeID: String? { box.fields.envelopeID }
    package var dsnReturn: DSNReturn? { box.fields.dsnReturn }
    package var body: BodyKind { box.fields.body }
    package var isInternationalized: Bool { box.fields.isInternationalized }
    package var headerFrom: String { box.fields.headerFrom }
    package var subject: String { box.fields.subject }
    package var headerMessageID: String { box.fields.headerMessageID }
    package var sizeBytes: Int { box.fields.sizeBytes }
    package var clientAddress: IPAddress? { box.fields.clientAddress }
    package var clientName: String { box.fields.clientName }
    package var submissionTLS: String? { box.fields.submissionTLS }
    package var pool: EgressPool { box.fields.pool }
    package var onlyRoute: String? { box.fields.onlyRoute }
    package var findings: [Finding] { box.fields.findings }
    package var expiresAt: Timestamp { box.fields.expiresAt }
    package var warnAt: Timestamp? { box.fields.warnAt }
    package var recipientCount: Int { box.fields.recipientCount }
    package var tlsWish: TLSWish { box.fields.tlsWish }
    package var scan: ScanSummary? { box.fields.scan }
    package var list: String? { box.fields.list }
    /// What its recipients are looked up by on the suppression list.
    package var stream: MailStream { MailStream(tenant: tenant, trafficClass: trafficClass, submitter: principal, list: list) }

    package func recipient(_ index: Int32) -> RecipientID { RecipientID(tenant: tenant, message: id, index: index) }

    /// The rule of the finding that mail of an alert carries.
    package static let alertNoticeRule = "notice.alert"

    /// True for mail that tells people of trouble; a report on a message is none.
    package var isAlertNotice: Bool { trafficClass == .notice && findings.contains { $0.rule == MessageRecord.alertNoticeRule } }

    package static func == (one: MessageRecord, other: MessageRecord) -> Bool {
        one.box === other.box || one.box.fields == other.box.fields
    }
    package func hash(into hasher: inout Hasher) { box.fields.hash(into: &hasher) }

    package init(
        tenant: TenantID, id: MessageID, receivedAt: Timestamp, trafficClass: TrafficClass, sender: String, principal: String,
        reversePath: ReversePath, envelopeID: String?, dsnReturn: DSNReturn?, body: BodyKind, isInternationalized: Bool,
        headerFrom: String, subject: String, headerMessageID: String, sizeBytes: Int, clientAddress: IPAddress?, clientName: String,
        submissionTLS: String?, pool: EgressPool, onlyRoute: String?, findings: [Finding], expiresAt: Timestamp, warnAt: Timestamp?,
        recipientCount: Int, tlsWish: TLSWish = .usual, scan: ScanSummary? = nil, list: String? = nil
    ) {
        box = Box(
            Fields(
                tenant: tenant, id: id, receivedAt: receivedAt, trafficClass: trafficClass, sender: sender, principal: principal,
                reversePath: reversePath, envelopeID: envelopeID, dsnReturn: dsnReturn, body: body,
                isInternationalized: isInternationalized, headerFrom: headerFrom, subject: subject, headerMessageID: headerMessageID,
                sizeBytes: sizeBytes, clientAddress: clientAddress, clientName: clientName, submissionTLS: submissionTLS, pool: pool,
                onlyRoute: onlyRoute, findings: findings, expiresAt: expiresAt, warnAt: warnAt, recipientCount: recipientCount,
                tlsWish: tlsWish, scan: scan, list: list))
    }
}

/// A recipient as the queue knows it.
package struct RecipientRecord: Hashable, Sendable {
    package var index: Int32
    package var recipient: EnvelopeRecipient
    package var isInternal: Bool
    /// `queued` or `held` where new.
    package var state: RecipientState
    /// Attempts made so far.
    package var attempts: Int
    /// When the next attempt may begin.
    package var dueAt: Timestamp
    /// True once a delay warning was sent for it.
    package var isWarned: Bool
    /// The last reply; nil before the first attempt.
    package var lastReply: SMTPReply?

    package init(
        index: Int32, recipient: EnvelopeRecipient, isInternal: Bool, state: RecipientState = .queued, attempts: Int = 0, dueAt: Timestamp,
        isWarned: Bool = false, lastReply: SMTPReply? = nil
    ) {
        self.index = index
        self.recipient = recipient
        self.isInternal = isInternal
        self.state = state
        self.attempts = attempts
        self.dueAt = dueAt
        self.isWarned = isWarned
        self.lastReply = lastReply
    }
}

package struct NewMessage: Sendable {
    package var record: MessageRecord
    /// In order of index, from 0 without gaps.
    package var recipients: [RecipientRecord]
    /// Lines end in CRLF; as it will be sent, but for signatures.
    package var content: [UInt8]
    /// The run that will attempt it at once from memory; nil leaves it to be claimed when due.
    package var lease: Lease?
    /// Where the client may send the same request again; nil for mail by SMTP, which has no such thing.
    package var idempotency: IdempotencyMark?
    /// What it uses of limits. It is kept only where the store grants all of it.
    package var claims: [UsageClaim]
    /// Of which campaign it is a copy; nil for other mail. It is kept only while the recipient's turn is still to come.
    package var copy: CampaignCopy?

    package init(
        record: MessageRecord, recipients: [RecipientRecord], content: [UInt8], lease: Lease?, idempotency: IdempotencyMark? = nil,
        claims: [UsageClaim] = [], copy: CampaignCopy? = nil
    ) {
        self.copy = copy
        self.claims = claims
        self.record = record
        self.recipients = recipients
        self.content = content
        self.lease = lease
        self.idempotency = idempotency
    }
}

/// For whom a copy of a campaign is.
package struct CampaignCopy: Hashable, Sendable {
    /// The campaign's number.
    package var campaign: Int64
    /// The raw value of a `CampaignPhase`.
    package var phase: Int
    /// `EmailAddress.key`.
    package var address: String

    package init(campaign: Int64, phase: Int, address: String) {
        self.campaign = campaign
        self.phase = phase
        self.address = address
    }
}

/// A run of a node that holds recipients for its attempts, for as long as the store knows it to live.
package struct Lease: Hashable, Sendable {
    /// Unique for each start of each node; never 0.
    package var owner: Int64

    package init(owner: Int64) { self.owner = owner }
}

package struct Refusal: Sendable {
    package var tenant: TenantID
    package var id: MessageID
    package var at: Timestamp
    package var principal: String
    package var reversePath: String
    /// Empty where it did not come to a recipient.
    package var recipient: String
    package var subject: String
    package var clientAddress: IPAddress?
    package var reply: SMTPReply
    package var findings: [Finding]

    package init(
        tenant: TenantID, id: MessageID, at: Timestamp, principal: String, reversePath: String, recipient: String, subject: String,
        clientAddress: IPAddress?, reply: SMTPReply, findings: [Finding]
    ) {
        self.tenant = tenant
        self.id = id
        self.at = at
        self.principal = principal
        self.reversePath = reversePath
        self.recipient = recipient
        self.subject = subject
        self.clientAddress = clientAddress
        self.reply = reply
        self.findings = findings
    }
}
