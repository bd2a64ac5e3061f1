import DequeModule
package import MailModel
package import OutboundPolicy

/// Bounds and times of the queue.
package struct QueueSettings: Hashable, Sendable {
    /// Recipients held in memory at a time; the rest waits in the store. At least 100.
    package var leasedMax = 20_000
    /// Bytes of content held in memory for messages that were just accepted; beyond it, content is read back from the store.
    package var freshBytesMax = 64 << 20
    /// Event loops, 1 or more: what is claimed goes to all of them in turn.
    package var lanes = 1
    /// Connections at a time, over all sites.
    package var connectionsMax = 500
    package var retry = RetrySchedule.standard
    /// How long a connection without work is kept.
    package var idle = Duration.seconds(10)
    /// How long a resolution is used before DNS is asked again (its cache keeps to the records' own TTL).
    package var resolutionKept = Duration.seconds(300)
    /// Resolutions remembered at a time.
    package var resolutionsMax = 10_000
    /// The store is asked for due recipients at least this often: another gate on the same store may have given some back, or a commit may
    /// have taken longer than the wait that it set.
    package var claimAtLeastEvery = Duration.seconds(60)
    /// Recipients taken from the store at a time.
    package var claimMax = 2000
    /// How long mail that a pause keeps back waits before the pause is looked at again.
    package var pausedWait = QueueSettings.pausedWaitStandard
    /// How long mail that is another node's to send waits before any node looks at it again.
    package var elsewhereWait = Duration.seconds(3600)
    /// The only egress sources that this node uses, by name; empty for all whose addresses it has.
    package var sources: [String] = []
    /// Port of MX hosts.
    package var mxPort = 25
    /// True where MX hosts on special-purpose addresses are taken on every route.
    package var allowsSpecialAddresses = false

    package static let pausedWaitStandard = Duration.seconds(300)

    package var upstream = UpstreamWaits()
    /// Of each limit's window and of the memory, kept for transactional mail: 0…0.9.
    package var transactionalShare = 0.1
    /// True where bulk mail gets a reverse-path of our own for each recipient.
    package var hasOwnReturnPaths = false
    /// Messages of a lane that wait in memory for one site's limits; more of them wait in the store.
    package var waitingMax = 200
    /// What waits in the store for a limit or a rule is looked at again at least this often.
    package var waitingLook = Duration.seconds(1800)

    package init() {}

    /// How far fresh mail of a lane may fill the memory.
    func memory(of lane: TrafficLane) -> Int {
        let kept = Int(Double(leasedMax) * transactionalShare)
        return switch lane {
        case .transactional: leasedMax
        case .normal: leasedMax - kept
        case .bulk: leasedMax - 2 * kept
        }
    }
}

/// Decides which recipient is attempted when, over which connection; and what becomes of it afterwards.
///
/// scheduled (in the store) → leased (in memory) → resolving → ready at a site → in flight on a connection → settled (in the store).
/// A pure machine: each method is an event and returns what the shell has to do. The store holds every open recipient all the time; what
/// is here is the bounded part that is being worked on.
package struct DeliveryQueue: Sendable {
    var settings: QueueSettings
    var directory: Directory
    var routes: RouteTable
    /// Which sources this node and the others have.
    var reach = SourceReach()
    package internal(set) var sources: SourceTable
    var messages: [MessageID: LeasedMessage] = [:]
    /// The way to each smarthost route's host, by route name: read once for a directory version.
    var smarthosts: [String: Way] = [:]
    var resolutions: [ResolveTarget: KnownResolution] = [:]
    var resolving: [ResolveTarget: [WaitingEntry]] = [:]
    var sites: [SiteKey: Site] = [:]
    var connections: [ConnectionID: Connection] = [:]
    /// By `Site.hosts`; those to which there is a connection.
    var hostGroups: [SiteKey: HostGroup] = [:]
    /// Sites with ready mail that found no room for a connection.
    var starving = Deque<StarvingSite>()
    /// Recipients in `messages`.
    var leasedCount = 0
    /// Recipients promised to messages whose acceptance is being committed.
    var reservedCount = 0
    /// Recipients whose settlement is being committed.
    var unsettledCount = 0
    var freshBytes = 0
    var lastConnection: Int64 = 0
    var lastTicket: Int64 = 0
    var scheduled = ScheduledWork()
    /// Whose mail waits, and whether only that to external recipients does.
    package var restricted: [RestrictedEntity: Bool] = [:]
    var upstream = UpstreamGuard()
    var shaping: ShapingBook
    /// Addresses that are not written to.
    package internal(set) var suppressions = SuppressionTable(key: AddressKey(0, 0), isComplete: true)
    /// Nothing begins any more.
    var isStopped = false
    /// Nothing begins until it is known that the lease holds.
    var isSuspended = false
    /// The run in whose name the store holds what is in memory.
    package internal(set) var owner: Int64

    /// Where the receiver inside Postern listens; nil while it does not.
    package var builtInReceiver: Endpoint?

    package init(settings: QueueSettings, directory: Directory, owner: Int64, local: LocalAddresses = LocalAddresses()) {
        self.settings = settings
        self.owner = owner
        self.directory = directory
        routes = RouteTable(directory)
        reach.local = local
        reach.only = Set(settings.sources)
        sources = SourceTable(directory, reach)
        shaping = ShapingBook(directory, owner: owner)
        shaping.conditions.transactionalShare = settings.transactionalShare
        upstream.take(directory)
    }
}

