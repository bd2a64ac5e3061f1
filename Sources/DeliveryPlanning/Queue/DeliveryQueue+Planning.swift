import DequeModule
package import MailModel
import OutboundPolicy

// Which way: from leased recipients to entries that wait for DNS or are ready at a site.
extension DeliveryQueue {
    /// Chooses the route of each recipient and puts those that go the same way into as few transactions as the route allows.
    mutating func plan(_ id: MessageID, _ indices: [Int32], lane: Lane, at now: Timestamp) -> [QueueAction] {
        guard !isStopped else { return giveBack(id, indices, dueAt: now) }
        var actions: [QueueAction] = []
        let indices = sparing(id, indices, &actions, at: now)
        guard let message = messages[id] else { return actions }
        var ways: [(target: Way, route: SharedRoute, source: EgressSource, domain: DomainName?, indices: [Int32])] = []
        var failures: [(Int32, DeliveryFailure)] = []
        var paused: [Int32] = []
        var elsewhere: [(route: SharedRoute, choice: SourceTable.Choice, indices: [Int32])] = []
        for index in indices {
            guard let position = message.position(of: index) else { continue }
            let recipient = message.recipients[position].record
            let address = recipient.recipient.address
            let found = routes.choose(
                recipient: address, reversePath: message.record.reversePath, onlyRoute: message.record.onlyRoute, pool: message.record.pool)
            switch found {
            // It waits for its pool to have a way, as long as it lives: no other pool may carry it.
            case .failure where message.record.pool != .normal: paused.append(index)
            case .failure(let failure): failures.append((index, failure))
            case .success(let choice):
                if isPaused(message.record, recipient, route: choice.route.value.baseName) {
                    paused.append(index)
                } else if case .here(let source) = source(for: message.record, by: choice.route.value) {
                    let way = way(to: address, by: choice.route, message.record.tlsWish)
                    let domain = shaping.table.domain(of: address)
                    if let known = ways.firstIndex(where: {
                        $0.target == way && $0.route.value.name == choice.route.value.name && $0.domain == domain
                    }) {
                        ways[known].indices.append(index)
                    } else {
                        ways.append((way, choice.route, source, domain, [index]))
                    }
                } else if let known = elsewhere.firstIndex(where: { $0.route.value.name == choice.route.value.name }) {
                    elsewhere[known].indices.append(index)
                } else {
                    elsewhere.append((choice.route, source(for: message.record, by: choice.route.value), [index]))
                }
            }
        }
        actions += keepPaused(id, paused, at: now)
        for left in elsewhere { actions += leave(id, left.indices, left.choice, route: left.route.value, at: now) }
        for (failure, group) in grouped(failures) { actions += failWaiting(id, group, failure, route: "", at: now) }
        for way in ways {
            let isOwn = hasOwnReturnPath(message.record, by: way.route.value)
            let size = isOwn ? 1 : max(1, way.route.value.recipientsPerTransactionMax)
            for start in stride(from: 0, to: way.indices.count, by: size) {
                let entry = entry(id, Array(way.indices[start..<min(start + size, way.indices.count)]))
                actions += place(entry, way.target, route: way.route, source: way.source, lane: lane, at: now)
            }
        }
        return actions
    }

    private func source(for message: MessageRecord, by route: Route) -> SourceTable.Choice {
        sources.choose(for: route, in: message.pool, key: message.id.value)
    }

    mutating func entry(_ id: MessageID, _ indices: [Int32]) -> Entry {
        lastTicket += 1
        if let place = messages.index(forKey: id) {
            for index in indices {
                guard let position = messages.values[place].position(of: index) else { continue }
                messages.values[place].recipients[position].ticket = lastTicket
            }
        }
        return Entry(
            message: id, indices: indices, ticket: lastTicket, lane: messages[id].map { TrafficLane($0.record) } ?? .transactional)
    }

    /// Those members of an entry that are still in memory, wait, and have not been put into a newer entry.
    func waitingIndices(of entry: Entry) -> [Int32] {
        guard let message = messages[entry.message] else { return [] }
        return entry.indices.filter { index in
            guard let position = message.position(of: index) else { return false }
            return !message.recipients[position].isInFlight && message.recipients[position].ticket == entry.ticket
        }
    }

    private func grouped(_ failures: [(Int32, DeliveryFailure)]) -> [(DeliveryFailure, [Int32])] {
        var groups: [(DeliveryFailure, [Int32])] = []
        for (index, failure) in failures {
            if let known = groups.firstIndex(where: { $0.0 == failure }) {
                groups[known].1.append(index)
            } else {
                groups.append((failure, [index]))
            }
        }
        return groups
    }

