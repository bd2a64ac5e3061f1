import DequeModule
import MailModel
import OutboundPolicy

// What replies bring about: by the rules, and by what the destination has shown before.
extension DeliveryQueue {
    /// Looks at what an attempt met, before it is decided what becomes of its recipients; a rule may say what a code means.
    mutating func heardByRules(
        _ results: inout [RecipientResult], _ entry: Entry, _ connection: Connection, _ facts: ConnectionFacts, at now: Timestamp
    ) -> [QueueAction] {
        guard let site = sites[connection.site] else { return [] }
        var actions: [QueueAction] = []
        var judged: [SMTPReply: DeliveryRule?] = [:]
        // A kept connection that was closed says nothing by its code alone.
        let isKept = connection.messagesBegun > 1
        var isSuccess = false
        var met: (rule: DeliveryRule, reply: SMTPReply)?
        for index in results.indices {
            guard case .failed(var failure) = results[index] else {
                isSuccess = true
                continue
            }
            guard !failure.isLocal else { continue }
            let rule: DeliveryRule?
            if let known = judged[failure.reply] {
                rule = known
            } else if judged.count < DeliveryQueue.repliesMax {
                rule = shaping.rules.match(
                    failure.reply.description, from: site.facts.provider, without: isKept ? DefaultRules.bareClosing : nil)
                judged[failure.reply] = .some(rule)
                if let rule {
                    met = met ?? (rule, failure.reply)
                    actions += act(rule, failure, entry, connection, at: now)
                }
            } else {
                continue
            }
            switch rule?.action {
            case .permanent: (failure.isPermanent, failure.scope) = (true, .recipient)
            case .transient: failure.isPermanent = false
            default: continue
            }
            results[index] = .failed(failure)
        }
        actions += warmUpHeard(site, rule: met?.rule, met?.reply, at: now)
        if isSuccess, shaping.destinations[site.destination] != nil {
            let open = connectionCount(ofSite: connection.site)
            shaping.destinations[site.destination]?.succeeded(begunAt: connection.begunAt, openConnections: open, at: now)
        }
        return actions
    }

    /// Different replies of one attempt that are looked at.
    private static let repliesMax = 8

    private mutating func act(
        _ rule: DeliveryRule, _ failure: DeliveryFailure, _ entry: Entry, _ connection: Connection, at now: Timestamp
    ) -> [QueueAction] {
        guard let site = sites[connection.site], let record = messages[entry.message]?.record else { return [] }
        guard shaping.watch.met(rule, subject: site.destination.name + "/" + site.destination.source, at: now) else { return [] }
        switch rule.action {
        case .permanent, .transient: return []
        case .slowDown:
            let seen = site.gauge.perMinute(at: now)
            shaping.destinations[site.destination, default: Destination(at: now)].refusedMessage(
                failure.reply, seen: seen, begunAt: connection.begunAt, at: now)
            return []
        case .fewerConnections:
            refusedConnection(connection.site, failure.reply, open: connectionCount(ofSite: connection.site), connection.begunAt, at: now)
            return []
        case .stopUpstream: return stopUpstream(rule, failure, connection.site.route, at: now)
        case .pause: return hold(.destination(site.facts.site, source: site.destination.source), rule, failure, at: now)
        case .suspendSource: return hold(.destination(site.destination.name, source: site.destination.source), rule, failure, at: now)
        case .otherSource:
            return hold(
                .destination(site.destination.name, source: site.destination.source), rule, failure, allowsOtherSources: true, at: now)
        case .suspendTenant: return hold(.tenant(record.tenant, destination: site.destination.name), rule, failure, at: now)
        case .suspendCampaign: return hold(.sender(record.sender, destination: site.destination.name), rule, failure, at: now)
        }
    }

    private mutating func refusedConnection(_ key: SiteKey, _ reply: SMTPReply, open: Int, _ begunAt: Timestamp, at now: Timestamp) {
        guard let site = sites[key] else { return }
        let own = max(1, site.route.value.connectionsMax)
        let configured = shaping.connectionsMax(site.meters).map { min($0, own) } ?? own
        shaping.destinations[site.destination, default: Destination(at: now)].refusedConnection(
            reply, open: open, configured: max(configured, open), begunAt: begunAt, at: now)
    }

