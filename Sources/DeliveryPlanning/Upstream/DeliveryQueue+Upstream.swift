import DequeModule
package import MailModel
package import OutboundPolicy

// Routes whose next host refuses our account: nothing begins on them but one probe at a time.
extension DeliveryQueue {
    /// The routes that stand still, as this node knows them at this moment.
    package var upstreamStops: [String: UpstreamStop] { upstream.stops }

    // MARK: - Before an attempt

    /// What becomes of an entry whose route stands still; nil where it may go on.
    mutating func metStop(_ entry: Entry, route: SharedRoute, source: EgressSource, lane: Lane, at now: Timestamp) -> [QueueAction]? {
        let name = route.value.name
        guard let stop = upstream.stops[name] else { return nil }
        if let probe = upstream.probes[name] { return probe.covers(entry) ? nil : keepBack(entry, stop, at: now) }
        let indices = waitingIndices(of: entry)
        guard mayBegin, upstream.isSettled(name), stop.mayProbe(at: now), !indices.isEmpty else {
            return keepBack(entry, stop, at: now)
        }
        upstream.probes[name] = UpstreamGuard.Probe(
            message: entry.message, indices: Set(indices), waiting: WaitingEntry(entry: entry, route: route, source: source, lane: lane))
        var claim = stop
        claim.probe = UpstreamStop.Probe(owner: owner, until: now + settings.upstream.probe)
        return [.upstream(.askProbe(claim))]
    }

    /// Right before MAIL FROM: nil where the entry may begin.
    mutating func metStopAtBegin(_ entry: Entry, route: String, at now: Timestamp) -> [QueueAction]? {
        guard let stop = upstream.stops[route] else { return nil }
        guard upstream.probes[route]?.covers(entry) == true else { return keepBack(entry, stop, at: now) }
        upstream.probes[route]?.isInFlight = true
        return nil
    }

    /// Back to the store, no attempt counted. Each recipient is told once, and where a warning is due; after that it goes back silently.
    private mutating func keepBack(_ entry: Entry, _ stop: UpstreamStop, at now: Timestamp) -> [QueueAction] {
        guard let message = messages[entry.message] else { return [] }
        let reply = UpstreamRules.reply(stop)
        let isLate = message.record.warnAt.map { $0 <= now } ?? false
        var known: [Int32] = []
        var untold: [Int32] = []
        for index in waitingIndices(of: entry) {
            guard let position = message.position(of: index) else { continue }
            let recipient = message.recipients[position].record
            let isKnown = recipient.lastReply == reply && (recipient.isWarned || !isLate)
            if isKnown { known.append(index) } else { untold.append(index) }
        }
        let failure = DeliveryFailure(isPermanent: false, scope: .host, stage: .connect, reply: reply, isLocal: true)
        let dueAt = UpstreamRules.look(stop, soonest: settings.pausedWait, at: now)
        return giveBack(entry.message, known, dueAt: dueAt) + failWaiting(entry.message, untold, failure, route: stop.route, at: now)
    }

    // MARK: - After an attempt

    /// Whether an attempt's results say something about the account, and what follows for all other mail of the route.
    mutating func heard(_ results: [RecipientResult], route: String, host: String?, at now: Timestamp) -> [QueueAction] {
        var seen: Set<SMTPReply> = []
        for case .failed(let failure) in results where seen.count < DeliveryQueue.judgedMax && seen.insert(failure.reply).inserted {
            guard let judgement = judgement(of: failure, route: route, host: host) else { continue }
            return heard(judgement, failure.reply, route: route, at: now)
        }
        return []
    }

    /// Different replies of one attempt that are looked at.
    private static let judgedMax = 8

    /// The next host refused a whole session. Nil where that says nothing about the account.
    mutating func heardOfSession(_ failure: DeliveryFailure, _ key: SiteKey, host: String?, at now: Timestamp) -> [QueueAction]? {
        guard let judgement = judgement(of: failure, route: key.route, host: host) else { return nil }
        guard judgement.cause.isStop else {
            slow(key.route, at: now)
            return nil
        }
        let ready = sites[key]?.ready.takeAll() ?? []
        var actions = heard(judgement, failure.reply, route: key.route, at: now)
        for entry in ready { actions += failWaiting(entry.message, waitingIndices(of: entry), failure, route: key.route, at: now) }
        return actions
    }

    private func judgement(of failure: DeliveryFailure, route: String, host: String?) -> UpstreamJudgement? {
        guard let hop = directory.nextHop(ofRoute: route) else { return nil }
        return UpstreamRules.judgement(of: failure, host: host ?? hop.host)
    }

