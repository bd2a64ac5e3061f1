import DequeModule
package import MailModel
import OutboundPolicy

// Connections: opened for ready mail, kept for more of it, closed when idle.
extension DeliveryQueue {
    /// Hands ready entries of a site to connections: an idle one (of the same lane first), or a new one while the limits allow.
    ///
    /// No copy of a site is held while an entry is taken from it: the taking would copy the whole list.
    mutating func serve(_ key: SiteKey, lane: Lane, at now: Timestamp) -> [QueueAction] {
        guard mayBegin, !isAtRest(key.route, at: now) else { return [] }
        var actions: [QueueAction] = []
        while sites[key]?.ready.isEmpty == false {
            guard mayTakeTurn(key, at: now) else {
                actions += overflow(key, lane: lane, at: now)
                break
            }
            if let id = takeIdle(key, preferring: lane) {
                if let order = beginNext(on: id, at: now, &actions) { actions.append(.attempt(order)) }
                continue
            }
            guard sites[key]?.wantsConnection == true, !hasEnoughConnections(key.route), hasPlace(key, lane: lane, &actions),
                mayOpenBySharing(key, at: now)
            else { break }
            guard connections.count < settings.connectionsMax || makeRoom(&actions) else {
                if sites[key]?.isStarving == false {
                    sites[key]?.isStarving = true
                    starving.append(StarvingSite(key: key, lane: lane))
                }
                break
            }
            let endpoint = sites[key]?.nextEndpoint ?? 0
            sites[key]?.nextEndpoint = 0
            actions.append(open(key, lane: lane, endpointIndex: endpoint, onlyTLSFailed: endpoint == 0, at: now))
        }
        return actions
    }

    private mutating func takeIdle(_ key: SiteKey, preferring lane: Lane) -> ConnectionID? {
        guard let idle = sites[key]?.idle, !idle.isEmpty else { return nil }
        let position = idle.lastIndex { connections[$0]?.lane == lane } ?? idle.count - 1
        sites[key]?.idle.remove(at: position)
        return idle[position]
    }

    private mutating func open(
        _ key: SiteKey, lane: Lane, endpointIndex: Int, onlyTLSFailed: Bool, failedTLS: String? = nil, at now: Timestamp
    ) -> QueueAction {
        guard let site = sites[key] else { preconditionFailure("no such site") }
        lastConnection += 1
        let id = ConnectionID(lastConnection)
        connections[id] = Connection(
            site: key, lane: lane, phase: .opening, endpointIndex: endpointIndex, isPlaintextFallback: failedTLS != nil,
            onlyTLSFailed: onlyTLSFailed, begunAt: now)
        if !site.meters.isEmpty { shaping.opened(site.meters, at: now) }
        sites[key]?.connections.insert(id)
        sites[key]?.openingCount += 1
        hostGroups[site.hosts, default: HostGroup()].connections.insert(id)
        var order = ConnectionOrder(
            id: id, lane: lane, source: site.source, endpoint: site.endpoints[min(endpointIndex, site.endpoints.count - 1)],
            tls: site.route.value.tls,
            isImplicitTLS: false, routeName: site.route.value.baseName)
        if case .smarthost(let hop) = site.route.value.kind {
            order.tls = hop.tls
            order.isImplicitTLS = hop.isImplicitTLS
            order.userName = hop.userName
            order.password = hop.password
            order.api = hop.api
        }
        if case .builtIn = site.route.value.kind { order.tls = .none }
        if failedTLS != nil { order.tls = .none }
        order.failedTLS = failedTLS
        if case .mx = site.route.value.kind { order.domain = firstDomain(of: site) }
        return .connect(order)
    }

    /// The domain that a new connection to a site is for.
    private func firstDomain(of site: Site) -> DomainName? {
        guard let entry = site.ready.peek(where: { _ in true }), let message = messages[entry.message], let index = entry.indices.first,
            let position = message.position(of: index)
        else { return nil }
        return message.recipients[position].record.recipient.address.domain
    }

