import DequeModule
package import MailModel
package import OutboundPolicy

/// Where an entry is ready to go.
struct SiteWay: Sendable {
    var site: String
    var endpoints: [Endpoint]
    var route: SharedRoute
    var source: EgressSource
}

// Limits: what may begin at this moment, and what waits for them.
extension DeliveryQueue {
    // MARK: - Coming to a site

    /// Puts an entry among what is ready: in transactions of the size that is allowed there, from a source that is not held; what would
    /// wait too long goes back to the store.
    mutating func put(_ entry: Entry, _ way: SiteWay, lane: Lane, at now: Timestamp) -> [QueueAction] {
        guard let record = messages[entry.message]?.record else { return [] }
        if shaping.hasNoCaps { shapingChanged(directory, at: now) }
        let domain = shaping.table.isEmpty ? nil : ownLimits(entry)
        let place = domain.map { "\(way.site) for \($0)" } ?? way.site
        let key = SiteKey(
            route: way.route.value.name, site: way.endpoints.tlsSharing.map { "\(place) by \($0)" } ?? place, source: way.source.siteNumber)
        if sites[key] == nil { sites[key] = site(way, domain, at: now) }
        sites[key]?.route = way.route
        sites[key]?.endpoints = way.endpoints
        if !shaping.isIdle {
            if let kept = metHold(entry, record, key, way, lane: lane, at: now) { return kept }
            if let most = shaping.recipientsPerMessage(sites[key]?.meters ?? []), entry.indices.count > most {
                return split(entry, into: most, way, lane: lane, at: now)
            }
            if let kept = metCrowd(entry, record, key, at: now) { return kept }
        }
        sites[key]?.ready.append(entry, tenant: record.tenant, sender: record.sender)
        return serve(key, lane: lane, at: now)
    }

    private func ownLimits(_ entry: Entry) -> DomainName? {
        guard let message = messages[entry.message], let index = entry.indices.first, let position = message.position(of: index) else {
            return nil
        }
        return shaping.table.domain(of: message.recipients[position].record.recipient.address)
    }

    private mutating func site(_ way: SiteWay, _ domain: DomainName?, at now: Timestamp) -> Site {
        var isSmarthost = false
        if case .smarthost = way.route.value.kind { isSmarthost = true }
        let facts = SiteFacts(
            route: way.route.value.baseName, account: way.route.value.identity, source: way.source.name, site: way.site,
            hosts: way.endpoints.map(\.hostName), domain: domain,
            isSmarthost: isSmarthost)
        var site = Site(
            route: way.route, source: way.source, endpoints: way.endpoints,
            hosts: SiteKey(route: way.route.value.name, site: way.site, source: way.source.siteNumber), facts: facts,
            destination: Destination.Key(name: facts.destination, source: way.source.name))
        site.meters = shaping.meters(of: facts, at: now)
        return site
    }

    private mutating func split(_ entry: Entry, into size: Int, _ way: SiteWay, lane: Lane, at now: Timestamp) -> [QueueAction] {
        let indices = waitingIndices(of: entry)
        var actions: [QueueAction] = []
        for start in stride(from: 0, to: indices.count, by: size) {
            let part = self.entry(entry.message, Array(indices[start..<min(start + size, indices.count)]))
            actions += put(part, way, lane: lane, at: now)
        }
        return actions
    }

    /// More than a screenful waits for a site's limits in memory only where it is soon let go.
    private mutating func metCrowd(_ entry: Entry, _ record: MessageRecord, _ key: SiteKey, at now: Timestamp) -> [QueueAction]? {
        guard let wait = sites[key]?.wait, let site = sites[key], site.ready.count(of: entry.lane) >= settings.waitingMax,
            // Who has little waiting has a turn, however much others have.
            site.ready.count(of: entry.lane, tenant: record.tenant, sender: record.sender) >= settings.waitingMax / 4
        else { return nil }
        let spacing = shaping.spacing(site.meters).milliseconds
        guard spacing >= 100 || wait.until > now + DeliveryQueue.shortWait else { return nil }
        let ahead = max(wait.until, now) + .milliseconds(spacing * Int64(site.ready.count))
        let turn = max(site.bookedUntil, ahead) + .milliseconds(max(spacing, 1))
        sites[key]?.bookedUntil = min(turn, now + settings.waitingLook)
        return keepWaiting(entry, ShapingWait(reason: wait.reason, until: turn), at: now)
    }

    private static let shortWait = Duration.seconds(5)

