import DeliveryPlanning
package import MailModel
package import Storage

/// A row of the trace as the command line and the HTTP interface show it. Times are RFC 3339 in UTC.
package struct TraceLine: Codable, Hashable, Sendable {
    /// `message/recipient index`.
    package var id: String
    package var time: String
    package var sender: String
    package var recipient: String
    package var subject: String
    package var status: String
    package var pool: String
    /// Empty before the first attempt.
    package var reply: String
    package var findings: [Finding]
    package var message: String
    package var reversePath: String
    package var messageID: String
    package var attempts: Int
    /// For `TraceQuery.before`: the page after this row.
    package var key: RecipientID? { RecipientID(text: id) }

    package init(_ row: TraceRow) {
        id = row.id.description
        time = row.time.rfc3339
        sender = row.sender
        recipient = row.recipient
        subject = row.subject
        status = row.status
        pool = row.pool
        reply = row.reply?.description ?? ""
        findings = row.findings
        message = row.id.message.description
        reversePath = row.reversePath
        messageID = row.headerMessageID
        attempts = row.attempts
    }
}

/// An open recipient as `queue list` shows it.
package struct QueueLine: Codable, Hashable, Sendable {
    package var id: String
    package var state: String
    package var sender: String
    package var recipient: String
    package var subject: String
    package var received: String
    package var due: String
    package var attempts: Int
    package var bytes: Int
    package var reply: String
    /// True while a node holds it for an attempt.
    package var leased: Bool
    /// The limit or rule that keeps it back, and until when; empty where nothing but its turn does, as far as the node that was asked knows.
    package var heldBy = ""
    /// `transactional`, `normal` or `bulk`.
    package var lane: String
    /// For `QueueQuery.after`: the page after this row.
    package var key: QueueQuery.QueueKey? {
        guard let due = Timestamp(rfc3339: due), let id = RecipientID(text: id) else { return nil }
        return QueueQuery.QueueKey(dueAt: due, id: id)
    }

    package init(_ row: QueueRow) {
        id = row.id.description
        state = row.state.name
        sender = row.sender
        recipient = row.recipient.description
        subject = row.subject
        received = row.receivedAt.rfc3339
        due = row.dueAt.rfc3339
        attempts = row.attempts
        bytes = row.sizeBytes
        reply = row.lastReply?.description ?? ""
        leased = row.isLeased
        lane = row.lane.name
    }
}

/// One message with all that is known of it.
package struct MessageView: Codable, Hashable, Sendable {
    package struct Recipient: Codable, Hashable, Sendable {
        package var index: Int
        package var address: String
        package var state: String
        package var attempts: Int
        package var due: String
        package var reply: String
        package var isInternal: Bool
        /// As in `QueueLine`.
        package var heldBy = ""
    }

    package struct Event: Codable, Hashable, Sendable {
        package var index: Int
        package var time: String
        package var kind: String
        package var reply: String
        package var stage: String
        package var route: String
        /// The egress source that an attempt left from; empty where there was none.
        package var source: String
        /// Host, address, port and TLS, as far as an attempt came.
        package var connection: String
        package var findings: [Finding]
    }

    package var id: String
    package var received: String
    package var sender: String
    package var principal: String
    package var reversePath: String
    package var from: String
    package var subject: String
    package var messageID: String
    package var bytes: Int
    package var client: String
    package var tls: String
    package var trafficClass: String
    /// `transactional`, `normal` or `bulk`.
    package var lane: String
    package var pool: String
    package var expires: String
    package var findings: [Finding]
    /// Missing where nothing was scanned.
    package var scan: MessageScanView?
    package var recipients: [Recipient]
    package var events: [Event]

    /// `waits`: what keeps each recipient back, in their order.
    package init(_ detail: MessageDetail, waits: [String?] = []) {
        let record = detail.record
        id = record.id.description
        received = record.receivedAt.rfc3339
        sender = record.sender
        principal = record.principal
        reversePath = record.reversePath.description
        from = record.headerFrom
        subject = record.subject
        messageID = record.headerMessageID
        bytes = record.sizeBytes
        client = [record.clientAddress?.description ?? "", record.clientName].filter { !$0.isEmpty }.joined(separator: " ")
        tls = record.submissionTLS ?? ""
        trafficClass = record.trafficClass.name
        lane = TrafficLane(record).name
        pool = record.pool.rawValue
        expires = record.expiresAt.rfc3339
        findings = record.findings
        scan = record.scan.map(MessageScanView.init)
        recipients = detail.recipients.enumerated().map { place, recipient in
            Recipient(
                index: Int(recipient.index), address: recipient.recipient.address.description, state: recipient.state.name,
                attempts: recipient.attempts, due: recipient.dueAt.rfc3339, reply: recipient.lastReply?.description ?? "",
                isInternal: recipient.isInternal, heldBy: waits.indices.contains(place) ? waits[place] ?? "" : "")
        }
        events = detail.events.map {
            Event(
                index: Int($0.index), time: $0.at.rfc3339, kind: $0.kind, reply: $0.reply?.description ?? "",
                stage: $0.stage?.rawValue ?? "", route: $0.route, source: $0.source, connection: MessageView.text($0.connection),
                findings: $0.findings)
        }
    }

    private static func text(_ facts: ConnectionFacts) -> String {
        guard let host = facts.host ?? facts.address?.description else { return "" }
        var text = host
        if let address = facts.address, address.description != host { text += " [\(address)]" }
        if let port = facts.port { text += ":\(port)" }
        if let version = facts.tlsVersion { text += " \(version)\(facts.tlsVerified ? ", certificate verified" : "")" }
        return text
    }
}

/// The ledger with what it adds up to. Figures are recipients.
package struct LedgerView: Codable, Hashable, Sendable {
    package var accepted: Int
    package var delivered: Int
    package var bounced: Int
    package var expired: Int
    package var cancelled: Int
    package var suppressed: Int
    package var queued: Int
    package var held: Int
    /// accepted = delivered + bounced + expired + cancelled + suppressed + queued + held.
    package var balanced: Bool
    /// With `--verify`: whether the counters agree with the rows. Nil where that was not asked.
    package var verified: Bool?

    package init(_ ledger: Ledger, verified: Bool? = nil) {
        accepted = ledger.accepted
        delivered = ledger.delivered
        bounced = ledger.bounced
        expired = ledger.expired
        cancelled = ledger.cancelled
        suppressed = ledger.suppressed
        queued = ledger.queued
        held = ledger.held
        balanced = ledger.isBalanced
        self.verified = verified
    }
}

/// An act as the audit shows it.
package struct AuditLine: Codable, Hashable, Sendable {
    /// Rises with each act.
    package var number: Int64
    package var time: String
    package var actor: String
    package var action: String
    package var target: String
    package var reason: String

    package init(_ row: AuditRow) {
        let entry = row.entry
        number = row.number
        time = entry.at.rfc3339
        actor = entry.actor
        action = entry.action
        target = entry.target
        reason = entry.reason
    }
}

extension RecipientID {
    /// Reads `message/index` of the default tenant.
    init?(text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let message = MessageID(parts[0]), let index = Int32(parts[1]) else { return nil }
        self.init(tenant: .standard, message: message, index: index)
    }
}
