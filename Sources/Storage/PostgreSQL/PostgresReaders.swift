/// The reading connections of a store: made when they are needed, kept, and at most as many as threads may read at a time.
///
/// Connections are handed from thread to thread under the monitor's lock, and used by one at a time.
final class PostgresReaders: Sendable {
    private struct State {
        var idle: [PostgresConnection] = []
        var open = 0
        var isClosed = false
    }

    private let state = Monitor(State())
    private let connectionsMax: Int
    private let connect: @Sendable () throws -> PostgresConnection

    init(_ connectionsMax: Int, connect: @escaping @Sendable () throws -> PostgresConnection) {
        self.connectionsMax = connectionsMax
        self.connect = connect
    }

    /// In one snapshot. A kept connection that has broken meanwhile is replaced once.
    func read<T>(_ body: (PostgresConnection) throws -> T) throws -> T {
        while true {
            let kept = try take()
            let connection: PostgresConnection
            do {
                connection = try kept ?? connect()
            } catch {
                give(nil)
                throw error
            }
            do {
                let value = try PostgresReaders.inSnapshot(connection, body)
                give(connection)
                return value
            } catch {
                connection.rollback()
                let mayGoWell = kept != nil && connection.isLost
                give(connection.isLost ? nil : connection)
                guard mayGoWell else { throw error }
            }
        }
    }

    private static func inSnapshot<T>(_ connection: PostgresConnection, _ body: (PostgresConnection) throws -> T) throws -> T {
        try connection.prepare("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").begin().send()
        let value = try body(connection)
        try connection.prepare("COMMIT").begin().run()
        return value
    }

    /// Nil: one may be made. Waits while all are in use.
    private func take() throws -> PostgresConnection? {
        try state.wait { state -> Result<PostgresConnection?, StoreError>? in
            if state.isClosed { return .failure(.stopped) }
            if let connection = state.idle.popLast() { return .success(connection) }
            guard state.open < connectionsMax else { return nil }
            state.open += 1
            return .success(nil)
        }.get()
    }

    /// Gives a connection back; nil for one that is no more.
    private func give(_ connection: PostgresConnection?) {
        state.withLockWakingAll { state in
            if let connection, !state.isClosed { state.idle.append(connection) } else { state.open -= 1 }
        }
    }

    /// Later reads throw `stopped`. Those under way come to their end.
    func close() {
        state.withLockWakingAll { state in
            state.isClosed = true
            state.open -= state.idle.count
            state.idle = []
        }
    }
}