    private mutating func heard(
        _ judgement: UpstreamJudgement, _ reply: SMTPReply, route: String, at now: Timestamp
    ) -> [QueueAction] {
        guard judgement.cause.isStop else {
            slow(route, at: now)
            return []
        }
        // What the probe met is decided where its recipients are settled; what was in flight meanwhile is no news.
        guard upstream.stops[route] == nil else { return [] }
        return stop(judgement, reply, route: route, at: now)
    }

    /// The route stands still from now on.
    mutating func stop(_ judgement: UpstreamJudgement, _ reply: SMTPReply, route: String, at now: Timestamp) -> [QueueAction] {
        let stop = UpstreamRules.stop(route, judgement, reply, at: now, settings.upstream)
        upstream.decide(stop, route: route)
        var actions: [QueueAction] = [.upstream(.put(stop, expecting: 0, UpstreamRules.condition(stop, at: now)))]
        for key in sites.keys.filter({ $0.route == route }).sorted(by: { ($0.site, $0.source) < ($1.site, $1.source) }) {
            let ready = sites[key]?.ready.takeAll() ?? []
            for entry in ready { actions += keepBack(entry, stop, at: now) }
        }
        return actions
    }

    /// A recipient of a route that stands still waits on, whatever the reply would mean for its message: no attempt counts, nothing bounces
    /// or expires, unless a person meanwhile asked for another end.
    func keepQueued(
        _ outcome: inout Settlement.Outcome, _ result: RecipientResult, _ recipient: LeasedRecipient, of message: MessageRecord,
        route: String, host: String?, at now: Timestamp
    ) {
        guard let stop = upstream.stops[route], case .failed(let failure) = result else { return }
        guard
            failure.isLocal
                ? failure.reply == UpstreamRules.reply(stop) : judgement(of: failure, route: route, host: host)?.cause.isStop == true
        else { return }
        switch recipient.pendingVerb {
        case .cancel: outcome.newState = .cancelled
        case .hold: outcome.newState = .held
        default: outcome.newState = .queued
        }
        outcome.attempts = recipient.record.attempts
        outcome.dueAt = UpstreamRules.look(stop, soonest: settings.pausedWait, at: now)
        outcome.isWarned = recipient.record.isWarned || message.warnAt.map { $0 <= now } ?? false
        outcome.findings = [stop.finding]
    }

    // MARK: - Probes

    /// The answer to `askProbe`: the stop as the store has it now, or nil where another node was faster or the store does not answer.
    package mutating func probeAnswered(_ route: String, _ granted: UpstreamStop?, at now: Timestamp) -> [QueueAction] {
        guard let probe = upstream.probes[route], let waiting = probe.waiting else {
            return granted.map { release($0) } ?? []
        }
        let indices = waitingIndices(of: waiting.entry)
        guard let granted, mayBegin, !indices.isEmpty else {
            upstream.probes[route] = nil
            let back =
                upstream.stops[route].map { keepBack(waiting.entry, $0, at: now) }
                ?? plan(waiting.entry.message, indices, lane: waiting.lane, at: now)
            return back + (granted.map { release($0) } ?? [])
        }
        upstream.decide(granted, route: route, version: granted.version)
        upstream.probes[route]?.waiting = nil
        return plan(waiting.entry.message, indices, lane: waiting.lane, at: now)
    }

    /// What came of the probe, where it is among what is settled.
    mutating func concludeProbe(
        _ id: MessageID, _ results: [(Int32, RecipientResult)], route: String, host: String?, at now: Timestamp
    ) -> [QueueAction] {
        guard let probe = upstream.probes[route], probe.waiting == nil, probe.message == id, let stop = upstream.stops[route],
            results.contains(where: { probe.indices.contains($0.0) })
        else { return [] }
        upstream.probes[route] = nil
        let failures = results.compactMap { if case .failed(let failure) = $0.1 { failure } else { nil } }
        if failures.count < results.count { return resume(stop, at: now) }
        for failure in failures {
            if let judgement = judgement(of: failure, route: route, host: host), judgement.cause.isStop {
                let failed = UpstreamRules.probeFailed(stop, judgement, failure.reply, at: now, settings.upstream)
                upstream.decide(failed, route: route)
                return [.upstream(.put(failed, expecting: stop.version, UpstreamRules.condition(failed, at: now)))]
            }
        }
        // Whoever is asked for a recipient has signed in.
        if stop.cause == .signIn, failures.contains(where: { !$0.isLocal && $0.stage.isAfterSignIn }) { return resume(stop, at: now) }
        let unclear = UpstreamRules.probeUnclear(stop, probeAt: now + settings.upstream.unclear)
        upstream.decide(unclear, route: route)
        return [.upstream(.put(unclear, expecting: stop.version, nil))]
    }

