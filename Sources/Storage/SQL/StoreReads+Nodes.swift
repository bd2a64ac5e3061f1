import MailModel

/// Reads of runs and news.
extension StoreReads {
    /// A row of `node_run`.
    struct Run {
        var owner: Int64
        var node: UInt8
        var name: String
        var version: String
        var addresses: [String]
        var sources: [String]
        var startedAt: Timestamp
        var seenAt: Timestamp
        var leaseUntil: Timestamp
        var endedAt: Timestamp?
        var ending: NodeRow.State?

        func state(at now: Timestamp) -> NodeRow.State { ending ?? (leaseUntil <= now ? .lapsed : .running) }
    }

    static func runs(_ connection: some StoreConnection) throws -> [Run] {
        let statement = try connection.prepare(NodeStatements.runs).begin()
        var runs: [Run] = []
        while try statement.step() {
            runs.append(
                Run(
                    owner: statement.readInt64(), node: UInt8(clamping: statement.readInt64()), name: statement.readText(),
                    version: statement.readText(), addresses: statement.readText().split(separator: " ").map(String.init),
                    sources: statement.readText().split(separator: " ").map(String.init),
                    startedAt: Timestamp(milliseconds: statement.readInt64()), seenAt: Timestamp(milliseconds: statement.readInt64()),
                    leaseUntil: Timestamp(milliseconds: statement.readInt64()),
                    endedAt: statement.readOptionalInt64().map(Timestamp.init(milliseconds:)),
                    ending: statement.readOptionalText().flatMap(NodeRow.State.init)))
        }
        return runs
    }

    static func nodes(_ connection: some StoreConnection, at given: Timestamp) throws -> [NodeRow] {
        let now = try connection.clock(given)
        let count = try connection.prepare(NodeStatements.recipientsOfRun)
        return try runs(connection).map { run in
            count.begin().bind(run.owner)
            let recipients = try count.step() ? count.readInt() : 0
            count.end()
            return NodeRow(
                owner: run.owner, node: run.node, name: run.name, version: run.version, addresses: run.addresses,
                sources: run.sources, state: run.state(at: now), startedAt: run.startedAt, seenAt: run.seenAt, recipients: recipients)
        }
    }

    static func fact(_ connection: some StoreConnection, _ name: String) throws -> String? {
        let statement = try connection.prepare(NodeStatements.fact).begin().bind(name)
        defer { statement.end() }
        return try statement.step() ? statement.readText() : nil
    }

    static func lastChange(_ connection: some StoreConnection) throws -> StoreChange {
        let statement = try connection.prepare(NodeStatements.lastChange).begin()
        var change = StoreChange(directory: 0, news: 0)
        while try statement.step() {
            switch statement.readText() {
            case "directory": change.directory = statement.readInt64()
            case "runs": change.runs = statement.readInt64()
            case "suppressions": change.suppressions = statement.readInt64()
            default: change.news = statement.readInt64()
            }
        }
        return change
    }

    static func queueNews(_ connection: some StoreConnection, after number: Int64, limit: Int) throws -> [QueueNews] {
        let statement = try connection.prepare(NodeStatements.news).begin().bind(number).bind(limit)
        var news: [QueueNews] = []
        while try statement.step() {
            let (number, owner) = (statement.readInt64(), statement.readInt64())
            let kind = try QueueNewsCoding.kind(statement.readText(), filter: statement.readText())
            news.append(QueueNews(number: number, owner: owner, kind: kind))
        }
        return news
    }
}

extension StoreConnection {
    /// The store's own clock where it has one, else the time that was given.
    func clock(_ given: Timestamp) throws -> Timestamp {
        guard let sql = dialect.clock else { return given }
        let statement = try prepare(sql).begin()
        defer { statement.end() }
        guard try statement.step() else { throw StoreError.unavailable("the database does not tell the time") }
        return Timestamp(milliseconds: statement.readInt64())
    }
}
