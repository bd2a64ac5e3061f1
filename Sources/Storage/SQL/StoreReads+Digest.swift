import DeliveryPlanning
package import MailModel

/// The journal, and the figures that were made from it.
extension StoreReads {
    private static var journalRowsMax: Int { 64 }
    /// So that the commit of the digest, with which others wait, takes some milliseconds.
    private static var journalBytesMax: Int { 192 * 1024 }
    /// Rows after which a segment of words takes no more.
    private static var segmentRowsMax: Int64 { 40_000 }

    /// Of the oldest commits in the journal; nil where there is none.
    static func traceDigest(_ connection: some StoreConnection) throws -> TraceDigest? {
        var numbers: [Int64] = []
        var entries: [TraceJournalEntry] = []
        var bytes = 0
        let statement = try connection.prepare(DigestStatements.journal).begin().bind(journalRowsMax)
        while bytes < journalBytesMax, try statement.step() {
            numbers.append(statement.readInt64())
            let content = statement.readBytes()
            bytes += content.count
            entries += try TraceJournalEntry.read(content)
        }
        statement.end()
        guard !numbers.isEmpty else { return nil }
        let known = try destinations(connection, entries)
        var digest = TraceDigest(numbers: numbers, entries) { known[$0] }
        let newest = try connection.prepare(DigestStatements.newestSegment)
        for day in digest.days {
            newest.begin().bind(day)
            let found = try newest.step() ? (segment: newest.readInt64(), rows: newest.readInt64()) : nil
            newest.end()
            digest.segments[day] = found.map { $0.rows < segmentRowsMax ? $0.segment : $0.segment + 1 } ?? 0
        }
        return digest
    }

    /// Where the recipients are that the entries change: most of them came in the same journal.
    private static func destinations(
        _ connection: some StoreConnection, _ entries: [TraceJournalEntry]
    ) throws -> [RecipientID: String] {
        var known: [RecipientID: String] = [:]
        var missing: Set<RecipientID> = []
        for entry in entries {
            switch entry {
            case .accepted(let head, _, _, _, _, let recipients):
                for (index, recipient) in recipients.enumerated() {
                    known[RecipientID(tenant: head.tenant, message: head.message, index: Int32(index))] = recipient.destination
                }
            case .changed(let head, let index, _, _, _, _):
                let id = RecipientID(tenant: head.tenant, message: head.message, index: index)
                if known[id] == nil { missing.insert(id) }
            case .refused: break
            }
        }
        let depth = max(1, min(connection.pipelineDepth, missing.count))
        let selects = try (0..<depth).map { _ in try connection.prepare(DigestStatements.destination) }
        var rest = missing.sorted()[...]
        while !rest.isEmpty {
            for (id, select) in zip(rest, selects) {
                try select.begin().bind(id.message.day).bind(id.message.value).bind(id.index).bind(id.tenant.value).ask()
            }
            for (id, select) in zip(rest, selects) {
                if try select.step() { known[id] = select.readText() }
                select.end()
            }
            rest = rest.dropFirst(depth)
        }
        return known
    }

    // MARK: Figures

    static func traffic(_ connection: some StoreConnection, _ query: TrafficQuery) throws -> Traffic {
        var traffic = Traffic()
        let length = try connection.prepare(DigestStatements.journalLength).begin()
        if try length.step() { traffic.journalLength = length.readInt() }
        length.end()
        if let destination = query.destination {
            traffic.steps = try steps(connection, query, destination)
        } else {
            traffic.steps = try steps(connection, query)
            traffic.destinations = try destinations(connection, query)
        }
        return traffic
    }

    private static func steps(_ connection: some StoreConnection, _ query: TrafficQuery) throws -> [Timestamp: TrafficCounts] {
        let first = query.since.begin(of: query.step)
        let last = query.until.begin(of: query.step)
        let statement = try connection.prepare(DigestStatements.counts).begin().bind(first.day).bind(query.until.day)
        var steps: [Timestamp: TrafficCounts] = [:]
        while try statement.step() {
            let time = Timestamp(seconds: statement.readInt64() * 86_400 + statement.readInt64() * 300).begin(of: query.step)
            let counts = statement.readCounts()
            if time >= first, time <= last { steps[time, default: TrafficCounts()] += counts }
        }
        return steps
    }

    private static func steps(
        _ connection: some StoreConnection, _ query: TrafficQuery, _ destination: String
    ) throws -> [Timestamp: TrafficCounts] {
        let step: TrafficQuery.Step = query.step == .day ? .day : .hour
        let statement = try connection.prepare(DigestStatements.oneDestination)
        var steps: [Timestamp: TrafficCounts] = [:]
        var time = query.since.begin(of: step)
        while time <= query.until {
            let hour = step == .day ? 24 : (time.seconds - Int64(time.day) * 86_400) / 3600
            statement.begin().bind(time.day).bind(hour).bind(destination)
            if try statement.step() {
                let counts = statement.readCounts()
                if !counts.isEmpty { steps[time] = counts }
            }
            statement.end()
            time = time + step.length
        }
        return steps
    }

    /// Whole days by their own rows, the others by their hours.
    private static func destinations(_ connection: some StoreConnection, _ query: TrafficQuery) throws -> [String: TrafficCounts] {
        let statement = try connection.prepare(DigestStatements.destinations)
        var found: [String: TrafficCounts] = [:]
        guard query.since <= query.until else { return found }
        let (first, last) = (query.since.begin(of: .hour), query.until.begin(of: .hour))
        for day in first.day...last.day {
            let begin = day == first.day ? first.hour : 0
            let end = day == last.day ? last.hour : 23
            let hours = begin == 0 && end == 23 ? 24...24 : begin...end
            statement.begin().bind(day).bind(hours.lowerBound).bind(hours.upperBound)
            while try statement.step() {
                let destination = statement.readText()
                found[destination, default: TrafficCounts()] += statement.readCounts()
            }
            statement.end()
        }
        return found
    }

    static func queueShape(_ connection: some StoreConnection, at now: Timestamp) throws -> [QueueShapeRow] {
        let minute = now.seconds / 60
        let statement = try connection.prepareLong(DigestStatements.queueShape).begin()
        for age in QueueShape.ages { statement.bind(minute - Int64(age)) }
        var rows: [QueueShapeRow] = []
        while try statement.step() {
            let destination = statement.readText()
            let younger = QueueShape.ages.map { _ in statement.readInt() } + [statement.readInt()]
            let counts = younger.indices.map { younger[$0] - ($0 == 0 ? 0 : younger[$0 - 1]) }
            let held = statement.readInt()
            let row = QueueShapeRow(
                destination: destination, counts: counts, held: held, oldest: Timestamp(seconds: statement.readInt64() * 60))
            if row.total > 0 { rows.append(row) }
        }
        return rows
    }
}

extension StoreStatement {
    fileprivate func readCounts() -> TrafficCounts {
        var counts = TrafficCounts()
        for kind in TrafficCount.allCases { counts[kind] = readInt() }
        return counts
    }
}

extension Timestamp {
    /// The beginning of the step that it lies in, by UTC.
    package func begin(of step: TrafficQuery.Step) -> Timestamp {
        let length = step.length.milliseconds / 1000
        let rest = seconds % length
        return Timestamp(seconds: seconds - (rest < 0 ? rest + length : rest))
    }

    fileprivate var hour: Int64 { (seconds - Int64(day) * 86_400) / 3600 }
}