    private mutating func resume(_ stop: UpstreamStop, at now: Timestamp) -> [QueueAction] {
        upstream.decide(nil, route: stop.route)
        return [.upstream(.remove(stop, UpstreamRules.conditionOver(stop, at: now)))]
    }

    /// The right to probe is given back unused.
    private mutating func release(_ stop: UpstreamStop) -> [QueueAction] {
        let released = UpstreamRules.probeUnclear(stop, probeAt: stop.probeAt)
        upstream.decide(released, route: stop.route)
        return [.upstream(.put(released, expecting: stop.version, nil))]
    }

    /// The runs that live: the right to probe of one that does not is over with it.
    package mutating func runsChanged(living: Set<Int64>) -> [QueueAction] {
        upstream.stops.values.sorted { $0.route < $1.route }.flatMap { stop -> [QueueAction] in
            guard let probe = stop.probe, probe.owner != owner, !living.contains(probe.owner), upstream.isSettled(stop.route) else {
                return []
            }
            return release(stop)
        }
    }

    /// Probes that are not in flight are over where what waits is given back or forgotten.
    mutating func releaseProbes() -> [QueueAction] {
        var actions: [QueueAction] = []
        for (route, probe) in upstream.probes.sorted(by: { $0.key < $1.key }) where !probe.isInFlight {
            upstream.probes[route] = nil
            if probe.waiting == nil, let stop = upstream.stops[route] { actions += release(stop) }
        }
        return actions
    }

    /// What was decided here stands in the store, or somebody else's word does.
    package mutating func upstreamStored(_ route: String, version: Int64, lane: Lane, at now: Timestamp) -> [QueueAction] {
        upstream.stored(route, version: version, directory)
        return upstream.takeNeedless().flatMap { plan($0.entry.message, waitingIndices(of: $0.entry), lane: lane, at: now) }
    }

    // MARK: - Time, and fewer connections

    mutating func upstreamTimePassed(at now: Timestamp) -> [QueueAction] {
        guard !upstream.isIdle else { return [] }
        var actions: [QueueAction] = []
        for (route, probe) in upstream.probes.sorted(by: { $0.key < $1.key }) where probe.waiting == nil {
            // A person cancelled or held it, or it took another route.
            guard messages[probe.message] == nil, let stop = upstream.stops[route] else { continue }
            upstream.probes[route] = nil
            actions += release(stop)
        }
        for route in upstream.slowed.keys.sorted() { actions += recover(route, at: now) }
        return actions
    }

    /// Whether anything may begin on a route at this moment, as far as the number of connections goes.
    func isAtRest(_ route: String, at now: Timestamp) -> Bool {
        upstream.slowed[route].map { now < $0.pausedUntil } ?? false
    }

    /// True where the route has as many connections as its next host lately took, or more.
    func hasEnoughConnections(_ route: String, beside own: Int = 0) -> Bool {
        guard let slowed = upstream.slowed[route] else { return false }
        return connectionCount(route) - own >= slowed.connectionsMax
    }

    private func connectionCount(_ route: String) -> Int {
        sites.reduce(0) { $0 + ($1.key.route == route ? $1.value.connections.count : 0) }
    }

    /// Half of the connections, and a short rest; once for what comes together.
    private mutating func slow(_ route: String, at now: Timestamp) {
        if isAtRest(route, at: now) { return }
        let count = min(connectionCount(route), upstream.slowed[route]?.connectionsMax ?? Int.max)
        upstream.slowed[route] = UpstreamGuard.Slowed(
            connectionsMax: max(1, count / 2), pausedUntil: now + settings.upstream.slowPause,
            recoversAt: now + settings.upstream.slowRecovery)
    }

    private mutating func recover(_ route: String, at now: Timestamp) -> [QueueAction] {
        guard var slowed = upstream.slowed[route], now >= slowed.pausedUntil else { return [] }
        if now >= slowed.recoversAt {
            slowed.connectionsMax += 1
            slowed.recoversAt = now + settings.upstream.slowRecovery
            let most = sites.first { $0.key.route == route }?.value.route.value.connectionsMax
            let isOver = slowed.connectionsMax >= most ?? 0
            upstream.slowed[route] = isOver ? nil : slowed
        }
        var actions: [QueueAction] = []
        let waiting = sites.filter { $0.key.route == route && !$0.value.ready.isEmpty }.keys.sorted {
            ($0.site, $0.source) < ($1.site, $1.source)
        }
        for (index, key) in waiting.enumerated() { actions += serve(key, lane: Lane(index), at: now) }
        return actions
    }
}

extension DeliveryStage {
    fileprivate var isAfterSignIn: Bool {
        switch self {
        case .mail, .recipient, .data, .dot: true
        case .resolve, .connect, .greeting, .ehlo, .startTLS, .auth: false
        }
    }
}
