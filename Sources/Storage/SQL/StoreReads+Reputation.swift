import DeliveryPlanning
import MailModel

/// What is known of our own reputation.
extension StoreReads {
    static func reputationChecks(_ connection: some StoreConnection) throws -> [ReputationCheck] {
        try all(connection.prepare(ReputationStatements.checks).begin())
    }

    static func reputationEvents(_ connection: some StoreConnection, before: Timestamp?, limit: Int) throws -> [ReputationEvent] {
        try all(
            connection.prepare(ReputationStatements.events).begin().bind(before?.milliseconds ?? Int64.max).bind(min(max(limit, 1), 10_000))
        )
    }

    static func reputationFigures(
        _ connection: some StoreConnection, _ source: ReputationFigure.Source, since day: Int32, limit: Int
    ) throws -> [ReputationFigure] {
        try all(connection.prepare(ReputationStatements.figures).begin().bind(source.rawValue).bind(day).bind(min(max(limit, 1), 100_000)))
    }

    private static func all<Value: Decodable>(_ statement: some StoreStatement) throws -> [Value] {
        var values: [Value] = []
        while try statement.step() { values.append(try RowText.json(Value.self, statement.readText())) }
        return values
    }
}