    // MARK: - Connections

    /// A connection could not be made. `established`: how many the destination had taken at that moment.
    mutating func heardOfConnection(
        _ failure: DeliveryFailure, _ key: SiteKey, established: Int, begunAt: Timestamp, at now: Timestamp
    ) -> [QueueAction] {
        guard let site = sites[key] else { return [] }
        let open = established > 0 ? established + 1 : site.connections.count + 1
        guard !failure.isLocal else {
            // Our own mistakes, such as a password that cannot be read, are not the destination's.
            guard failure.stage == .connect || failure.stage == .greeting else { return [] }
            let isDead = shaping.destinations[site.destination, default: Destination(at: now)].failedToConnect(
                failure.reply, open: open, at: now)
            return isDead ? keepAll(of: site.destination, at: now) : []
        }
        heardOfLife(key, at: now)
        guard let rule = shaping.rules.match(failure.reply.description, from: site.facts.provider) else { return [] }
        switch rule.action {
        case .slowDown, .fewerConnections:
            // Before a message there is nothing to be slow with; while others are at work, this one was too much.
            if failure.stage == .greeting || failure.stage == .ehlo || rule.action == .fewerConnections {
                refusedConnection(key, failure.reply, open: open, begunAt, at: now)
            }
            return []
        case .pause: return hold(.destination(site.facts.site, source: site.destination.source), rule, failure, at: now)
        case .suspendSource: return hold(.destination(site.destination.name, source: site.destination.source), rule, failure, at: now)
        case .otherSource:
            return hold(
                .destination(site.destination.name, source: site.destination.source), rule, failure, allowsOtherSources: true, at: now)
        case .stopUpstream: return stopUpstream(rule, failure, key.route, at: now)
        case .suspendTenant, .suspendCampaign, .permanent, .transient: return []
        }
    }

    mutating func heardOfLife(_ key: SiteKey, at now: Timestamp) {
        guard let destination = sites[key]?.destination else { return }
        shaping.destinations[destination]?.answered(at: now)
    }

    /// What is ready for a destination that does not answer goes back to the store.
    private mutating func keepAll(of destination: Destination.Key, at now: Timestamp) -> [QueueAction] {
        guard let wait = shaping.destinations[destination]?.wait(destination.name, at: now) else { return [] }
        return takeReady { $0.destination == destination }.flatMap { keepWaiting($0, wait, at: now) }
    }

    private mutating func takeReady(where isMeant: (Site) -> Bool) -> [Entry] {
        var entries: [Entry] = []
        for (key, site) in sites where !site.ready.isEmpty && isMeant(site) { entries += sites[key]?.ready.takeAll() ?? [] }
        return entries.sorted { $0.ticket < $1.ticket }
    }

    // MARK: - Holds

    private mutating func hold(
        _ subject: DeliveryHold.Subject, _ rule: DeliveryRule, _ failure: DeliveryFailure, allowsOtherSources: Bool = false,
        at now: Timestamp
    ) -> [QueueAction] {
        let hold = DeliveryHold(
            subject: subject, since: now, until: now + .seconds(rule.seconds), rule: rule.name, reply: failure.reply,
            allowsOtherSources: allowsOtherSources ? true : nil)
        shaping.hold(hold, seen: perMinute(to: subject, at: now), at: now)
        shaping.orders.append(.hold(hold))
        // All that is ready meets it where it is put again.
        var actions: [QueueAction] = []
        let ready = takeReady { site in
            if case .destination(let name, let source) = subject {
                return site.destination.source == source && (site.destination.name == name || site.facts.site == name)
            }
            return true
        }
        for entry in ready { actions += plan(entry.message, waitingIndices(of: entry), lane: Lane(0), at: now) }
        return actions
    }

