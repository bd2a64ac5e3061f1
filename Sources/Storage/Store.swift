package import Campaigns
package import DeliveryPlanning
package import MailModel
package import OutboundPolicy

/// The narrow interface that every storage driver meets; `StoreContract` in the tests says what each verb promises.
///
/// All calls block. `commit` and `migrate` are for the one writer thread, the reads for the readers; never for an event loop
/// or the cooperative pool.
package protocol Store: Sendable {
    /// Applies the works in order in one durable transaction, and returns when it is on disk. Throws with nothing applied.
    func commit(_ works: [StoreWork]) throws -> [StoreWorkResult]

    /// The body of a message; nil once all its recipients are final (or the message is unknown).
    func content(of id: MessageID, tenant: TenantID) throws -> [UInt8]?

    /// Every object of the directory as of one version.
    func directory() throws -> Directory

    /// The version that `directory` would have: cheap, for a poll.
    func directoryVersion() throws -> Int64

    /// Rows of the trace, newest first: one for each recipient, and one for each refusal.
    func trace(_ query: TraceQuery) throws -> [TraceRow]

    /// One message with its recipients and the events of each; nil where it is unknown.
    func message(_ id: MessageID) throws -> MessageDetail?

    /// Messages that were accepted with identifiers from `first` through `last`, newest first.
    func messages(from first: MessageID, through last: MessageID, limit: Int) throws -> [MessageRecord]

    /// Messages with held recipients, from `last` down, newest first, with how many those are.
    func heldMessages(through last: MessageID, limit: Int) throws -> [HeldMessage]

    /// Open recipients in order of due time.
    func queue(_ query: QueueQuery) throws -> [QueueRow]

    /// The counters, kept with each commit.
    func ledger() throws -> Ledger

    /// The same figures counted from the rows themselves: slow, for checks. Purged days count from their kept totals.
    func recount() throws -> Ledger

    /// Acts, newest first.
    func audit(_ query: AuditQuery) throws -> [AuditRow]

    /// What an earlier request with the same key made, if it came after `since`; nil where there is none.
    func request(_ mark: IdempotencyMark, tenant: TenantID, since: Timestamp) throws -> RepeatedRequest?

    /// The greatest identifier in use; nil in an empty store.
    func newestMessage() throws -> MessageID?

    /// What was kept under a name; nil for nothing.
    func fact(_ name: String) throws -> String?

    /// Finishes what is under way and lets go of everything. Later calls throw `stopped`.
    func close() throws

    /// True where other processes may use the store at the same time, each in the name of a run.
    var isShared: Bool { get }

    /// The runs that live, and the last of each node that is over, in order of their numbers. `now` counts where the store has no clock.
    func nodes(at now: Timestamp) throws -> [NodeRow]

    /// What a sender, a connector or the organisation has used of its limits.
    func usage(of holder: UsageHolder) throws -> SenderUsage

    /// The same of many, in order of name, from the one after `name` on.
    func usages(after name: String, limit: Int) throws -> [(UsageHolder, SenderUsage)]

    /// How many recipients wait for each list of egress sources, by its number. Counts them: not for every moment.
    func waitingForSources() throws -> [Int32: Int]

    /// What a counter stands at. `now` counts where the store has no clock.
    func counter(_ key: CounterKey, at now: Timestamp) throws -> CounterReading

    /// What was used in each sixtieth of a counter's window, by its beginning: in 60 days, of each day.
    func counterSums(_ key: CounterKey, at now: Timestamp) throws -> [Timestamp: Int]

    /// How far the store has come: cheap, for a poll.
    func lastChange() throws -> StoreChange

    /// Waits until the store has come further than that, at most for a time; returns how far it is. For a thread of its own.
    func waitForChange(since known: StoreChange, timeout: Duration) throws -> StoreChange

    /// Alerts, newest condition first; with an identifier that one alone, with its notices.
    func alerts(_ query: AlertQuery) throws -> [AlertRow]

    /// A session of the console by its identifier; nil where there is none.
    func session(_ id: String) throws -> ConsoleSession?

    /// Sessions of the console, newest first, those that are over and not yet dropped among them.
    func sessions(_ query: SessionQuery) throws -> [ConsoleSession]

    /// What is kept of a domain's MTA-STS policy; nil for nothing.
    func mtaSTS(_ domain: DomainName) throws -> MTASTSMemory?

    /// Domains whose policies end between two times, the first to end first.
    func mtaSTSEnding(after start: Timestamp, before end: Timestamp, limit: Int) throws -> [DomainName]

    /// When a mail host last showed TLS with a good certificate; nil where it never did.
    func verifiedTLS(_ host: String) throws -> Timestamp?

    /// Connections of a day by domain and kind; `domain`: that one alone.
    func tlsSessions(day: Int32, domain: DomainName?, limit: Int) throws -> [TLSSessionCount]

    /// What came of a day's reports, by domain.
    func tlsReports(day: Int32, limit: Int) throws -> [DomainName: String]

    /// Everything that is known of an address, what was removed among it; the newest first.
    func suppressions(of digest: AddressDigest) throws -> [Suppression]

    /// Entries of the suppression list, the last changed first.
    func suppressions(_ query: SuppressionQuery) throws -> [Suppression]

    /// Entries that count, in the order of keys, from the one after `key` on.
    func suppressionPage(after key: SuppressionKey?, limit: Int) throws -> [Suppression]

    /// Entries that changed after a stamp, in order; one that was removed says so.
    func suppressionChanges(after stamp: Int64, limit: Int) throws -> [Suppression]

    /// How many entries count, by reason. Counts them: not for every moment.
    func suppressionTotals() throws -> [SuppressionReason: Int]

    /// Whose mail something came back of since an hour.
    func subjectsConcerned(since hour: Int64, limit: Int) throws -> [SendingSubject]

    /// What became of a subject's mail in the hours from `from` to before `to`.
    func sendingCounts(of subject: SendingSubject, from: Int64, to: Int64) throws -> [SendingCount]

    /// What came back, the newest first.
    func returned(_ query: ReturnedQuery) throws -> [ReturnedRecord]

    /// Whom a token names; nil for a recipient that the trace does not have.
    func returnedSubject(_ id: RecipientID) throws -> ReturnedSubject?

    /// A message or call as it came back; nil where it was not kept, or is no longer.
    func returnedContent(_ id: String) throws -> [UInt8]?

    /// Reports on domains, the last received first.
    func domainReports(_ query: KeptReportQuery) throws -> [KeptReport]

    /// Who sends as a domain by the reports, the most mail first. Adds them up: not for every moment.
    func reportedSources(_ span: ReportSpan) throws -> [ReportedSource]

    /// The same by day, the last day first.
    func reportedDays(_ span: ReportSpan) throws -> [ReportedDay]

    /// The latest look at each domain, in order of names; `domain`: at that one.
    func domainStates(_ domain: DomainName?, limit: Int) throws -> [KeptCheck]

    /// Looks at a domain, the latest first, without what each of them found.
    func domainChecks(_ domain: DomainName, limit: Int) throws -> [KeptCheck]

    /// How our addresses and domains stand, in order.
    func reputationChecks() throws -> [ReputationCheck]

    /// What changed of that, the newest first.
    func reputationEvents(before: Timestamp?, limit: Int) throws -> [ReputationEvent]

    /// What a receiver says in figures since a day, the newest first.
    func reputationFigures(_ source: ReputationFigure.Source, since day: Int32, limit: Int) throws -> [ReputationFigure]

    /// Calls of webhooks, the newest first.
    func webhookCalls(_ query: WebhookCallQuery) throws -> [WebhookCallRecord]

    /// People on a list, in order of their addresses. Those of imports that are not done are not among them.
    func members(_ query: MemberQuery) throws -> [ListMember]

    /// The lists that somebody is on.
    func memberships(of address: EmailAddress) throws -> [ListMember]

    /// How many people a list has, by state. Counts them: not for every moment.
    func memberCounts(list: Int64) throws -> [Subscriber.State: Int]

    /// The same of many addresses at once: those of which something is known, by their places.
    func suppressions(of digests: [AddressDigest]) throws -> [Int: [Suppression]]

    /// Domains of lists that DNS is to be asked of and was not asked since `before`, those that wait longest first.
    func openDomains(before: Timestamp, limit: Int) throws -> [String]

    /// The mail hosts of domains of a list, as DNS said; those that were looked at.
    func mailHosts(of domains: [String], list: Int64) throws -> [String: [String]]

    /// How many domains a list has, by what DNS says of them.
    func domainCounts(list: Int64) throws -> [MailDomainState: Int]

    /// Domains of a list that take no mail, in order.
    func deadDomains(list: Int64, limit: Int) throws -> [ListDomain]

    /// Imports into a list, newest first.
    func imports(list: Int64, limit: Int) throws -> [ListImport]

    /// Entries of the consent ledger of all addresses (`EmailAddress.key`) between two, in order of time for each.
    func consent(from first: String, through last: String) throws -> [String: [ConsentEntry]]

    /// Words that people said yes to, by their hash; nil where they were not kept.
    func consentWording(_ hash: String) throws -> ConsentWording?

    /// Who opened copies of a campaign and followed its links, in numbers.
    func campaignResponses(_ campaign: Int64) throws -> [CampaignResponseCount]

    /// What a campaign says in one revision, as JSON; nil where there is none.
    func campaignContent(_ campaign: Int64, revision: Int) throws -> String?

    /// What copies of a campaign share, as it was frozen, as JSON; nil where there is none of that number.
    func campaignFrame(_ campaign: Int64, frame: Int64) throws -> String?
    /// A file that hangs on a campaign's copies; nil where there is none.
    func campaignFile(_ campaign: Int64, digest: String) throws -> [UInt8]?

    /// Recipients of a campaign, in order of their addresses.
    func campaignRecipients(_ query: CampaignRecipientQuery) throws -> [CampaignRecipient]

    /// Those whose turn comes next, in the order of sending. `zones`: a bit for each of the campaign's time zones, those of its people alone.
    func nextCampaignRecipients(_ campaign: Int64, phase: CampaignPhase, zones: Int64, limit: Int) throws -> [CampaignRecipient]

    /// How many recipients a campaign has, by phase and state. Counts them.
    func campaignCounts(_ campaign: Int64) throws -> [CampaignCount]

    /// The same of those who try one of two subjects.
    func campaignSubjects(_ campaign: Int64) throws -> [CampaignSubjectCount]

    /// How many of these followed a link, of those whose clicks are counted.
    func campaignSubjectClicks(_ campaign: Int64) throws -> [CampaignSubjectClicks]

    /// The same by domain of the address, of its list: the domains with most recipients first.
    func campaignDomains(_ campaign: Int64, limit: Int) throws -> [CampaignDomainCount]

    /// How many copies were handed to the queue after a time, and the first of these; how many people have left the list by it.
    func campaignPace(_ campaign: Int64, since: Timestamp) throws -> CampaignPace

    /// When the next notice of an alert may be sent; nil for none that waits.
    func nextNotice() throws -> Timestamp?

    /// What the oldest commits of the journal add to the figures and words of the trace, for `StoreWork.digest`; nil where there is nothing
    /// to add. A part of the journal at a time.
    func traceDigest() throws -> TraceDigest?

    /// Figures of a time, and of its destinations: as far as the journal is digested.
    func traffic(_ query: TrafficQuery) throws -> Traffic

    /// Open recipients by destination and age, in no order: as far as the journal is digested.
    func queueShape(at now: Timestamp) throws -> [QueueShapeRow]

    /// News after a number, in order. What is older than an hour may be gone.
    func queueNews(after number: Int64, limit: Int) throws -> [QueueNews]
}

