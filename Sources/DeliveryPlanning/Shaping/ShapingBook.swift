import DequeModule
import MailModel
import OutboundPolicy

/// What this node counts for the shaping policies, what it has learnt of destinations, and what waits for either.
struct ShapingBook: Sendable {
    var table: ShapingTable
    var conditions: MeterConditions
    private(set) var meters: [String: Meter] = [:]
    var destinations: [Destination.Key: Destination] = [:]
    /// By `DeliveryHold.key`; only those that are not over.
    private(set) var holds: [String: DeliveryHold] = [:]
    /// Until when holds were that destinations come back from gradually, by `DeliveryHold.key`.
    private var returns: [String: Timestamp] = [:]
    /// Where mail of a listed source took another way, and what was said of it.
    private var away: [Destination.Key: SMTPReply] = [:]
    var warmUps: WarmUpTable
    /// For which day, in days since 1970, the caps of warm-ups stand in the table; nil before the first.
    private var capsDay: Int64?
    /// Sites whose mail waits, the one that waits longest first.
    var waiting = Deque<SiteKey>()
    /// When the shell was asked to call again.
    var wakeAt: Timestamp?
    var orders: [ShapingOrder] = []
    var rules: RuleTable
    var watch = RuleWatch()
    /// Since when it is known what left this node.
    private var knownSince: Timestamp?
    private var tidiedAt = Timestamp(milliseconds: 0)

    init(_ directory: Directory, owner: Int64) {
        table = ShapingTable(directory)
        conditions = MeterConditions(owner: owner)
        holds = directory.deliveryHolds
        rules = RuleTable(directory)
        warmUps = WarmUpTable(directory)
    }

    /// True where nothing holds anything back: the usual case.
    var isIdle: Bool { table.isEmpty && destinations.isEmpty && holds.isEmpty && warmUps.isEmpty && away.isEmpty }

    /// True where no caps of warm-ups were asked for yet.
    var hasNoCaps: Bool { !warmUps.isEmpty && capsDay == nil }

    /// True where the caps of warm-ups are those of another day.
    func needsCaps(at now: Timestamp) -> Bool { !warmUps.isEmpty && capsDay != WarmUp.day(of: now) }

    mutating func timeIs(_ now: Timestamp) { knownSince = knownSince ?? now }

    // MARK: - Meters

    /// The meters of a site, made where they are new.
    mutating func meters(of facts: SiteFacts, at now: Timestamp) -> [String] {
        guard !table.isEmpty else { return [] }
        timeIs(now)
        return table.covering(facts).map { policy, name in
            if meters[name] == nil { meters[name] = Meter(name, policy, conditions, notBefore: knownSince) }
            return name
        }
    }

    mutating func wait(_ names: [String], _ lane: TrafficLane, recipients: Int, at now: Timestamp) -> ShapingWait? {
        var longest: ShapingWait?
        for name in names {
            longest = .later(longest, meters[name]?.wait(lane, recipients: recipients, at: now, conditions, &orders))
        }
        return longest
    }

    /// As `wait` for one recipient, and asks nobody.
    func look(_ names: [String], _ lane: TrafficLane, at now: Timestamp) -> ShapingWait? {
        var unasked: [ShapingOrder] = []
        var longest: ShapingWait?
        for name in names {
            guard var meter = meters[name] else { continue }
            longest = .later(longest, meter.wait(lane, recipients: 1, at: now, conditions, &unasked))
        }
        return longest
    }

    mutating func begin(_ names: [String], _ lane: TrafficLane, recipients: Int, at now: Timestamp) {
        for name in names { meters[name]?.begin(lane, recipients: recipients, at: now) }
    }

    mutating func waitToOpen(_ names: [String], at now: Timestamp) -> ShapingWait? {
        var longest: ShapingWait?
        for name in names { longest = .later(longest, meters[name]?.waitToOpen(at: now, conditions, &orders)) }
        return longest
    }

    mutating func opened(_ names: [String], at now: Timestamp) {
        for name in names { meters[name]?.opened(at: now) }
    }

    mutating func closed(_ names: [String]) {
        for name in names { meters[name]?.closed() }
    }

    var isWithoutHolds: Bool { holds.isEmpty && warmUps.isEmpty }