    /// Messages that all sites of a destination took in the last minute.
    private func perMinute(to subject: DeliveryHold.Subject, at now: Timestamp) -> Double {
        guard case .destination(let name, let source) = subject else { return 0 }
        let destination = Destination.Key(name: name, source: source)
        return sites.values.reduce(0) { $0 + ($1.destination == destination ? $1.gauge.perMinute(at: now) : 0) }
    }

    /// Nil where no hold keeps the entry from the site. From another source of the route, where the hold allows that and one is free.
    mutating func metHold(
        _ entry: Entry, _ record: MessageRecord, _ key: SiteKey, _ way: SiteWay, lane: Lane, at now: Timestamp
    ) -> [QueueAction]? {
        guard let site = sites[key] else { return nil }
        guard let hold = shaping.hold(on: record, to: site.destination, site: site.facts.site, at: now) else {
            return metListing(entry, record, key, way, lane: lane, at: now)
        }
        dropIfUnused(key)
        if hold.allowsOtherSources == true {
            for source in sources.others(of: way.route.value, than: way.source) {
                let other = Destination.Key(name: site.destination.name, source: source.name)
                guard shaping.hold(on: record, to: other, site: site.facts.site, at: now) == nil else { continue }
                return makeReady(entry, way.site, way.endpoints, route: way.route, source: source, lane: lane, at: now)
            }
        }
        return keepWaiting(entry, ShapingWait(reason: hold.text, until: hold.until), at: now)
    }

    /// Nil where the source is on no list, or the route has no other that could take it: late mail is worse than mail from a listed address.
    private mutating func metListing(
        _ entry: Entry, _ record: MessageRecord, _ key: SiteKey, _ way: SiteWay, lane: Lane, at now: Timestamp
    ) -> [QueueAction]? {
        guard let site = sites[key] else { return nil }
        guard let listing = shaping.listing(ofSource: way.source.name, at: now) else {
            comeBack(to: site.destination, at: now)
            return nil
        }
        for source in sources.others(of: way.route.value, than: way.source) {
            let other = Destination.Key(name: site.destination.name, source: source.name)
            guard shaping.listing(ofSource: source.name, at: now) == nil,
                shaping.hold(on: record, to: other, site: site.facts.site, at: now) == nil,
                source.isStandard || way.endpoints.contains(where: { source.reaches($0.address) })
            else { continue }
            shaping.tookAnotherWay(site.destination, listing)
            dropIfUnused(key)
            return makeReady(entry, way.site, way.endpoints, route: way.route, source: source, lane: lane, at: now)
        }
        return nil
    }

    private mutating func comeBack(to destination: Destination.Key, at now: Timestamp) {
        let sites = sites
        shaping.cameBack(
            destination,
            seen: {
                sites.values.filter { $0.destination.name == destination.name && $0.destination.source != destination.source }
                    .reduce(0) { $0 + $1.gauge.perMinute(at: now) }
            }, at: now)
    }

    /// Right before MAIL FROM: nil where the entry may begin.
    mutating func metHoldAtBegin(_ entry: Entry, _ key: SiteKey, at now: Timestamp) -> [QueueAction]? {
        guard !shaping.isWithoutHolds, let site = sites[key], let record = messages[entry.message]?.record,
            let hold = shaping.hold(on: record, to: site.destination, site: site.facts.site, at: now)
        else { return nil }
        return keepWaiting(entry, ShapingWait(reason: hold.text, until: hold.until), at: now)
    }

    // MARK: - Accounts

    private mutating func stopUpstream(_ rule: DeliveryRule, _ failure: DeliveryFailure, _ route: String, at now: Timestamp)
        -> [QueueAction]
    {
        guard directory.nextHop(ofRoute: route) != nil, upstream.stops[route] == nil else { return [] }
        let judgement = UpstreamJudgement(
            cause: .restricted, rule: "rule \(rule.name)", meaning: "Rule \(rule.name) stops the route at this reply.",
            advice: "See to what the next host complains of.")
        return stop(judgement, failure.reply, route: route, at: now)
    }
}