extension Store {
    /// Those whose turn comes next, whatever their time zone.
    package func nextCampaignRecipients(_ campaign: Int64, phase: CampaignPhase, limit: Int) throws -> [CampaignRecipient] {
        try nextCampaignRecipients(campaign, phase: phase, zones: -1, limit: limit)
    }

    /// The newest acts.
    package func audit(limit: Int) throws -> [AuditEntry] { try audit(AuditQuery(limit: limit)).map(\.entry) }
}

package struct AuditQuery: Hashable, Sendable, Codable {
    /// 0…10,000.
    package var limit: Int
    /// Entries older than the one of this number: the last of the page before.
    package var before: Int64?

    package init(limit: Int, before: Int64? = nil) {
        self.limit = limit
        self.before = before
    }
}

package struct AuditRow: Hashable, Sendable {
    /// Rises with each act.
    package var number: Int64
    package var entry: AuditEntry

    package init(number: Int64, entry: AuditEntry) {
        self.number = number
        self.entry = entry
    }
}

/// The message that the first request with an idempotency key made.
package struct RepeatedRequest: Hashable, Sendable {
    package var message: MessageID
    /// False where the key came with another request then.
    package var isSameRequest: Bool

    package init(message: MessageID, isSameRequest: Bool) {
        self.message = message
        self.isSameRequest = isSameRequest
    }
}