    func connectionsMax(_ names: [String]) -> Int? { names.compactMap { meters[$0]?.policy.limits.connections }.min() }

    func messagesPerConnection(_ names: [String]) -> Int? { names.compactMap { meters[$0]?.policy.limits.messagesPerConnection }.min() }

    /// Recipients that one transaction may have; nil for any number.
    func recipientsPerMessage(_ names: [String]) -> Int? {
        names.compactMap { meters[$0]?.policy.limits }.flatMap { limits in
            [limits.recipientsPerMessage].compactMap { $0 }
                + limits.rates.filter { $0.unit == .recipients }.map { max(1, $0.recipientsAtOnce(conditions)) }
        }.min()
    }

    func spacing(_ names: [String]) -> Duration { .milliseconds(names.compactMap { meters[$0]?.spacingMilliseconds }.max() ?? 0) }

    /// Policies are others now. A meter whose policy stays goes on; `connections`: what each site's connections count for.
    mutating func take(_ directory: Directory, at now: Timestamp) {
        warmUps.take(directory)
        capsDay = WarmUp.day(of: now)
        let new = ShapingTable(directory, beside: warmUps.policies(at: now))
        rules = RuleTable(directory)
        takeHolds(directory, at: now)
        guard new != table else { return }
        table = new
        let byName = Dictionary(uniqueKeysWithValues: new.policies.map { ($0.name, $0) })
        for (name, meter) in meters where byName[meter.policy.name] != meter.policy {
            meters[name]?.settle(isLast: true, at: now, conditions, &orders)
            meters[name] = nil
        }
        // What left under a policy that was changed counts as far as it could have.
        knownSince = now
    }

    mutating func recount(_ connections: [String: Int]) {
        for name in meters.keys { meters[name]?.has(connections: connections[name] ?? 0) }
    }

    /// Other nodes live by now, or windows are shared now: what is in memory is counted anew.
    mutating func conditionsChanged(nodes: Int, isShared: Bool, at now: Timestamp) {
        guard nodes != conditions.nodes || isShared != conditions.isShared else { return }
        conditions.nodes = nodes
        conditions.isShared = isShared
        for name in meters.keys { meters[name]?.conditionsChanged(conditions, at: now) }
    }

    mutating func lost(owner: Int64) {
        conditions.owner = owner
        for name in meters.keys { meters[name]?.lost() }
    }

    mutating func answered(_ answer: ShapingAnswer, at now: Timestamp) {
        switch answer {
        case .counted(let call, let granted, let freeAt):
            if granted == nil { warmUps.notCounted(call) }
            guard call.owner == conditions.owner else { return }
            for name in meters.keys where call.counter.name.hasPrefix("shaping/\(name)/") {
                meters[name]?.answered(call, granted: granted, freeAt: freeAt, at: now)
            }
        case .shared(let call, let granted):
            guard call.owner == conditions.owner else { return }
            meters[call.meter]?.answered(call, granted: granted, at: now)
        }
    }

    /// Gives back what is not needed, and forgets what no longer matters. To be called a few times a second.
    mutating func tidy(at now: Timestamp) {
        timeIs(now)
        guard tidiedAt + .seconds(1) <= now || tidiedAt > now else { return }
        tidiedAt = now
        for name in meters.keys { meters[name]?.settle(at: now, conditions, &orders) }
        orders += warmUps.takeUncounted(owner: conditions.owner, at: now)
        for hold in holds.values { prepareReturn(from: hold, seen: 0, at: now) }
        if !destinations.isEmpty { destinations = destinations.filter { !$0.value.isForgotten(at: now) } }
        if !holds.isEmpty { holds = holds.filter { $0.value.until > now } }
        if !returns.isEmpty { returns = returns.filter { $0.value + ShapingBook.returnsKept > now } }
    }

    // MARK: - Holds

    /// What the directory says, and what was decided here and may not stand there yet.
    private mutating func takeHolds(_ directory: Directory, at now: Timestamp) {
        let fresh = holds.filter { $0.value.since + .seconds(5) > now && directory.deliveryHolds[$0.key] == nil }
        holds = directory.deliveryHolds.filter { $0.value.until > now }.merging(fresh) { one, _ in one }
        for hold in holds.values { prepareReturn(from: hold, seen: 0, at: now) }
    }

