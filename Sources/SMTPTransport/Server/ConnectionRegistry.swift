import Synchronization

/// The open connections of a listener.
final class ConnectionRegistry: Sendable {
    private let connections = Mutex<[ObjectIdentifier: SMTPServerConnection]>([:])

    var count: Int { connections.withLock { $0.count } }
    var all: [SMTPServerConnection] { connections.withLock { Array($0.values) } }

    func insert(_ connection: SMTPServerConnection) { connections.withLock { $0[ObjectIdentifier(connection)] = connection } }
    func remove(_ connection: SMTPServerConnection) { connections.withLock { $0[ObjectIdentifier(connection)] = nil } }
}
