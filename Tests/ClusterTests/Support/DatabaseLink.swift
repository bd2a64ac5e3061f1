import Foundation
import GateSupport
import Glibc
import Synchronization

/// The way from one node to the database: a port of loopback whose connections are passed on to the server's socket, and which a test can
/// break.
///
/// `@unchecked`: the descriptor is set once; everything else is in the mutex.
final class DatabaseLink: @unchecked Sendable {
    enum Condition: Equatable {
        case sound
        /// Connections end, and no others are taken.
        case cut
        /// Nothing arrives in either direction, and no connection ends: what was said arrives when the link is sound again.
        case stalled
        /// What the node says arrives and what the server says does not: commits take place and nobody hears of it. Those
        /// connections end when the link is sound again.
        case deaf
    }

    private struct State {
        var condition = Condition.sound
        var connections: [Int: LinkedConnection] = [:]
        var connectionCount = 0
    }

    let port: Int
    private let descriptor: CInt
    private let socketPath: String
    private let state = Mutex(State())

    /// `socketPath`: of the server's Unix socket.
    init(to socketPath: String) {
        self.socketPath = socketPath
        (descriptor, port) = listenOnFreePort()
        Thread.detachNewThread { self.listen() }
    }

    /// Returns once the link is in that condition: what was passed on before is with the other side.
    func become(_ condition: Condition) {
        let ending = state.withLock { state in
            let wasDeaf = state.condition == .deaf
            state.condition = condition
            for connection in state.connections.values { connection.become(condition) }
            return condition == .cut || wasDeaf ? Array(state.connections.values) : []
        }
        for connection in ending { connection.end() }
    }

    func stop() {
        become(.cut)
        shutdown(descriptor, CInt(SHUT_RDWR))
    }

    private func listen() {
        while true {
            let peer = accept(descriptor, nil, nil)
            if peer < 0 { break }
            _ = fcntl(peer, F_SETFD, FD_CLOEXEC)
            guard state.withLock({ $0.condition }) != .cut, let server = connectToServer() else {
                reset(peer)
                continue
            }
            add(LinkedConnection(node: peer, server: server))
        }
        close(descriptor)
    }

    private func add(_ connection: LinkedConnection) {
        let number = state.withLock { state in
            state.connectionCount += 1
            state.connections[state.connectionCount] = connection
            connection.become(state.condition)
            if state.condition == .cut { connection.end() }
            return state.connectionCount
        }
        connection.start { self.state.withLock { _ = $0.connections.removeValue(forKey: number) } }
    }

    private func connectToServer() -> CInt? {
        let server = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: socketPath.utf8.prefix($0.count - 1)) }
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(server, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
        if isConnected { return server }
        close(server)
        return nil
    }

    /// Closes so that the peer hears of an error and not of an end.
    private func reset(_ descriptor: CInt) {
        var linger = Glibc.linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
        close(descriptor)
    }
}

/// One connection and its continuation: a thread for each direction.
private final class LinkedConnection: @unchecked Sendable {
    private let node: CInt
    private let server: CInt
    private let condition = NSCondition()
    /// Guarded by `condition`.
    private var current = DatabaseLink.Condition.sound
    private var isEnded = false
    private var running = 2

    init(node: CInt, server: CInt) {
        self.node = node
        self.server = server
    }

    /// `onEnd`: when both directions are over.
    func start(onEnd: @escaping @Sendable () -> Void) {
        for (source, target, isAnswer) in [(node, server, false), (server, node, true)] {
            Thread.detachNewThread {
                self.pass(from: source, to: target, isAnswer: isAnswer)
                self.end()
                if self.isLast() {
                    close(self.node)
                    close(self.server)
                    onEnd()
                }
            }
        }
    }

    func become(_ new: DatabaseLink.Condition) {
        condition.withLock {
            current = new
            condition.broadcast()
        }
    }

    func end() {
        condition.withLock {
            guard !isEnded, running > 0 else { return }
            isEnded = true
            shutdown(node, CInt(SHUT_RDWR))
            shutdown(server, CInt(SHUT_RDWR))
            condition.broadcast()
        }
    }

    private func isLast() -> Bool {
        condition.withLock {
            running -= 1
            return running == 0
        }
    }

    private func pass(from source: CInt, to target: CInt, isAnswer: Bool) {
        var space = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(source, &space, space.count, 0)
            guard count > 0, waitsUntilItMayPass() else { return }
            if isAnswer, condition.withLock({ current == .deaf }) { continue }
            guard write(space[..<count], to: target) else { return }
        }
    }

    /// False where the connection is over.
    private func waitsUntilItMayPass() -> Bool {
        condition.withLock {
            while current == .stalled, !isEnded { condition.wait() }
            return !isEnded
        }
    }

    private func write(_ bytes: ArraySlice<UInt8>, to target: CInt) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(target, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