struct StarvingSite: Sendable {
    var key: SiteKey
    var lane: Lane
}

/// A message some of whose recipients are held in memory.
struct LeasedMessage: Sendable {
    var record: MessageRecord
    /// Nil where it is only in the store.
    var content: [UInt8]?
    /// In order of index.
    var recipients: [LeasedRecipient]

    func position(of index: Int32) -> Int? {
        recipients.count == 1 ? (recipients[0].record.index == index ? 0 : nil) : recipients.firstIndex { $0.record.index == index }
    }
}

struct LeasedRecipient: Sendable {
    var record: RecipientRecord
    /// The run that holds it: the queue's own, or a former one where it was in flight when that lost its lease.
    var owner: Int64
    var isInFlight = false
    /// Which entry it is a member of: an entry made earlier, which still stands in some list, does not move it any more.
    var ticket: Int64 = 0
    /// What a person asked for while it was in flight; done when the attempt ends without a final state.
    var pendingVerb: QueueVerb?
}

/// Recipients of one message that go the same way in one transaction.
struct Entry: Sendable {
    var message: MessageID
    var indices: [Int32]
    var ticket: Int64
    var lane = TrafficLane.transactional
    /// Times that it was put back, since a kept connection turned out to be gone.
    var restarts = 0
}

struct WaitingEntry: Sendable {
    var entry: Entry
    var route: SharedRoute
    var source: EgressSource
    var lane: Lane
}

struct KnownResolution: Sendable {
    var resolution: Resolution
    var until: Timestamp
}

/// A set of hosts by one route from one source: what connections and limits belong to.
struct SiteKey: Hashable, Sendable {
    let route: String
    let site: String
    /// `EgressSource.siteNumber`.
    let source: UInt64
    /// Of all, made once: sites are looked up some twenty times for a message.
    private let digest: Int

    init(route: String, site: String, source: UInt64) {
        self.route = route
        self.site = site
        self.source = source
        var hasher = Hasher()
        hasher.combine(route)
        hasher.combine(site)
        hasher.combine(source)
        digest = hasher.finalize()
    }

    func hash(into hasher: inout Hasher) { hasher.combine(digest) }
}

struct Site: Sendable {
    var route: SharedRoute
    var source: EgressSource
    var endpoints: [Endpoint]
    var ready = ReadyQueue()
    /// Its key but for the TLS that is asked for and the domain that the mail is for.
    let hosts: SiteKey
    let facts: SiteFacts
    let destination: Destination.Key
    /// Names of the meters that count what goes there.
    var meters: [String] = []
    /// Messages that began lately.
    var gauge = RateGauge()
    /// Where a limit keeps its mail waiting.
    var wait: ShapingWait?
    /// True where it stands in the list of those that are served again.
    var isWaiting = false
    /// For mail that waits in the store, since there is too much of it: when the next may come.
    var bookedUntil = Timestamp(milliseconds: 0)
    /// Which endpoint the next connection is for, where an earlier one failed.
    var nextEndpoint = 0
    /// Opening, idle and busy.
    var connections: Set<ConnectionID> = []
    /// The most recently used last.
    var idle: [ConnectionID] = []
    var openingCount = 0
    var isStarving = false

    /// Whether what is ready has a use for one more connection.
    var wantsConnection: Bool { openingCount < ready.count }
}

struct Connection: Sendable {
    enum Phase: Sendable {
        case opening
        case idle(since: Timestamp)
        case busy(Entry)
    }