    /// Closes the connection that has been idle longest; false where all are at work.
    private mutating func makeRoom(_ actions: inout [QueueAction]) -> Bool {
        let oldest = idleConnections.min { ($0.since, $0.id.value) < ($1.since, $1.id.value) }
        guard let id = oldest?.id, let key = connections[id]?.site else { return false }
        close(id, &actions)
        dropIfUnused(key)
        return true
    }

    var idleConnections: [(id: ConnectionID, since: Timestamp)] {
        sites.values.flatMap(\.idle).compactMap { id in
            if case .idle(let since)? = connections[id]?.phase { (id, since) } else { nil }
        }
    }

    /// A connection is ready for its first transaction.
    package mutating func connectionReady(_ id: ConnectionID, at now: Timestamp) -> [QueueAction] {
        guard let connection = connections[id], case .opening = connection.phase else { return [] }
        sites[connection.site]?.openingCount -= 1
        if !shaping.destinations.isEmpty { heardOfLife(connection.site, at: now) }
        return makeIdle(id, at: now)
    }

    /// A connection could not be made, or the other side refused a session. The next endpoint is tried; after the last one, and where no
    /// other connection to the site lives, everything that waits for it fails for now.
    package mutating func connectionFailed(_ id: ConnectionID, _ failure: DeliveryFailure, at now: Timestamp) -> [QueueAction] {
        guard let connection = connections[id], case .opening = connection.phase else { return connectionClosed(id, at: now) }
        let hosts = sites[connection.site]?.hosts
        return failed(id, connection, failure, at: now) + (hosts.map { serveHosts($0, at: now) } ?? [])
    }

    private mutating func failed(
        _ id: ConnectionID, _ connection: Connection, _ failure: DeliveryFailure, at now: Timestamp
    ) -> [QueueAction] {
        let key = connection.site
        sites[key]?.openingCount -= 1
        let established = establishedCount(ofSite: key)
        forget(id)
        guard let site = sites[key] else { return [] }
        let reactions = heardOfConnection(failure, key, established: established, begunAt: connection.begunAt, at: now)
        let host = site.endpoints[min(connection.endpointIndex, site.endpoints.count - 1)].hostName
        if !failure.isLocal, let refused = heardOfSession(failure, key, host: host, at: now) {
            dropIfUnused(key)
            return reactions + refused + serveStarving(at: now)
        }
        // What is ready waits out the rest that the host asked for.
        if isAtRest(key.route, at: now) { return reactions + serveStarving(at: now) }
        if failure.stage == .startTLS, !connection.isPlaintextFallback, mayFallBack(site, connection), !site.ready.isEmpty {
            guard mayOpenBySharing(key, at: now) else { return reactions + serveStarving(at: now) }
            return reactions
                + [
                    open(
                        key, lane: connection.lane, endpointIndex: connection.endpointIndex, onlyTLSFailed: false,
                        failedTLS: failure.reply.text, at: now)
                ]
        }
        let onlyTLSFailed = connection.onlyTLSFailed && failure.stage == .startTLS
        if connection.endpointIndex + 1 < site.endpoints.count, !site.ready.isEmpty {
            guard mayOpenBySharing(key, at: now) else {
                sites[key]?.nextEndpoint = connection.endpointIndex + 1
                return reactions + serveStarving(at: now)
            }
            return reactions
                + [
                    open(
                        key, lane: connection.lane, endpointIndex: connection.endpointIndex + 1, onlyTLSFailed: onlyTLSFailed, at: now)
                ]
        }
        var actions = reactions
        if site.connections.isEmpty {
            let failure = onlyTLSFailed ? failure.asAsked(by: site.endpoints) : failure
            let facts = ConnectionFacts(failed: failure, at: site.endpoints[min(connection.endpointIndex, site.endpoints.count - 1)])
            // Other hosts may be meant by a new look-up.
            resolutions = resolutions.filter { if case .endpoints(_, site.facts.site) = $0.value.resolution { false } else { true } }
            for entry in sites[key]?.ready.takeAll() ?? [] {
                actions += failWaiting(
                    entry.message, waitingIndices(of: entry), failure, route: key.route, source: site.source.name, facts: facts, at: now)
            }
        }
        dropIfUnused(key)
        return actions + serveStarving(at: now)
    }