    /// Back to the store, no attempt counted. Whose time is over expires, and a sender who is to be told of a delay is told.
    mutating func keepWaiting(_ entry: Entry, _ wait: ShapingWait, at now: Timestamp) -> [QueueAction] {
        guard let message = messages[entry.message] else { return [] }
        let indices = waitingIndices(of: entry)
        let isLate = message.record.warnAt.map { $0 <= now } ?? false
        let untold = indices.filter { index in
            guard let position = message.position(of: index) else { return false }
            return now >= message.record.expiresAt || isLate && !message.recipients[position].record.isWarned
        }
        let failure = DeliveryFailure(
            isPermanent: false, scope: .host, stage: .connect,
            reply: SMTPReply(451, EnhancedStatusCode(4, 7, 0), "This mail waits here: \(wait.reason)"), isLocal: true)
        let soonest = now + .seconds(1)
        let dueAt = max(soonest, min(wait.until, now + settings.waitingLook, message.record.expiresAt))
        let quiet = Set(untold)
        return giveBack(entry.message, indices.filter { !quiet.contains($0) }, dueAt: dueAt)
            + failWaiting(entry.message, untold, failure, route: "", at: now)
    }

    // MARK: - Turns

    /// False where a limit keeps everything that is ready at the site; it is served again when that may have changed.
    mutating func mayTakeTurn(_ key: SiteKey, at now: Timestamp) -> Bool {
        guard isShaped(key) else { return true }
        var ready = ReadyQueue()
        guard sites[key] != nil else { return false }
        swap(&ready, &sites[key]!.ready)
        var wait: ShapingWait?
        let entry = ready.peek { self.mayGo($0, key, at: now, &wait) }
        swap(&ready, &sites[key]!.ready)
        return concluded(entry != nil, wait, key)
    }

    /// The next entry of a site, where limits let one go.
    mutating func nextEntry(_ key: SiteKey, at now: Timestamp) -> Entry? {
        guard isShaped(key) else { return sites[key]?.ready.next() }
        var ready = ReadyQueue()
        guard sites[key]?.ready.isEmpty == false else { return nil }
        swap(&ready, &sites[key]!.ready)
        var wait: ShapingWait?
        let entry = ready.next { self.mayGo($0, key, at: now, &wait) }
        swap(&ready, &sites[key]!.ready)
        _ = concluded(entry != nil, wait, key)
        return entry
    }

    private func isShaped(_ key: SiteKey) -> Bool {
        guard let site = sites[key] else { return false }
        return !site.meters.isEmpty || !shaping.destinations.isEmpty && shaping.destinations[site.destination] != nil
    }

    private mutating func mayGo(_ entry: Entry, _ key: SiteKey, at now: Timestamp, _ soonest: inout ShapingWait?) -> Bool {
        guard let site = sites[key] else { return false }
        let count = waitingIndices(of: entry).count
        // What has left its place costs nothing.
        guard count > 0 else { return true }
        let known = shaping.destinations[site.destination]?.wait(site.destination.name, at: now)
        let wait = ShapingWait.later(known, shaping.wait(site.meters, entry.lane, recipients: count, at: now))
        guard let wait else { return true }
        if soonest.map({ wait.until < $0.until }) ?? true { soonest = wait }
        return false
    }

    private mutating func concluded(_ mayGo: Bool, _ wait: ShapingWait?, _ key: SiteKey) -> Bool {
        if mayGo {
            sites[key]?.wait = nil
        } else if let wait {
            waits(key, wait)
        }
        return mayGo
    }

    private mutating func waits(_ key: SiteKey, _ wait: ShapingWait) {
        if sites[key]?.isWaiting == false { shaping.waiting.append(key) }
        sites[key]?.isWaiting = true
        sites[key]?.wait = wait
        guard shaping.wakeAt.map({ wait.until < $0 }) ?? true else { return }
        shaping.wakeAt = wait.until
        shaping.orders.append(.wake(wait.until))
    }

    /// What waits for limits is looked at: the best lane first, and what went last time behind what did not.
    private mutating func serveWaiting(at now: Timestamp) -> [QueueAction] {
        guard !shaping.waiting.isEmpty, mayBegin else { return [] }
        var keys: [(lane: TrafficLane, place: Int, key: SiteKey)] = []
        for (place, key) in shaping.waiting.enumerated() {
            sites[key]?.wait = nil
            sites[key]?.isWaiting = false
            if let lane = sites[key]?.ready.best { keys.append((lane, place, key)) } else { dropIfUnused(key) }
        }
        shaping.waiting.removeAll()
        keys.sort { ($0.lane.rawValue, $0.place) < ($1.lane.rawValue, $1.place) }
        var actions: [QueueAction] = []
        var served: [SiteKey] = []
        for (index, item) in keys.enumerated() {
            let new = serve(item.key, lane: Lane(index), at: now)
            if !new.isEmpty { served.append(item.key) }
            actions += new
            dropIfUnused(item.key)
        }
        for key in served {
            guard let place = shaping.waiting.firstIndex(of: key) else { continue }
            shaping.waiting.append(shaping.waiting.remove(at: place))
        }
        return actions
    }