    /// Where a recipient goes by a route: endpoints that are known as they stand, or something to ask DNS.
    enum Way: Hashable {
        case endpoint(Endpoint, site: String)
        case target(ResolveTarget)
        /// A kind of address or route that cannot be reached at all.
        case unreachable(String)

        init(_ endpoint: Endpoint) { self = .endpoint(endpoint, site: "\(endpoint.address):\(endpoint.port)") }
    }

    private mutating func way(to address: EmailAddress, by route: SharedRoute, _ wish: TLSWish) -> Way {
        switch route.value.kind {
        case .mx:
            switch address.host {
            case .domain(let domain):
                return .target(
                    .mx(
                        domain, port: settings.mxPort,
                        allowsSpecialAddresses: route.value.allowsSpecialAddresses || settings.allowsSpecialAddresses, wish: wish))
            case .literal where wish == .verified:
                return .unreachable("The message asks for REQUIRETLS, and an address literal has no name that a certificate could prove")
            case .literal(let ip):
                guard route.value.allowsSpecialAddresses || settings.allowsSpecialAddresses || !ip.isSpecialPurpose else {
                    return .unreachable("The address literal \(address.host) is a loopback or private address")
                }
                return Way(Endpoint(hostName: ip.description, address: ip, port: settings.mxPort))
            }
        case .smarthost(let hop):
            if let known = smarthosts[route.value.baseName] { return known }
            let way = way(to: hop)
            smarthosts[route.value.baseName] = way
            return way
        case .builtIn:
            guard let endpoint = builtInReceiver else { return .unreachable("The built-in receiver is not running") }
            return Way(endpoint)
        }
    }

    private func way(to hop: NextHop) -> Way {
        if let ip = IPAddress(hop.host) { return Way(Endpoint(hostName: hop.host, address: ip, port: hop.port)) }
        guard let name = DomainName(hop.host) else { return .unreachable("\(hop.host) is no host name") }
        return .target(.host(name, port: hop.port))
    }

    private mutating func place(
        _ entry: Entry, _ way: Way, route: SharedRoute, source: EgressSource, lane: Lane, at now: Timestamp
    ) -> [QueueAction] {
        switch way {
        case .unreachable(let reason):
            let failure = DeliveryFailure.local(451, EnhancedStatusCode(4, 4, 0), reason, scope: .destination, stage: .resolve)
            return failWaiting(
                entry.message, waitingIndices(of: entry), failure, route: route.value.name, source: source.name, at: now)
        case .endpoint(let endpoint, let site):
            return makeReady(entry, site, [endpoint], route: route, source: source, lane: lane, at: now)
        case .target(let target):
            if let known = resolutions[target], known.until > now {
                return placeResolved(entry, known.resolution, route: route, source: source, lane: lane, at: now)
            }
            let waiting = WaitingEntry(entry: entry, route: route, source: source, lane: lane)
            if resolving[target] != nil {
                resolving[target]?.append(waiting)
                return []
            }
            resolving[target] = [waiting]
            return [.resolve(target)]
        }
    }

    /// The answer to `.resolve`.
    package mutating func resolved(_ target: ResolveTarget, _ resolution: Resolution, at now: Timestamp) -> [QueueAction] {
        // A transient failure is not remembered: the next message asks again, and the resolver's own cache bounds the cost.
        if case .failed(let failure) = resolution, !failure.isPermanent {
        } else {
            remember(KnownResolution(resolution: resolution, until: now + settings.resolutionKept), of: target, at: now)
        }
        var actions: [QueueAction] = []
        for waiting in resolving.removeValue(forKey: target) ?? [] {
            actions += placeResolved(
                waiting.entry, resolution, route: waiting.route, source: waiting.source, lane: waiting.lane, at: now)
        }
        return actions
    }

    private mutating func remember(_ known: KnownResolution, of target: ResolveTarget, at now: Timestamp) {
        if resolutions.count >= settings.resolutionsMax {
            resolutions = resolutions.filter { $0.value.until > now }
            // The resolver's cache stands behind this one: to forget everything costs a question each, not a look-up.
            if resolutions.count >= settings.resolutionsMax { resolutions.removeAll(keepingCapacity: true) }
        }
        resolutions[target] = known
    }