/// accepted = delivered + bounced + expired + cancelled + suppressed + queued + held, in recipients, at any time.
package struct Ledger: Hashable, Sendable, Codable {
    package var accepted = 0
    package var delivered = 0
    package var bounced = 0
    package var expired = 0
    package var cancelled = 0
    package var suppressed = 0
    package var queued = 0
    package var held = 0

    package init() {}

    package var isBalanced: Bool { accepted == delivered + bounced + expired + cancelled + suppressed + queued + held }

    package subscript(state: RecipientState) -> Int {
        get {
            switch state {
            case .queued: queued
            case .held: held
            case .delivered: delivered
            case .bounced: bounced
            case .expired: expired
            case .cancelled: cancelled
            case .suppressed: suppressed
            }
        }
        set {
            switch state {
            case .queued: queued = newValue
            case .held: held = newValue
            case .delivered: delivered = newValue
            case .bounced: bounced = newValue
            case .expired: expired = newValue
            case .cancelled: cancelled = newValue
            case .suppressed: suppressed = newValue
            }
        }
    }
}

/// A message of which a person has to let something go.
package struct HeldMessage: Hashable, Sendable {
    package var record: MessageRecord
    /// Recipients that are held.
    package var held: Int

    package init(record: MessageRecord, held: Int) {
        self.record = record
        self.held = held
    }
}

