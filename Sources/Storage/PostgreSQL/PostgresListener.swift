/// The connection on which a store hears that something changed. Confined to one thread at a time by its store.
///
/// Notifications only make it faster: each wait ends with a look at the counters, so that one which is lost (with the connection, or in a
/// pooler that gives a session to many) costs no more than the time of a wait.
final class PostgresListener {
    private let connect: () throws -> PostgresConnection
    private var connection: PostgresConnection?

    init(connect: @escaping () throws -> PostgresConnection) { self.connect = connect }

    /// Until the store has come further than that, or `timeout` is over, or `isOver` says so.
    func wait(since known: StoreChange, timeout: Duration, isOver: () -> Bool) throws -> StoreChange {
        let deadline = ContinuousClock.now + timeout
        do {
            let connection = try opened()
            while true {
                let change = try StoreReads.lastChange(connection)
                let left = deadline - ContinuousClock.now
                if change != known || left <= .zero || isOver() { return change }
                try connection.waitForNotification(min(left, PostgresListener.lookAtLeastEvery))
            }
        } catch {
            connection = nil
            throw error
        }
    }

    private static let lookAtLeastEvery = Duration.milliseconds(500)

    private func opened() throws -> PostgresConnection {
        if let connection { return connection }
        let made = try connect()
        try made.execute("LISTEN \(PostgresStatements.channel)")
        connection = made
        return made
    }
}