    /// Opportunistic TLS (RFC 7435) goes on in plaintext where the handshake fails; nothing else does.
    private func mayFallBack(_ site: Site, _ connection: Connection) -> Bool {
        let route = site.route.value
        if site.endpoints[min(connection.endpointIndex, site.endpoints.count - 1)].tls?.forbidsPlaintext == true { return false }
        if case .smarthost(let hop) = route.kind { return hop.tls == .opportunistic && !hop.isImplicitTLS && hop.userName == nil }
        return route.tls == .opportunistic
    }

    /// An idle connection was closed by the other side.
    package mutating func connectionClosed(_ id: ConnectionID, at now: Timestamp) -> [QueueAction] {
        guard let connection = connections[id] else { return [] }
        guard case .idle = connection.phase else { return [] }
        forget(id)
        return afterClosing(connection, at: now)
    }

    /// Puts a connection to work again, or to rest.
    mutating func makeIdle(_ id: ConnectionID, at now: Timestamp) -> [QueueAction] {
        guard let connection = connections[id], let route = sites[connection.site]?.route.value else { return [] }
        var actions: [QueueAction] = []
        if isStopped || connection.messagesBegun >= messagesPerConnection(connection.site, route)
            || hasEnoughConnections(connection.site.route, beside: 1) || hasTooManyConnections(connection.site) || givesWay(connection)
        {
            close(id, &actions)
            return actions + afterClosing(connection, at: now)
        }
        if let order = beginNext(on: id, at: now, &actions) {
            actions.append(.attempt(order))
            return actions
        }
        if isWaitedFor(connection) {
            close(id, &actions)
            return actions + afterClosing(connection, at: now)
        }
        return actions + serveStarving(at: now)
    }

    /// Who waits for the place of a connection that is gone comes before its own site.
    mutating func afterClosing(_ connection: Connection, at now: Timestamp) -> [QueueAction] {
        let waiting = sites[connection.site].map { serveHosts($0.hosts, at: now) } ?? []
        let actions = waiting + serve(connection.site, lane: connection.lane, at: now) + serveStarving(at: now)
        dropIfUnused(connection.site)
        return actions
    }

    /// The next entry of the connection's site that may still be attempted begins; without one the connection rests.
    private mutating func beginNext(on id: ConnectionID, at now: Timestamp, _ actions: inout [QueueAction]) -> AttemptOrder? {
        guard let connection = connections[id] else { return nil }
        while mayBegin, !isAtRest(connection.site.route, at: now), let entry = nextEntry(connection.site, at: now) {
            if let order = begin(entry, on: id, site: connection.site, at: now, &actions) { return order }
        }
        connections[id]?.phase = .idle(since: now)
        sites[connection.site]?.idle.append(id)
        return nil
    }

    /// The last look before MAIL FROM: what was cancelled, held, paused, stopped or suppressed since does not begin (promise 6).
    private mutating func begin(
        _ entry: Entry, on id: ConnectionID, site: SiteKey, at now: Timestamp, _ actions: inout [QueueAction]
    ) -> AttemptOrder? {
        let waiting = sparing(entry.message, waitingIndices(of: entry), &actions, at: now)
        guard !waiting.isEmpty else { return nil }
        if let kept = metStopAtBegin(entry, route: site.route, at: now) {
            actions += kept
            return nil
        }
        if let kept = metHoldAtBegin(entry, site, at: now) {
            actions += kept
            return nil
        }
        guard let place = messages.index(forKey: entry.message), let route = sites[site]?.route.value else { return nil }
        let record = messages.values[place].record
        let content = messages.values[place].content
        var recipients: [RecipientRecord] = []
        var paused: [Int32] = []
        for index in waiting {
            guard let position = messages.values[place].position(of: index) else { continue }
            let recipient = messages.values[place].recipients[position].record
            if isPaused(record, recipient, route: route.baseName) {
                paused.append(index)
            } else {
                messages.values[place].recipients[position].isInFlight = true
                recipients.append(recipient)
            }
        }
        actions += keepPaused(entry.message, paused, at: now)
        guard !recipients.isEmpty, let lane = connections[id]?.lane else { return nil }
        var begun = entry
        begun.indices = recipients.map(\.index)
        connections[id]?.phase = .busy(begun)
        connections[id]?.messagesBegun += 1
        connections[id]?.begunAt = now
        hasBegun(entry, recipients: recipients.count, site, at: now)
        let isOwn = recipients.count == 1 && !recipients[0].isInternal && hasOwnReturnPath(record, by: route)
        return AttemptOrder(
            connection: id, lane: lane, record: record, recipients: recipients, content: content, routeName: route.baseName,
            rewriting: route.rewriting, hasOwnReturnPath: isOwn)
    }