    /// `seen`: messages a minute that the destination took until now.
    mutating func hold(_ hold: DeliveryHold, seen: Double, at now: Timestamp) {
        guard holds[hold.key].map({ $0.until < hold.until }) ?? true else { return }
        holds[hold.key] = hold
        prepareReturn(from: hold, seen: seen, at: now)
    }

    /// A destination that refuses a source gets little from it at first when the hold is over, on each node that has heard of the hold.
    private mutating func prepareReturn(from hold: DeliveryHold, seen: Double, at now: Timestamp) {
        guard case .destination(let name, let source) = hold.subject, returns[hold.key] != hold.until,
            hold.until + ShapingBook.returnsKept > now
        else { return }
        returns[hold.key] = hold.until
        switch rules.action(ofRule: hold.rule) {
        case .suspendSource, .otherSource:
            destinations[Destination.Key(name: name, source: source), default: Destination(at: now)].heldBack(
                hold.reply, until: hold.until, seen: seen, at: now)
        default: return
        }
    }

    /// For as long as what was learnt of a destination is kept.
    private static let returnsKept = Duration.seconds(3600)

    // MARK: - Sources that are listed

    /// Why the mail of a source takes another where it can; nil where it need not.
    func listing(ofSource name: String, at now: Timestamp) -> DeliveryHold? {
        guard !holds.isEmpty else { return nil }
        return holds[DeliveryHold.Subject.source(name).key].flatMap { $0.until > now ? $0 : nil }
    }

    mutating func tookAnotherWay(_ destination: Destination.Key, _ listing: DeliveryHold) {
        if away.count < ShapingBook.awayMax { away[destination] = listing.reply }
    }

    /// What a listed source no longer takes comes back to it gradually. `seen`: messages a minute that the destination takes now from others.
    mutating func cameBack(_ destination: Destination.Key, seen: () -> Double, at now: Timestamp) {
        guard !away.isEmpty, listing(ofSource: destination.source, at: now) == nil, let said = away.removeValue(forKey: destination) else {
            return
        }
        destinations[destination, default: Destination(at: now)].heldBack(said, until: now, seen: seen(), at: now)
    }

    private static let awayMax = 10_000

    /// The hold that a message meets at a destination; nil for none.
    func hold(on record: MessageRecord, to destination: Destination.Key, site: String, at now: Timestamp) -> DeliveryHold? {
        isWithoutHolds ? nil : hold(sender: record.sender, tenant: record.tenant, to: destination, site: site, at: now)
    }

    func hold(
        sender: String, tenant: TenantID, to destination: Destination.Key, site: String, at now: Timestamp
    ) -> DeliveryHold? {
        if let warmUp = warmUps.pause(destination.source, destination: destination.name, at: now) { return DeliveryHold(warmUp, at: now) }
        let subjects: [DeliveryHold.Subject] = [
            .destination(destination.name, source: destination.source), .destination(site, source: destination.source),
            .tenant(tenant, destination: nil), .tenant(tenant, destination: destination.name), .sender(sender, destination: nil),
            .sender(sender, destination: destination.name),
        ]
        return subjects.compactMap { holds[$0.key] }.filter { $0.until > now }.max { $0.until < $1.until }
    }
}

extension DeliveryHold {
    /// A warm-up that is paused: its mail may leave from other sources of its route.
    fileprivate init(_ warmUp: WarmUp, at now: Timestamp) {
        self.init(
            subject: .destination(warmUp.provider?.rawValue ?? "all", source: warmUp.source), since: now, until: warmUp.pausedUntil ?? now,
            rule: "warm-up \(warmUp.name)", reply: SMTPReply(451, EnhancedStatusCode(4, 7, 0), warmUp.reason ?? "paused"),
            allowsOtherSources: true)
    }
}

extension ShapingRate {
    /// More than this many at once are never granted.
    fileprivate func recipientsAtOnce(_ conditions: MeterConditions) -> Int {
        guard period != .second else { return burstSize }
        let kept = Int((Double(amount) * conditions.transactionalShare).rounded(.up))
        return amount - kept > 0 ? amount - kept : amount
    }
}