    /// The time that `wake` was ordered for has come.
    package mutating func shapingDue(at now: Timestamp) -> [QueueAction] {
        if let wakeAt = shaping.wakeAt, wakeAt <= now { shaping.wakeAt = nil }
        return serveWaiting(at: now)
    }

    /// The store's answer to `count` or `share`.
    package mutating func shaped(_ answer: ShapingAnswer, at now: Timestamp) -> [QueueAction] {
        shaping.answered(answer, at: now)
        return serveWaiting(at: now)
    }

    mutating func shapingTimePassed(at now: Timestamp) -> [QueueAction] {
        var actions: [QueueAction] = []
        if shaping.needsCaps(at: now) {
            shapingChanged(directory, at: now)
            actions = planAgain(lane: Lane(0), at: now)
        }
        shaping.tidy(at: now)
        if let wakeAt = shaping.wakeAt, wakeAt <= now { shaping.wakeAt = nil }
        return actions + serveWaiting(at: now)
    }

    /// What limits and rules asked for since the last call. To be called after each event.
    package mutating func takeShapingOrders() -> [QueueAction] {
        guard !shaping.orders.isEmpty else { return [] }
        defer { shaping.orders.removeAll() }
        return shaping.orders.map(QueueAction.shape)
    }

    // MARK: - Connections

    func messagesPerConnection(_ key: SiteKey, _ route: Route) -> Int {
        let own = max(1, route.messagesPerConnectionMax)
        guard let meters = sites[key]?.meters, !meters.isEmpty else { return own }
        return min(own, shaping.messagesPerConnection(meters) ?? own)
    }

    /// Whether the limits of the site, and what its destination takes, allow one more connection.
    mutating func mayOpenBySharing(_ key: SiteKey, at now: Timestamp) -> Bool {
        guard isShaped(key), let site = sites[key] else { return true }
        if let most = shaping.destinations[site.destination]?.connectionsMax, connectionCount(ofSite: key) >= most {
            waits(key, ShapingWait(reason: "\(site.destination.name) takes \(most) connections", until: now + .seconds(1)))
            return false
        }
        guard let wait = shaping.waitToOpen(site.meters, at: now) else { return true }
        waits(key, wait)
        return false
    }

    func hasTooManyConnections(_ key: SiteKey) -> Bool {
        guard !shaping.destinations.isEmpty, let site = sites[key], let most = shaping.destinations[site.destination]?.connectionsMax else {
            return false
        }
        return connectionCount(ofSite: key) > most
    }

    /// Of all sites of its destination, from the same source.
    func connectionCount(ofSite key: SiteKey) -> Int {
        guard let destination = sites[key]?.destination else { return 0 }
        if shaping.destinations.isEmpty || shaping.destinations[destination] == nil { return sites[key]?.connections.count ?? 0 }
        return sites.values.reduce(0) { $0 + ($1.destination == destination ? $1.connections.count : 0) }
    }

    /// Those that the other side has taken.
    func establishedCount(ofSite key: SiteKey) -> Int {
        guard let destination = sites[key]?.destination else { return 0 }
        let isAlone = shaping.destinations.isEmpty || shaping.destinations[destination] == nil
        return sites.reduce(0) { sum, item in
            guard isAlone ? item.key == key : item.value.destination == destination else { return sum }
            return sum + item.value.connections.count - item.value.openingCount
        }
    }

    mutating func hasBegun(_ entry: Entry, recipients: Int, _ key: SiteKey, at now: Timestamp) {
        sites[key]?.gauge.add(at: now)
        guard let site = sites[key], isShaped(key) else { return }
        shaping.begin(site.meters, entry.lane, recipients: recipients, at: now)
        shaping.destinations[site.destination]?.began(at: now)
    }

    // MARK: - Changes

    mutating func shapingChanged(_ directory: Directory, at now: Timestamp) {
        shaping.take(directory, at: now)
        shaping.waiting.removeAll()
        var connections: [String: Int] = [:]
        for key in sites.keys {
            sites[key]?.wait = nil
            sites[key]?.isWaiting = false
            guard let facts = sites[key]?.facts else { continue }
            let meters = shaping.meters(of: facts, at: now)
            sites[key]?.meters = meters
            for meter in meters { connections[meter, default: 0] += sites[key]?.connections.count ?? 0 }
        }
        shaping.recount(connections)
    }

    /// `nodes`: that live and use the same store, this one included. `day`: by whose clocks mail may leave.
    package mutating func shapingConditions(nodes: Int, isShared: Bool, day: OrganisationDay, at now: Timestamp) {
        shaping.conditions.day = day
        shaping.conditionsChanged(nodes: nodes, isShared: isShared, at: now)
    }
}
