package import DeliveryPlanning
package import MailModel
package import OutboundPolicy

/// One change to the store. The committer gathers whatever has come since its last commit into one durable transaction.
package enum StoreWork: Sendable {
    /// A message was accepted: row, recipients, body, counters. Only after this is committed may 250 be said.
    /// Answered by `done`; where the message has claims, by `granted` or `exceeded`.
    case accept(NewMessage)
    /// A message or recipient was refused: kept for the trace only.
    case refuse(Refusal)
    /// An attempt ended.
    case settle(Settlement)
    /// Take recipients that are due for this node's attempts.
    case claim(Claim)
    /// Give leased recipients back without an attempt: a clean stop, a pause, or a source that another node has (`waitsFor`: the number of
    /// the list; else 0).
    case release(owner: Int64, recipients: [RecipientID], dueAt: Timestamp, waitsFor: Int32 = 0)
    /// A node begins a run. `previous`: its run before, which is over whatever its lease says. Gives back what runs that are over held.
    /// Answered by `registered` or `numberTaken`.
    case register(NodeRun, previous: Int64?)
    /// A run goes on. Where it was taken over meanwhile, the node begins a new one called `successor`. Answered by `renewed`, `registered`
    /// or `numberTaken`.
    case renew(NodeRun, successor: Int64)
    /// End the runs whose leases have lapsed and give back what they held. `by`: the run that does so. Answered by `tookOver`.
    case takeOver(by: Int64, at: Timestamp)
    /// A run is over: a clean stop. What it held is given back. Answered by `affected`.
    case leave(owner: Int64, at: Timestamp)
    /// Recipients whose attempts were under way when a process died: it stands in the trace of those that are still to be sent to, for they
    /// may get it twice. Answered by `affected`.
    case interrupted([RecipientID], at: Timestamp)
    /// Take, or keep, a task that one node at a time does. Answered by `task`.
    case holdTask(TaskHold)
    /// The task is done, and due again after a time.
    case endTask(TaskHold, dueAfter: Duration)
    /// Count use in a sliding window, and take a portion of what is left. Answered by `counted`.
    case count(CounterCall)
    /// Take or give back connections of a destination. Answered by `shared`.
    case share(ShareCall)
    /// Keep something that all nodes must agree on; the first value stays. Answered by `fact`.
    case putFact(name: String, value: String)
    /// A part of what a person does with queued or held recipients. Answered by `acted`; whoever began it goes on until all is done, so
    /// that a long queue does not keep others from the store. Of what a run holds, the run does it; should that end without having done
    /// so, or defer the recipient, the store does.
    case act(QueueAct)
    /// A person changed an object of the directory.
    case change(DirectoryChange)
    /// Several objects at once, or none of them where one is not as it was expected. Answered by `changed` with the last version, or by
    /// `conflict`. Never empty.
    case changeAll([DirectoryChange])
    /// An administrative act that changes no object and no recipient.
    case audit(AuditEntry)
    /// Alerts and their notices. Answered by `alert`.
    case alert(AlertWork)
    /// Sessions of the console. Answered by `session`.
    case session(SessionWork)
    /// What is known of the TLS of others.
    case tls(TLSWork)
    /// The suppression list, and what comes back. Answered by `affected`.
    case suppress(SuppressionWork)
    /// What came back, as it is kept.
    case returned(ReturnedWork)
    /// Reports on domains, and looks at them.
    case domain(DomainWork)
    /// What is known of our own reputation. Answered by `affected`.
    case reputation(ReputationWork)
    /// What became of calls of webhooks. Answered by `affected`.
    case webhookCall(WebhookCallWork)
    /// People on lists. Answered by `people`.
    case people(PeopleWork)
    /// Campaigns and their recipients. Answered by `affected`.
    case campaign(CampaignWork)
    /// Add to the figures and words of the trace what `Store.traceDigest` made of the journal, and drop that. Answered by `affected`: the
    /// commits that it was made from, or 0 where another had them first.
    case digest(TraceDigest)
    /// Drop the trace of days before `day` whose recipients are all final, at most `limit` messages. Answered by `affected`.
    case purge(before: Int32, limit: Int)
}

