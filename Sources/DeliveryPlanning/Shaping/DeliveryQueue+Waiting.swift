package import MailModel
import OutboundPolicy

// Why a recipient waits: what people are told.
extension DeliveryQueue {
    /// What keeps a queued recipient back at this moment, as far as this node knows; nil where nothing but its turn does.
    package func waits(
        for recipient: EmailAddress, from sender: String, reversePath: ReversePath, tenant: TenantID, lane: TrafficLane,
        onlyRoute: String? = nil, pool: EgressPool = .normal, at now: Timestamp
    ) -> ShapingWait? {
        let route: Route
        switch routes.choose(recipient: recipient, reversePath: reversePath, onlyRoute: onlyRoute, pool: pool) {
        case .success(let choice): route = choice.route.value
        case .failure(let failure): return pool == .normal ? nil : ShapingWait(reason: failure.reply.text, until: now + settings.pausedWait)
        }
        if let stop = upstream.stops[route.name] { return ShapingWait(reason: stop.finding.explanation, until: stop.probeAt) }
        guard !shaping.isIdle, case .here(let source) = sources.choose(for: route, in: pool), let way = knownWay(to: recipient, route)
        else {
            return nil
        }
        var isSmarthost = false
        if case .smarthost = route.kind { isSmarthost = true }
        let facts = SiteFacts(
            route: route.baseName, account: route.identity, source: source.name, site: way.site, hosts: way.hosts,
            domain: shaping.table.domain(of: recipient),
            isSmarthost: isSmarthost)
        let destination = Destination.Key(name: facts.destination, source: source.name)
        if let hold = shaping.hold(sender: sender, tenant: tenant, to: destination, site: facts.site, at: now) {
            return ShapingWait(reason: hold.text, until: hold.until)
        }
        let known = shaping.destinations[destination]?.wait(destination.name, at: now)
        return ShapingWait.later(known, shaping.look(shaping.table.covering(facts).map(\.meter), lane, at: now))
    }

    /// Whether routes lead to all recipients of a message: mail of a pool may take none of another.
    package func hasWay(in pool: EgressPool, to recipients: [EmailAddress], from reversePath: ReversePath, onlyRoute: String?) -> Bool {
        recipients.allSatisfy { recipient in
            let choice = routes.choose(recipient: recipient, reversePath: reversePath, onlyRoute: onlyRoute, pool: pool)
            if case .success = choice { return true } else { return false }
        }
    }

    private func knownWay(to recipient: EmailAddress, _ route: Route) -> (site: String, hosts: [String])? {
        switch route.kind {
        case .smarthost(let hop):
            // As it was resolved, where its mail is in memory.
            let known = sites.first { $0.key.route == route.name }?.value.facts
            return known.map { ($0.site, $0.hosts) } ?? (hop.description, [hop.host])
        case .builtIn: return builtInReceiver.map { ("\($0.address):\($0.port)", [$0.hostName]) }
        case .mx:
            guard let domain = recipient.domain else { return nil }
            for allows in [false, true] {
                let target = ResolveTarget.mx(domain, port: settings.mxPort, allowsSpecialAddresses: allows)
                if case .endpoints(let endpoints, let site)? = resolutions[target]?.resolution { return (site, endpoints.map(\.hostName)) }
            }
            return nil
        }
    }

    /// What limits and replies hold back at this moment, for people: each destination that is held or slowed.
    package func slowedDestinations(at now: Timestamp) -> [SlowedDestination] {
        shaping.destinations.map { key, destination in
            SlowedDestination(
                name: key.name, source: key.source, connectionsMax: destination.connectionsMax,
                messagesPerMinute: destination.pace.map { Int($0.value) }, isDead: destination.isDeadNow,
                restsUntil: destination.restsUntil.flatMap { $0 > now ? $0 : nil }, reply: destination.said)
        }.sorted { ($0.name, $0.source) < ($1.name, $1.source) }
    }
}

/// A destination that takes less than it would be given.
package struct SlowedDestination: Hashable, Sendable {
    package var name: String
    package var source: String
    /// Nil: as many as configured.
    package var connectionsMax: Int?
    /// Nil: as many as configured.
    package var messagesPerMinute: Int?
    /// True where it does not answer at all.
    package var isDead: Bool
    package var restsUntil: Timestamp?
    /// What it said last.
    package var reply: SMTPReply?
}