    /// Closes the connections that have had no work since `time` or earlier.
    mutating func closeIdle(since time: Timestamp) -> [QueueAction] {
        var actions: [QueueAction] = []
        for idle in idleConnections.sorted(by: { $0.id.value < $1.id.value }) where idle.since <= time {
            guard let key = connections[idle.id]?.site else { continue }
            close(idle.id, &actions)
            dropIfUnused(key)
        }
        return actions
    }

    mutating func serveStarving(at now: Timestamp) -> [QueueAction] {
        guard mayBegin else { return [] }
        var actions: [QueueAction] = []
        while !starving.isEmpty, connections.count < settings.connectionsMax || makeRoom(&actions), let next = starving.popFirst() {
            sites[next.key]?.isStarving = false
            actions += serve(next.key, lane: next.lane, at: now)
            dropIfUnused(next.key)
        }
        return actions
    }

    mutating func close(_ id: ConnectionID, _ actions: inout [QueueAction]) {
        if let lane = connections[id]?.lane { actions.append(.close(id, lane)) }
        forget(id)
    }

    mutating func forget(_ id: ConnectionID) {
        guard let connection = connections.removeValue(forKey: id) else { return }
        if let meters = sites[connection.site]?.meters, !meters.isEmpty { shaping.closed(meters) }
        if let hosts = sites[connection.site]?.hosts {
            hostGroups[hosts]?.connections.remove(id)
            dropIfUnused(hosts: hosts)
        }
        sites[connection.site]?.connections.remove(id)
        if case .idle = connection.phase { sites[connection.site]?.idle.removeAll { $0 == id } }
    }

    mutating func dropIfUnused(_ key: SiteKey) {
        if let site = sites[key], site.ready.isEmpty, site.connections.isEmpty, !site.isStarving { sites.removeValue(forKey: key) }
    }
}

extension ConnectionFacts {
    /// Of a connection that came to nothing.
    fileprivate init(failed failure: DeliveryFailure, at endpoint: Endpoint) {
        self.init(host: endpoint.hostName, address: endpoint.address, port: endpoint.port)
        guard failure.stage == .startTLS else { return }
        let demand = endpoint.tls?.demand ?? .route
        if failure.reply.enhancedCode == DeliveryFailure.lacksRequireTLS {
            tls = TLSDetail(demand: demand, reason: "the host does not offer REQUIRETLS")
        } else {
            let fault = TLSFault.allCases.first { failure.reply.text.contains($0.words) }
            tls = TLSDetail(demand: demand, fault: fault ?? .validationFailure)
        }
    }
}

extension DeliveryFailure {
    /// No host has the TLS that a message with REQUIRETLS asks for: the sender is told (RFC 8689 §4.2.1).
    fileprivate func asAsked(by endpoints: [Endpoint]) -> DeliveryFailure {
        guard endpoints.contains(where: { $0.tls?.isAllTheWay == true }) else { return self }
        let lacksExtension = reply.enhancedCode == DeliveryFailure.lacksRequireTLS
        let code = lacksExtension ? DeliveryFailure.lacksRequireTLS : EnhancedStatusCode(5, 7, 10)
        return .local(550, code, reply.text, scope: .destination, stage: stage)
    }
}