/// What a `StoreWork` came to, in the same order as the works of a commit.
package enum StoreWorkResult: Sendable {
    case done
    /// The message was kept. It is put off, and was not leased, where `releaseAt` is later than its own time.
    case granted(ClaimAnswer)
    /// The message was not kept, since it would have gone over this limit.
    case exceeded(LimitReading, ClaimAnswer)
    /// Recipients taken, by message; and when the next one falls due that nobody holds (nil: none).
    case claimed([ClaimedMessage], nextDueAt: Timestamp?)
    /// How many outcomes of a settlement took effect.
    case settled(recipients: Int)
    case registered(RegisteredRun)
    case renewed
    /// Another node lives under this number.
    case numberTaken(by: String, node: UInt8)
    /// Runs that were over, and how many recipients were given back, those of unknown runs among them.
    case tookOver([TakenRun], recipients: Int)
    case task(isHeld: Bool)
    case counted(CounterGrant)
    case shared(ConnectionShare)
    /// The value that stands.
    case fact(String)
    case affected(Int)
    /// Recipients that a part of an act changed, and where to go on; nil where it is done.
    case acted(Int, next: QueueAct.Place?)
    /// The directory version that the change made.
    case changed(version: Int64)
    /// The change was not made, since `expectedVersion` is not the object's version.
    case conflict(currentVersion: Int64)
    /// The message was not taken: this one was, with the same idempotency key, by the same request or another.
    case repeated(MessageID, isSameRequest: Bool)
    case alert(AlertWorkResult)
    case session(SessionWorkResult)
    case people(PeopleWorkResult)
}

package struct QueueAct: Sendable {
    package var verb: QueueVerb
    package var filter: QueueFilter
    package var audit: AuditEntry
    /// The run that tells its own memory of it; 0 where it has none. All others hear of it from the store.
    package var owner: Int64
    /// Where the part before left off; nil for the first.
    package var place: Place?

    package struct Place: Hashable, Sendable {
        package var state: RecipientState
        /// The list of sources that the recipients wait for; 0 for none.
        package var waitsFor: Int32 = 0
        /// The run that holds them; nil for what nobody holds.
        package var owner: Int64?
        /// Nil: from the beginning.
        package var after: QueueQuery.QueueKey?
    }

    package init(verb: QueueVerb, filter: QueueFilter, audit: AuditEntry, owner: Int64 = 0) {
        self.verb = verb
        self.filter = filter
        self.audit = audit
        self.owner = owner
    }
}

/// Who did what, when and why. Every administrative act makes one.
package struct AuditEntry: Hashable, Sendable, Codable {
    package var at: Timestamp
    /// `account:a@example.org`, or `local:root` for the command line on the machine itself.
    package var actor: String
    /// `queue.cancel`, `account.change`, `pause.add`.
    package var action: String
    package var target: String
    package var reason: String

    package init(at: Timestamp, actor: String, action: String, target: String, reason: String) {
        self.at = at
        self.actor = actor
        self.action = action
        self.target = target
        self.reason = reason
    }
}

/// A new version of an object, or its removal.
package struct DirectoryChange: Sendable {
    package var tenant: TenantID
    package var kind: DirectoryKind
    /// Unique in its kind: an address key, a name, a domain, a pause scope.
    package var name: String
    /// The object as JSON; nil removes it.
    package var value: String?
    /// The version that the change was made from; nil to take whatever stands there. 0: it must not exist.
    package var expectedVersion: Int64?
    /// The directory's version that who makes the change has seen; an object that was changed later stays as it is. Nil: not known.
    package var notAfter: Int64?
    package var audit: AuditEntry

    package init(
        tenant: TenantID = .standard, kind: DirectoryKind, name: String, value: String?, expectedVersion: Int64? = nil, audit: AuditEntry
    ) {
        self.tenant = tenant
        self.kind = kind
        self.name = name
        self.value = value
        self.expectedVersion = expectedVersion
        self.audit = audit
    }
}
