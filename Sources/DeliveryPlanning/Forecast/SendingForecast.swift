package import MailModel
package import OutboundPolicy

/// When mail to many recipients will have left: by the limits of each way that it takes, of which the slowest decides.
///
/// Shaping policies, sending hours, warm-ups and connections are counted as the queue counts them. What nobody can know is not part of it:
/// other mail under the same limits, and what receivers put off.
package struct SendingForecast: Sendable {
    /// Recipients of one domain.
    package struct Group: Hashable, Sendable {
        package var domain: DomainName
        /// Its mail hosts; empty where they are not known.
        package var hosts: [String]
        package var count: Int
        /// It stands for many domains with few recipients each: limits of single sites do not hold them together.
        package var isMany: Bool

        package init(domain: DomainName, hosts: [String], count: Int, isMany: Bool = false) {
            self.domain = domain
            self.hosts = hosts
            self.count = count
            self.isMany = isMany
        }
    }

    /// Recipients that may leave from a time on.
    package struct Phase: Hashable, Sendable {
        /// 0…1, of all recipients.
        package var share: Double
        package var start: Timestamp

        package init(share: Double, start: Timestamp) {
            self.share = share
            self.start = start
        }
    }

    package struct End: Hashable, Sendable {
        package var at: Timestamp
        /// The limit that decides, in plain words; empty where none does.
        package var reason: String
    }

    /// How a message takes its time at a receiver that nobody has measured: 300 ms, and 200 ms to connect, as simulations have it.
    private static let messageMilliseconds = 300.0
    private static let connectMilliseconds = 200.0
    /// Messages that are looked at by their share of a route's sources.
    private static let sourceSamples: Int64 = 64
    /// Days that a warm-up is followed for.
    private static let daysMax = 400

    private let directory: Directory
    private let routes: RouteTable
    private let sources: SourceTable
    private let table: ShapingTable
    private let transactionalShare: Double
    private let day: OrganisationDay
    private let port: Int

    /// All sources that are not disabled are taken for living. `transactionalShare`: of each window, kept for transactional mail, 0…0.9.
    package init(_ directory: Directory, transactionalShare: Double, day: OrganisationDay, port: Int) {
        self.directory = directory
        self.transactionalShare = transactionalShare
        self.day = day
        self.port = port
        var reach = SourceReach()
        reach.elsewhere = Set(directory.sources.keys)
        routes = RouteTable(directory)
        sources = SourceTable(directory, reach)
        table = ShapingTable(directory)
    }

    // MARK: - Ways

    /// Where recipients of a group go.
    private struct Way {
        var facts: SiteFacts
        var route: Route
        var count: Double
        var isMany: Bool
    }

    /// Those that have a route, by the sources that share it.
    private func ways(of group: Group, from sender: EmailAddress) -> [Way] {
        guard let address = EmailAddress("a@\(group.domain)"),
            case .success(let choice) = routes.choose(recipient: address, reversePath: .address(sender), onlyRoute: nil)
        else { return [] }
        let route = choice.route.value
        var hosts = group.hosts
        var isSmarthost = false
        if case .smarthost(let hop) = route.kind { (hosts, isSmarthost) = (["\(hop.host)"], true) }
        let known = hosts.isEmpty ? [group.domain.text] : hosts
        let site = Set(known).sorted().joined(separator: ",") + ":\(port)"
        var names: [String: Double] = [:]
        for key in 0..<SendingForecast.sourceSamples {
            names[name(of: sources.choose(for: route, key: key), route), default: 0] += 1
        }
        return names.map { source, share in
            let facts = SiteFacts(
                route: route.baseName, account: route.identity, source: source, site: site, hosts: known, domain: table.domain(of: address),
                isSmarthost: isSmarthost)
            let count = Double(group.count) * share / Double(SendingForecast.sourceSamples)
            return Way(facts: facts, route: route, count: count, isMany: group.isMany && !isSmarthost)
        }
    }

    private func name(of choice: SourceTable.Choice, _ route: Route) -> String {
        switch choice {
        case .here(let source): source.name
        case .elsewhere(let list), .nowhere(let list, _):
            // A list of one is a source that shares by weight; otherwise the first is the one that is used.
            route.sources.first {
                SourceTable.lists(of: route, naming: EgressSource(name: $0, createdAt: .distantFuture), directory).contains(list)
            }
                ?? EgressSource.standardName
        }
    }

    // MARK: - The end

    /// What keeps recipients of one place together.
    private struct Line {
        var count = 0.0
        var policy: ShapingPolicy?
        var warmUp: WarmUp?
        /// Connections at a time, and messages on each; nil where others say so.
        var connections: (count: Int, messages: Int)?
        var words: String
    }

    /// - Parameters:
    ///   - phases: At least one, in order of time.
    ///   - used: What was used in the windows of a counter, by its name, as the store sums it.
    /// - Returns: when limits are through, and when connections are, where no limit keeps them.
    package func ends(
        of groups: [Group], from sender: EmailAddress, phases: [Phase], used: (ShapingCounter) -> [Timestamp: Int]
    ) -> (limits: End?, connections: End?) {
        var lines: [String: Line] = [:]
        for group in groups where group.count > 0 {
            for way in ways(of: group, from: sender) { add(way, to: &lines, at: phases[0].start) }
        }
        var limits: End?
        var connections: End?
        for (name, line) in lines.sorted(by: { $0.key < $1.key }) {
            if line.connections != nil {
                connections = .later(connections, end(ofConnections: line, phases))
            } else {
                limits = .later(limits, end(of: line, meter: name, phases, used))
            }
        }
        return (limits, connections)
    }

    private func add(_ way: Way, to lines: inout [String: Line], at now: Timestamp) {
        var connectionsMax = way.route.connectionsMax
        var messagesMax = way.route.messagesPerConnectionMax
        for (policy, meter) in table.covering(way.facts) where !(way.isMany && policy.scope.eachSite) {
            lines[meter, default: Line(policy: policy, words: "shaping policy \(policy.name)")].count += way.count
            connectionsMax = min(connectionsMax, policy.limits.connections ?? connectionsMax)
            messagesMax = min(messagesMax, policy.limits.messagesPerConnection ?? messagesMax)
        }
        for warmUp in directory.warmUps.values where covers(warmUp, way) && !hasWarmSource(way, at: now) {
            lines[WarmUpTable.prefix + warmUp.name, default: Line(warmUp: warmUp, words: "the warm-up \(warmUp.name)")].count += way.count
        }
        guard !way.isMany else { return }
        let words = "\(connectionsMax) connections to \(way.facts.provider?.rawValue ?? way.facts.site)"
        lines["connections \(way.facts.route) \(way.facts.site)", default: Line(connections: (connectionsMax, messagesMax), words: words)]
            .count += way.count
    }

    private func covers(_ warmUp: WarmUp, _ way: Way) -> Bool {
        warmUp.source == way.facts.source && (warmUp.provider == nil || warmUp.provider == way.facts.provider)
    }

    /// What is over a cap leaves from there.
    private func hasWarmSource(_ way: Way, at now: Timestamp) -> Bool {
        way.route.sources.contains { name in
            guard name != way.facts.source, name == EgressSource.standardName || directory.sources[name]?.isDisabled == false else {
                return false
            }
            return directory.warmUps.values.allSatisfy {
                $0.source != name || ($0.provider != nil && $0.provider != way.facts.provider) || $0.isWarm(at: now)
            }
        }
    }

    private func count(_ line: Line, _ phase: Phase) -> Int { Int((line.count * phase.share).rounded(.up)) }

    private func end(ofConnections line: Line, _ phases: [Phase]) -> End {
        let (connections, messages) = line.connections ?? (1, 1)
        let each = SendingForecast.messageMilliseconds + SendingForecast.connectMilliseconds / Double(max(1, messages))
        var end = phases[0].start
        for phase in phases {
            let taken = Double(count(line, phase)) * each / Double(max(1, connections))
            end = max(end, phase.start) + .milliseconds(Int64(taken))
        }
        return End(at: end, reason: line.words)
    }

    private func end(
        of line: Line, meter name: String, _ phases: [Phase], _ used: (ShapingCounter) -> [Timestamp: Int]
    ) -> End? {
        if let warmUp = line.warmUp { return end(of: warmUp, line, meter: name, phases, used) }
        guard let policy = line.policy else { return nil }
        var meter = MeterForecast(policy.limits, transactionalShare: transactionalShare, day: day) { used(counter(name, $0)) }
        guard meter.slowest != nil || !policy.limits.hours.isEmpty else { return nil }
        var end = phases[0].start
        for phase in phases { end = meter.leave(count(line, phase), from: max(end, phase.start)).at }
        return End(at: end, reason: line.words + (meter.slowest.map { ": \($0)" } ?? ""))
    }

    private func counter(_ meter: String, _ rate: ShapingRate) -> ShapingCounter {
        let name = "shaping/\(meter)/\(rate.unit.rawValue)-per-\(rate.period.rawValue)" + (transactionalShare > 0 ? "/other" : "")
        return ShapingCounter(name: name, window: .milliseconds(rate.period.milliseconds), limit: rate.amount)
    }

    /// Day by day: each has a cap of its own, where mail leaves on each of them and nobody complains.
    private func end(
        of warmUp: WarmUp, _ line: Line, meter name: String, _ phases: [Phase], _ used: (ShapingCounter) -> [Timestamp: Int]
    ) -> End? {
        var warmUp = warmUp
        var left = phases.map { count(line, $0) }
        var time = max(phases[0].start, warmUp.pausedUntil ?? phases[0].start)
        var sums: [Timestamp: Int]?
        for _ in 0..<SendingForecast.daysMax {
            guard let cap = warmUp.cap(at: time) else { break }
            let midnight = Timestamp(seconds: (WarmUp.day(of: time) + 1) * 86_400)
            let rate = ShapingRate(cap, .messages, per: .day)
            let known = sums ?? used(counter(name, rate))
            var meter = MeterForecast(ShapingLimits(rates: [rate]), transactionalShare: transactionalShare, day: day) { _ in known }
            var gone: [Timestamp: Int] = known
            for index in left.indices where left[index] > 0 {
                let (count, at) = meter.leave(left[index], from: max(time, phases[index].start), until: midnight)
                left[index] -= count
                if count > 0 {
                    gone[at, default: 0] += count
                    time = at
                }
                if left[index] > 0 { break }
            }
            guard left.contains(where: { $0 > 0 }) else { break }
            _ = warmUp.used(at: time)
            time = midnight
            sums = gone.filter { $0.key > midnight - .seconds(86_400) }
        }
        return End(at: time, reason: line.words)
    }
}

extension SendingForecast.End {
    fileprivate static func later(_ one: SendingForecast.End?, _ other: SendingForecast.End?) -> SendingForecast.End? {
        guard let one, let other else { return one ?? other }
        return one.at >= other.at ? one : other
    }
}