/// Filters of the trace; nil matches all.
package struct TraceQuery: Hashable, Sendable, Codable {
    package var message: MessageID?
    /// As the trace names it, or its domain: `example.com`, `@example.com`.
    package var sender: String?
    /// An address, or its domain.
    package var recipient: String?
    /// Either of the two.
    package var address: String?
    /// Exact Message-ID field, without angle brackets.
    package var headerMessageID: String?
    /// How the Message-ID field begins.
    package var headerMessageIDPrefix: String?
    /// Words of subject and last reply, all of which a row must have; the last may be the beginning of one. Like domains and beginnings of
    /// Message-IDs they are found some seconds after they came.
    package var words: String?
    package var since: Timestamp?
    package var until: Timestamp?
    /// A state's name, or `refused`.
    package var status: String?
    /// Rows older than this one: the key of the last row of the page before.
    package var before: RecipientID?
    /// 1…10,000.
    package var limit = 100

    package init() {}

    /// True where the index of words is asked.
    package var needsWords: Bool { !TraceMatch(self).terms.isEmpty }
}

/// One line of the trace.
package struct TraceRow: Hashable, Sendable {
    package var id: RecipientID
    package var time: Timestamp
    package var sender: String
    package var reversePath: String
    package var recipient: String
    package var subject: String
    package var headerMessageID: String
    /// A state's name, `deferred` for a queued recipient with a failed attempt behind it, or `refused`.
    package var status: String
    package var pool: String
    /// The last reply, of the receiver or ours; nil before the first attempt.
    package var reply: SMTPReply?
    package var attempts: Int
    package var findings: [Finding]

    package init(
        id: RecipientID, time: Timestamp, sender: String, reversePath: String, recipient: String, subject: String, headerMessageID: String,
        status: String, pool: String, reply: SMTPReply?, attempts: Int, findings: [Finding]
    ) {
        self.id = id
        self.time = time
        self.sender = sender
        self.reversePath = reversePath
        self.recipient = recipient
        self.subject = subject
        self.headerMessageID = headerMessageID
        self.status = status
        self.pool = pool
        self.reply = reply
        self.attempts = attempts
        self.findings = findings
    }
}

