package import MailModel
import OutboundPolicy

/// Why a recipient waits, for people.
package struct KeptBack: Hashable, Sendable {
    package var reason: String
    /// Nil where nobody knows: a person ends it, or a node that comes.
    package var until: Timestamp?

    init(_ reason: String, until: Timestamp? = nil) {
        self.reason = reason
        self.until = until
    }

    init(_ wait: ShapingWait) { self.init(wait.reason, until: wait.until) }

    package var text: String { until.map { "\(reason) (until \($0.rfc3339))" } ?? reason }
}

// Why a recipient waits: what people are told.
extension DeliveryQueue {
    /// What keeps a queued recipient back at this moment, as far as this node knows; nil where nothing but its turn does.
    package func waits(
        for recipient: EmailAddress, from sender: String, reversePath: ReversePath, tenant: TenantID, lane: TrafficLane,
        onlyRoute: String? = nil, pool: EgressPool = .normal, at now: Timestamp
    ) -> KeptBack? {
        let route: Route
        switch routes.choose(recipient: recipient, reversePath: reversePath, onlyRoute: onlyRoute, pool: pool) {
        case .success(let choice): route = choice.route.value
        case .failure(let failure): return pool == .normal ? nil : KeptBack(failure.reply.text, until: now + settings.pausedWait)
        }
        if let pause = pause(of: recipient, from: sender, route: route.baseName) { return KeptBack("the stop button: pause of \(pause)") }
        if let stop = upstream.stops[route.name] { return KeptBack(stop.finding.explanation, until: stop.probeAt) }
        switch sources.choose(for: route, in: pool) {
        case .nowhere(_, let names): return KeptBack("no running node has one of the egress sources \(names.joined(separator: ", "))")
        // That node knows what its limits are.
        case .elsewhere: return nil
        case .here(let source): return shaped(recipient, sender, tenant, lane, route, from: source, at: now)
        }
    }

    private func pause(of recipient: EmailAddress, from sender: String, route: String) -> Pause.Scope? {
        guard !directory.pauses.isEmpty else { return nil }
        let isInternal = directory.acceptedDomain(of: recipient) != nil
        let scopes: [Pause.Scope] = [.all] + (isInternal ? [] : [.external]) + [.sender(sender.lowercased()), .route(route)]
        return scopes.first(where: directory.pauses.contains)
    }

    private func shaped(
        _ recipient: EmailAddress, _ sender: String, _ tenant: TenantID, _ lane: TrafficLane, _ route: Route, from source: EgressSource,
        at now: Timestamp
    ) -> KeptBack? {
        guard !shaping.isIdle, let way = knownWay(to: recipient, route) else { return nil }
        var isSmarthost = false
        if case .smarthost = route.kind { isSmarthost = true }
        var held: DeliveryHold?
        for source in [source] + sources.others(of: route, than: source) {
            let facts = SiteFacts(
                route: route.baseName, account: route.identity, source: source.name, site: way.site, hosts: way.hosts,
                domain: shaping.table.domain(of: recipient), isSmarthost: isSmarthost)
            let destination = Destination.Key(name: facts.destination, source: source.name)
            if let hold = shaping.hold(sender: sender, tenant: tenant, to: destination, site: facts.site, at: now) {
                held = held ?? hold
                // Else the first source's mail waits, whatever the others may.
                guard held?.allowsOtherSources == true else { break }
                continue
            }
            let known = shaping.destinations[destination]?.wait(destination.name, at: now)
            return ShapingWait.later(known, shaping.look(shaping.table.covering(facts).map(\.meter), lane, at: now)).map(KeptBack.init)
        }
        return held.map { KeptBack($0.text, until: $0.until) }
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
        shaping.destinations.compactMap { key, destination in
            // What is held back altogether is no matter of less.
            guard destination.comesBackSince.map({ $0 <= now }) ?? true else { return nil }
            return SlowedDestination(
                name: key.name, source: key.source, connectionsMax: destination.connectionsMax,
                messagesPerMinute: destination.pace.map { Int($0.value) }, isDead: destination.isDeadNow,
                comesBackSince: destination.comesBackSince, restsUntil: destination.restsUntil.flatMap { $0 > now ? $0 : nil },
                reply: destination.said)
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
    /// Since when it gets mail from the source again, after a rule had kept all of it back; nil where it was not so.
    package var comesBackSince: Timestamp?
    package var restsUntil: Timestamp?
    /// What it said last.
    package var reply: SMTPReply?
}