    private mutating func placeResolved(
        _ entry: Entry, _ resolution: Resolution, route: SharedRoute, source: EgressSource, lane: Lane, at now: Timestamp
    ) -> [QueueAction] {
        switch resolution {
        case .failed(let failure):
            return failWaiting(
                entry.message, waitingIndices(of: entry), failure, route: route.value.name, source: source.name, at: now)
        case .endpoints(let endpoints, let site):
            return makeReady(entry, site, endpoints, route: route, source: source, lane: lane, at: now)
        }
    }

    mutating func makeReady(
        _ entry: Entry, _ site: String, _ endpoints: [Endpoint], route: SharedRoute, source: EgressSource, lane: Lane, at now: Timestamp
    ) -> [QueueAction] {
        if let kept = metStop(entry, route: route, source: source, lane: lane, at: now) { return kept }
        var endpoints = endpoints
        if case .smarthost = route.value.kind, messages[entry.message]?.record.tlsWish == .verified {
            for index in endpoints.indices { endpoints[index].tls = HostTLS(.requireTLS) }
        }
        endpoints = source.isStandard ? endpoints : endpoints.filter { source.reaches($0.address) }
        guard !endpoints.isEmpty else { return failForFamily(entry, route: route.value, source: source, at: now) }
        let way = SiteWay(site: site, endpoints: endpoints, route: route, source: source)
        return put(entry, way, lane: lane, at: now)
    }

    /// Back to the store until the pause is looked at again. What is out of time meanwhile expires, as it would without a pause.
    mutating func keepPaused(_ id: MessageID, _ indices: [Int32], at now: Timestamp) -> [QueueAction] {
        guard !indices.isEmpty, let record = messages[id]?.record else { return [] }
        guard now >= record.expiresAt else { return giveBack(id, indices, dueAt: min(now + settings.pausedWait, record.expiresAt)) }
        let failure = DeliveryFailure(
            isPermanent: false, scope: .host, stage: .connect,
            reply: SMTPReply(451, EnhancedStatusCode(4, 7, 0), "This mail was kept back here until its time was over"), isLocal: true)
        return failWaiting(id, indices, failure, route: "", at: now)
    }

    /// Whether the stop button keeps a recipient back.
    func isPaused(_ message: MessageRecord, _ recipient: RecipientRecord, route: String) -> Bool {
        if !restricted.isEmpty, isRestricted(message, recipient) { return true }
        guard !directory.pauses.isEmpty else { return false }
        // News of the trouble is not what the button is pressed for.
        let isStopped = directory.pauses.contains(.all) || (!recipient.isInternal && directory.pauses.contains(.external))
        return (isStopped && !message.isAlertNotice)
            || directory.pauses.contains(.sender(message.sender.lowercased())) || directory.pauses.contains(.route(route))
    }

    /// Postern's own notices go on: somebody has to be told.
    private func isRestricted(_ message: MessageRecord, _ recipient: RecipientRecord) -> Bool {
        guard message.trafficClass != .notice else { return false }
        var entities: [RestrictedEntity] = [.organisation, RestrictedEntity(senderNamed: message.sender)]
        if message.principal.hasPrefix("connector:") { entities.append(.connector(String(message.principal.dropFirst(10)))) }
        return entities.contains { entity in restricted[entity].map { isExternalOnly in !isExternalOnly || !recipient.isInternal } ?? false
        }
    }

    /// Returns waiting recipients to the store, untouched.
    mutating func giveBack(_ id: MessageID, _ indices: [Int32], dueAt: Timestamp, waitsFor list: Int32 = 0) -> [QueueAction] {
        guard let tenant = messages[id]?.record.tenant else { return [] }
        let released = unlease(id, indices)
        guard !released.isEmpty else { return [] }
        unsettledCount += released.count
        scheduled.becameDue(at: dueAt)
        let ids = released.map { RecipientID(tenant: tenant, message: id, index: $0.record.index) }
        return [.giveBack(ids, dueAt: dueAt, owner: owner, waitsFor: list)]
    }

    /// Takes recipients out of memory; the message goes with the last of them.
    mutating func unlease(_ id: MessageID, _ indices: [Int32]) -> [LeasedRecipient] {
        guard var message = messages.removeValue(forKey: id) else { return [] }
        var removed: [LeasedRecipient] = []
        if message.recipients.count == 1, indices == [message.recipients[0].record.index] {
            swap(&removed, &message.recipients)
        } else {
            let leaving = Set(indices)
            removed = message.recipients.filter { leaving.contains($0.record.index) }
            message.recipients.removeAll { leaving.contains($0.record.index) }
        }
        leasedCount -= removed.count
        if message.recipients.isEmpty {
            freshBytes -= message.content?.count ?? 0
        } else {
            messages[id] = message
        }
        return removed
    }
}