/// A message with all that is known of it.
package struct MessageDetail: Sendable {
    package var record: MessageRecord
    package var recipients: [RecipientRecord]
    package var events: [TraceEvent]

    package init(record: MessageRecord, recipients: [RecipientRecord], events: [TraceEvent]) {
        self.record = record
        self.recipients = recipients
        self.events = events
    }
}

/// One thing that happened to one recipient after it was accepted.
package struct TraceEvent: Hashable, Sendable {
    package var index: Int32
    package var at: Timestamp
    /// `delivered`, `deferred`, `bounced`, `expired`, `held`, `released`, `retried`, `cancelled`, `suppressed`, `interrupted`.
    package var kind: String
    package var reply: SMTPReply?
    package var stage: DeliveryStage?
    package var route: String
    package var connection: ConnectionFacts
    package var findings: [Finding]
    /// The egress source that an attempt left from; empty where there was none.
    package var source: String

    package init(
        index: Int32, at: Timestamp, kind: String, reply: SMTPReply?, stage: DeliveryStage?, route: String, connection: ConnectionFacts,
        findings: [Finding], source: String = ""
    ) {
        self.index = index
        self.at = at
        self.kind = kind
        self.reply = reply
        self.stage = stage
        self.route = route
        self.connection = connection
        self.findings = findings
        self.source = source
    }
}

package struct QueueQuery: Hashable, Sendable, Codable {
    package var filter = QueueFilter()
    /// 1…10,000.
    package var limit = 100
    /// Rows after this one in the order of due time.
    package var after: QueueKey?

    package init() {}

    package struct QueueKey: Hashable, Sendable, Codable {
        package var dueAt: Timestamp
        package var id: RecipientID
        package init(dueAt: Timestamp, id: RecipientID) {
            self.dueAt = dueAt
            self.id = id
        }
    }
}

/// One open recipient.
package struct QueueRow: Hashable, Sendable {
    package var id: RecipientID
    package var state: RecipientState
    package var sender: String
    package var recipient: EmailAddress
    package var subject: String
    package var receivedAt: Timestamp
    package var dueAt: Timestamp
    package var attempts: Int
    package var sizeBytes: Int
    package var lastReply: SMTPReply?
    /// The run that holds it for an attempt; 0 for none.
    package var leaseOwner: Int64
    package var isLeased: Bool { leaseOwner != 0 }
    package var reversePath: ReversePath
    package var lane: TrafficLane
    /// The only route that its submitter may use; nil where routes are chosen by their conditions.
    package var onlyRoute: String?
    package var pool: EgressPool

    package init(
        id: RecipientID, state: RecipientState, sender: String, recipient: EmailAddress, subject: String, receivedAt: Timestamp,
        dueAt: Timestamp, attempts: Int, sizeBytes: Int, lastReply: SMTPReply?, leaseOwner: Int64, reversePath: ReversePath,
        lane: TrafficLane, onlyRoute: String?, pool: EgressPool
    ) {
        self.id = id
        self.state = state
        self.sender = sender
        self.recipient = recipient
        self.subject = subject
        self.receivedAt = receivedAt
        self.dueAt = dueAt
        self.attempts = attempts
        self.sizeBytes = sizeBytes
        self.lastReply = lastReply
        self.leaseOwner = leaseOwner
        self.reversePath = reversePath
        self.lane = lane
        self.onlyRoute = onlyRoute
        self.pool = pool
    }

    /// An open recipient of a message whose details are at hand.
    package init(_ record: MessageRecord, _ recipient: RecipientRecord) {
        self.init(
            id: RecipientID(tenant: record.tenant, message: record.id, index: recipient.index), state: recipient.state,
            sender: record.sender, recipient: recipient.recipient.address, subject: record.subject, receivedAt: record.receivedAt,
            dueAt: recipient.dueAt, attempts: recipient.attempts, sizeBytes: record.sizeBytes, lastReply: recipient.lastReply,
            leaseOwner: 0, reversePath: record.reversePath, lane: TrafficLane(record), onlyRoute: record.onlyRoute, pool: record.pool)
    }
}
