import Foundation
import Synchronization

/// Stands between a client and a server's Unix socket, as a TCP port of the loopback, and breaks connections at moments that a test names.
final class FaultyProxy: Sendable {
    enum Fault: Equatable {
        /// Both sides are closed once the client sends something, which the server does not get.
        case cutBeforeNextRequest
        /// The server gets so many octets more; then both sides are closed.
        case cutAfterOctets(Int)
        /// Both sides are closed once the server answers; the client does not get it.
        case cutBeforeNextAnswer
        /// What the server answers is lost, and both sides stay open.
        case loseNextAnswer
    }

    private struct State {
        var fault: Fault?
        var refusesConnections = false
        var refused = 0
        var openSockets: Set<Int32> = []
        var isClosed = false
    }

    let port: Int
    private let listener: Int32
    private let serverPath: String
    private let state = Mutex(State())
    private let refusal = DispatchSemaphore(value: 0)

    init(to serverPath: String) throws {
        self.serverPath = serverPath
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = listener
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                bind(descriptor, raw, length) == 0 && listen(descriptor, 64) == 0 && getsockname(descriptor, raw, &length) == 0
            }
        }
        guard bound else { throw POSIXError(.EADDRINUSE) }
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread { [weak self, descriptor] in
            while true {
                let client = accept(descriptor, nil, nil)
                guard client >= 0, let self else { return }
                self.serve(client)
            }
        }.start()
    }

    deinit { close() }

    /// To be called before the test ends: its threads end then.
    func close() {
        state.withLock { state in
            guard !state.isClosed else { return }
            state.isClosed = true
            for socket in state.openSockets { shutdown(socket, Int32(SHUT_RDWR)) }
            shutdown(listener, Int32(SHUT_RDWR))
            Glibc.close(listener)
        }
    }

    /// Comes true once, with the next octets that it is about.
    func expect(_ fault: Fault) { state.withLock { $0.fault = fault } }

    var isFaultPending: Bool { state.withLock { $0.fault != nil } }

    func refuseConnections(_ refuses: Bool) { state.withLock { $0.refusesConnections = refuses } }

    /// Returns once a connection was refused since the last call.
    func waitForRefusal() { refusal.wait() }

    // MARK: Passing on

    private func serve(_ client: Int32) {
        let isRefused = state.withLock { state in
            if state.refusesConnections { state.refused += 1 }
            return state.refusesConnections
        }
        guard !isRefused, let server = connected() else {
            Glibc.close(client)
            refusal.signal()
            return
        }
        state.withLock { $0.openSockets.formUnion([client, server]) }
        let pair = Pair(client: client, server: server) { [weak self] in self?.forget($0) }
        Thread { [weak self] in pair.pump(from: client, to: server) { self?.passesRequest($0) ?? nil } }.start()
        Thread { [weak self] in pair.pump(from: server, to: client) { self?.passesAnswer($0) ?? nil } }.start()
    }

    private func forget(_ pair: Pair) {
        state.withLock { state in
            state.openSockets.subtract([pair.client, pair.server])
            Glibc.close(pair.client)
            Glibc.close(pair.server)
        }
    }

    private func connected() -> Int32? {
        let server = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(serverPath.utf8)) }
        let length = socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(server, $0, length) }
        }
        if result == 0 { return server }
        Glibc.close(server)
        return nil
    }

    /// How many of so many octets pass; nil to cut after none.
    private func passesRequest(_ count: Int) -> Passing? {
        state.withLock { state in
            switch state.fault {
            case .cutBeforeNextRequest:
                state.fault = nil
                return nil
            case .cutAfterOctets(let left) where left < count:
                state.fault = nil
                return Passing(count: left, thenCuts: true)
            case .cutAfterOctets(let left):
                state.fault = .cutAfterOctets(left - count)
                return Passing(count: count, thenCuts: false)
            default: return Passing(count: count, thenCuts: false)
            }
        }
    }

    private func passesAnswer(_ count: Int) -> Passing? {
        state.withLock { state in
            switch state.fault {
            case .cutBeforeNextAnswer:
                state.fault = nil
                return nil
            case .loseNextAnswer:
                state.fault = nil
                return Passing(count: 0, thenCuts: false)
            default: return Passing(count: count, thenCuts: false)
            }
        }
    }

    private struct Passing {
        var count: Int
        var thenCuts: Bool
    }

    /// Two sockets that are closed together when both directions have ended.
    private final class Pair: Sendable {
        let client: Int32
        let server: Int32
        private let directions = Mutex(2)
        private let ended: @Sendable (Pair) -> Void

        init(client: Int32, server: Int32, ended: @escaping @Sendable (Pair) -> Void) {
            self.client = client
            self.server = server
            self.ended = ended
        }

        func pump(from source: Int32, to target: Int32, passes: (Int) -> Passing?) {
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = recv(source, &buffer, buffer.count, 0)
                guard count > 0, let passing = passes(count) else { break }
                var sent = 0
                while sent < passing.count {
                    let part = buffer[sent..<passing.count].withUnsafeBytes {
                        send(target, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                    }
                    guard part > 0 else { break }
                    sent += part
                }
                if passing.thenCuts { break }
            }
            shutdown(client, Int32(SHUT_RDWR))
            shutdown(server, Int32(SHUT_RDWR))
            let isLast = directions.withLock { directions in
                directions -= 1
                return directions == 0
            }
            if isLast { ended(self) }
        }
    }
}