    var site: SiteKey
    var lane: Lane
    var phase: Phase
    var endpointIndex: Int
    /// Opened without TLS after the host failed to do the TLS that it had offered.
    var isPlaintextFallback = false
    /// True where every host that was tried before it, one after the other, lacked the TLS that was asked for.
    var onlyTLSFailed = true
    var messagesBegun = 0
    /// When the opening or the attempt began.
    var begunAt: Timestamp
}

/// When the store has to be asked for due recipients.
struct ScheduledWork: Sendable {
    /// The earliest due time in the store as far as known. The past at first: what the store holds is not known yet.
    var nextDueAt = Timestamp(milliseconds: 0)
    /// The earliest due time that became known while a claim was under way, whose answer may not include it.
    var nextDueAtDuringClaim = Timestamp.distantFuture
    var isClaiming = false
    /// How many recipients the claim under way may bring; 0 while there is none.
    var claimLimit = 0

    mutating func becameDue(at time: Timestamp) {
        nextDueAt = min(nextDueAt, time)
        nextDueAtDuringClaim = min(nextDueAtDuringClaim, time)
    }
}

// What comes in: fresh messages, claimed recipients, time, and changes of the directory.
extension DeliveryQueue {
    /// Recipients that are held in memory, being accepted or being settled: never more than `leasedMax`.
    package var recipientsInMemory: Int { leasedCount + reservedCount + unsettledCount }
    package var connectionCount: Int { connections.count }
    package var recipientsInFlight: Int {
        connections.values.reduce(0) { sum, connection in
            if case .busy(let entry) = connection.phase { sum + entry.indices.count } else { sum }
        }
    }

    /// Room for a message that is about to be accepted: true where it is leased at once, and then `stored` or `notStored` follows. False
    /// leaves it to be claimed from the store when it is due. `passesPause`: for mail that the stop button does not keep back.
    package mutating func reserve(
        recipients: Int, dueAt: Timestamp, passesPause: Bool = false, lane: TrafficLane = .transactional, at now: Timestamp
    ) -> Bool {
        guard mayBegin, dueAt <= now, passesPause || !directory.pauses.contains(.all),
            recipientsInMemory + scheduled.claimLimit + recipients <= settings.memory(of: lane)
        else { return false }
        reservedCount += recipients
        return true
    }

    /// A message that had been reserved is on disk, and its attempts begin. `lane`: where it was accepted.
    package mutating func stored(_ message: NewMessage, lane: Lane, at now: Timestamp) -> [QueueAction] {
        guard let lease = message.lease else {
            for recipient in message.recipients where recipient.state == .queued { scheduled.becameDue(at: recipient.dueAt) }
            return []
        }
        reservedCount -= message.recipients.count
        precondition(reservedCount >= 0, "stored without a reservation")
        guard lease.owner == owner else {
            let ids = message.recipients.map { RecipientID(tenant: message.record.tenant, message: message.record.id, index: $0.index) }
            return giveBackForeign(ids, owner: lease.owner, dueAt: now)
        }
        var content: [UInt8]?
        if freshBytes + message.content.count <= settings.freshBytesMax {
            content = message.content
            freshBytes += message.content.count
        }
        let recipients = message.recipients.map { LeasedRecipient(record: $0, owner: owner) }
        leasedCount += recipients.count
        messages[message.record.id] = LeasedMessage(record: message.record, content: content, recipients: recipients)
        return plan(message.record.id, recipients.map(\.record.index), lane: lane, at: now)
    }

    /// A message that had been reserved could not be stored; its sender was told so.
    package mutating func notStored(recipients: Int) {
        reservedCount -= recipients
        precondition(reservedCount >= 0, "notStored without a reservation")
    }

    /// The answer to `.claim`, with the run that it was made for. `nextDueAt`: the earliest that is left in the store; nil for none.
    package mutating func claimed(
        _ claimed: [ClaimedMessage], owner claimant: Int64, nextDueAt: Timestamp?, lane: Lane, at now: Timestamp
    ) -> [QueueAction] {
        scheduled.isClaiming = false
        scheduled.claimLimit = 0
        scheduled.nextDueAt = min(nextDueAt ?? .distantFuture, scheduled.nextDueAtDuringClaim, now + settings.claimAtLeastEvery)
        var actions: [QueueAction] = []
        for (turn, message) in claimed.enumerated() {
            guard claimant == owner else {
                let ids = message.recipients.map { RecipientID(tenant: message.record.tenant, message: message.record.id, index: $0.index) }
                actions += giveBackForeign(ids, owner: claimant, dueAt: now)
                continue
            }
            let lane = Lane((lane.index + turn) % max(1, settings.lanes))
            actions += plan(message.record.id, lease(message), lane: lane, at: now)
        }
        return actions + claimIfRoom(at: now)
    }

