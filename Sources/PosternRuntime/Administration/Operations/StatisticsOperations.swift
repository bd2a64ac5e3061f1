package import MailModel
package import OutboundPolicy
package import Storage

/// What was accepted, delivered, deferred … over time and by destination. The figures are some seconds behind.
package struct ShowStatistics: AdministrativeOperation {
    package static let name = "statistics.show"
    package static let scope = AccessScope.statusRead
    /// Nil: a day ago.
    package var since: Timestamp?
    /// Nil: now.
    package var until: Timestamp?
    /// Nil: what suits the range.
    package var by: TrafficQuery.Step?
    /// Recipients there; nil for all. Not by five minutes.
    package var destination: DomainName?
    /// Destinations that are named, 0…1,000.
    package var top: Int

    package init(
        since: Timestamp? = nil, until: Timestamp? = nil, by: TrafficQuery.Step? = nil, destination: DomainName? = nil,
        top: Int = ShowStatistics.topStandard
    ) {
        self.since = since
        self.until = until
        self.by = by
        self.destination = destination
        self.top = top
    }

    package static let topStandard = 10
    static let topMax = 1000
    static let stepsMax = 2400

    package func perform(in administration: Administration, _ act: Act) async throws -> StatisticsView {
        let until = until ?? act.at
        let since = since ?? (until - .seconds(86_400))
        let step = by ?? ShowStatistics.step(since: since, until: until, isOfDestination: destination != nil)
        try check(since: since, until: until, step)
        try await administration.digestWhereNoGateDoes()
        let query = TrafficQuery(since: since, until: until, step: step, destination: destination?.text)
        let traffic = try await administration.store.read { try $0.traffic(query) }
        var steps: [StatisticsView.Step] = []
        var total = TrafficCounts()
        var time = since.begin(of: step)
        let first = time
        while time <= until {
            let counts = traffic.steps[time] ?? TrafficCounts()
            total += counts
            steps.append(StatisticsView.Step(time: time.rfc3339, figures: TrafficFigures(counts)))
            time = time + step.length
        }
        let sorted = traffic.destinations.sorted { ($1.value[.accepted], $0.key) < ($0.value[.accepted], $1.key) }
        let others = sorted.dropFirst(top).reduce(into: TrafficCounts()) { $0 += $1.value }
        return StatisticsView(
            since: first.rfc3339, until: until.rfc3339, by: step, steps: steps, total: TrafficFigures(total),
            destinations: sorted.prefix(top).map { StatisticsView.Destination(destination: $0.key, figures: TrafficFigures($0.value)) },
            others: sorted.count > top ? TrafficFigures(others) : nil, isBehind: traffic.journalLength > 0)
    }

    private static func step(since: Timestamp, until: Timestamp, isOfDestination: Bool) -> TrafficQuery.Step {
        let length = until - since
        if length <= .seconds(6 * 3600), !isOfDestination { return .fiveMinutes }
        return length <= .seconds(4 * 86_400) ? .hour : .day
    }

    private func check(since: Timestamp, until: Timestamp, _ step: TrafficQuery.Step) throws {
        guard since <= until else { throw AdministrationError(.invalid, "the range ends before it begins") }
        guard (0...ShowStatistics.topMax).contains(top) else {
            throw AdministrationError(.invalid, "--top \(top) is out of range", "It takes 0 to \(ShowStatistics.topMax).")
        }
        guard (until - since).milliseconds / step.length.milliseconds < Int64(ShowStatistics.stepsMax) else {
            throw AdministrationError(
                .invalid, "the range has more than \(ShowStatistics.stepsMax) steps", "Take longer steps or a shorter range.")
        }
        guard destination == nil || step != .fiveMinutes else {
            throw AdministrationError(.invalid, "there are no figures of a destination by five minutes", "Take hour or day.")
        }
    }
}

/// Open recipients by destination and age, as qshape shows them. The figures are some seconds behind.
package struct ShowQueueShape: AdministrativeOperation {
    package static let name = "queue.shape"
    package static let scope = AccessScope.queueRead
    /// Destinations that are named, 1…1,000.
    package var top: Int

    package init(top: Int = 20) { self.top = top }

    package func perform(in administration: Administration, _ act: Act) async throws -> QueueShapeView {
        guard (1...ShowStatistics.topMax).contains(top) else {
            throw AdministrationError(.invalid, "--top \(top) is out of range", "It takes 1 to \(ShowStatistics.topMax).")
        }
        try await administration.digestWhereNoGateDoes()
        let rows = try await administration.store.read { try $0.queueShape(at: act.at) }
        return QueueShapeView(rows, top: top)
    }
}

extension Administration {
    func digestWhereNoGateDoes() async throws {
        if live == nil { try await TraceDigestion.finish(store) }
    }
}
