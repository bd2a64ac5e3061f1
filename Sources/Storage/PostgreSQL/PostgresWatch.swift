import Synchronization

/// Waits for changes that other nodes commit: the server tells of them, and a look every now and then finds what was told while the
/// connection was broken.
final class PostgresWatch: Sendable {
    private struct State {
        var connection: PostgresConnection?
    }

    private let state = Mutex(State())
    private let isClosing: @Sendable () -> Bool
    private let connect: @Sendable () throws -> PostgresConnection

    private static let longestBetweenLooks = Duration.milliseconds(500)

    init(isClosing: @escaping @Sendable () -> Bool, connect: @escaping @Sendable () throws -> PostgresConnection) {
        self.isClosing = isClosing
        self.connect = connect
    }

    /// One thread at a time.
    func wait(since known: StoreChange, timeout: Duration) throws -> StoreChange {
        try state.withLock { state in
            do {
                let connection = try state.connection ?? listening()
                state.connection = connection
                return try wait(on: connection, since: known, until: ContinuousClock.now + timeout)
            } catch {
                state.connection = nil
                throw error
            }
        }
    }

    private func listening() throws -> PostgresConnection {
        let connection = try connect()
        try connection.execute("LISTEN postern")
        return connection
    }

    private func wait(
        on connection: PostgresConnection, since known: StoreChange, until deadline: ContinuousClock.Instant
    ) throws -> StoreChange {
        while true {
            let change = try StoreReads.lastChange(connection)
            let left = deadline - ContinuousClock.now
            if change != known || isClosing() || left <= .zero { return change }
            _ = try connection.waitForNotice(min(left, PostgresWatch.longestBetweenLooks))
        }
    }

    /// Its connection ends; a wait under way ends first.
    func close() { state.withLock { $0.connection = nil } }
}