    /// Takes claimed recipients into memory; returns those that wait for an attempt. One that is still in flight since a former run of this
    /// node held it is held again, and its attempt counts.
    private mutating func lease(_ claimed: ClaimedMessage) -> [Int32] {
        var message = messages[claimed.record.id] ?? LeasedMessage(record: claimed.record, content: nil, recipients: [])
        var waiting: [Int32] = []
        for recipient in claimed.recipients {
            if let position = message.position(of: recipient.index) {
                message.recipients[position].record = recipient
                message.recipients[position].owner = owner
            } else {
                message.recipients.append(LeasedRecipient(record: recipient, owner: owner))
                waiting.append(recipient.index)
            }
        }
        leasedCount += waiting.count
        messages[claimed.record.id] = message
        return waiting
    }

    /// The store could not answer a claim; it is asked again at the next `timePassed`.
    package mutating func claimFailed() {
        scheduled.isClaiming = false
        scheduled.claimLimit = 0
        scheduled.nextDueAt = Timestamp(milliseconds: 0)
    }

    /// Something in the store became due by a person's act.
    package mutating func becameDue(waitsFor list: Int32 = 0, at now: Timestamp) -> [QueueAction] {
        guard list == 0 || !sources.lateLists.contains(list) else { return [] }
        scheduled.becameDue(at: now)
        return claimIfRoom(at: now)
    }

    /// To be called a few times a second.
    package mutating func timePassed(at now: Timestamp) -> [QueueAction] {
        let closed = closeIdle(since: now - settings.idle)
        return closed + upstreamTimePassed(at: now) + shapingTimePassed(at: now) + serveStarving(at: now) + claimIfRoom(at: now)
    }

    /// A settlement or a return of `recipients` is on disk.
    package mutating func settled(recipients: Int, at now: Timestamp) -> [QueueAction] {
        unsettledCount -= recipients
        precondition(unsettledCount >= 0, "settled more than was given out")
        return claimIfRoom(at: now)
    }

    /// The directory changed: routes are chosen anew for what waits, and what is paused goes back to the store.
    package mutating func directoryChanged(_ directory: Directory, lane: Lane, at now: Timestamp) -> [QueueAction] {
        self.directory = directory
        routes = RouteTable(directory)
        let lateLists = sources.lateLists
        sources = SourceTable(directory, reach)
        // What waits for a list that is no more, or that is this node's by now, need not wait longer.
        if lateLists != sources.lateLists { scheduled.becameDue(at: now) }
        smarthosts = [:]
        upstream.take(directory)
        shapingChanged(directory, at: now)
        return planAgain(lane: lane, at: now)
    }

    /// Chooses the way anew for all that waits.
    mutating func planAgain(lane: Lane, at now: Timestamp) -> [QueueAction] {
        var waiting: [Entry] = upstream.takeNeedless().map(\.entry)
        for (key, entries) in resolving {
            waiting += entries.map(\.entry)
            resolving[key] = []
        }
        for key in sites.keys {
            waiting += sites[key]?.ready.takeAll() ?? []
        }
        // In the order in which they came, which the tables above do not keep.
        waiting.sort { $0.ticket < $1.ticket }
        var actions: [QueueAction] = []
        for entry in waiting { actions += plan(entry.message, waitingIndices(of: entry), lane: lane, at: now) }
        for key in sites.keys { dropIfUnused(key) }
        return actions + claimIfRoom(at: now)
    }

    /// False where the gate stops, its lease may have lapsed, or it is not known yet who may not be written to.
    var mayBegin: Bool { !isStopped && !isSuspended && suppressions.isComplete }

    mutating func claimIfRoom(at now: Timestamp) -> [QueueAction] {
        let room = settings.leasedMax - recipientsInMemory
        guard mayBegin, !scheduled.isClaiming, scheduled.nextDueAt <= now, room >= settings.leasedMax / 4,
            !directory.pauses.contains(.all)
        else { return [] }
        scheduled.isClaiming = true
        scheduled.claimLimit = min(room, settings.claimMax)
        scheduled.nextDueAtDuringClaim = .distantFuture
        return [.claim(limit: scheduled.claimLimit, owner: owner, lateLists: sources.lateLists)]
    }
}
