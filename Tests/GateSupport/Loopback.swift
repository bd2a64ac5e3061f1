import Glibc

/// A TCP connection on loopback, read in lines. Blocking, with a time-out that no healthy peer reaches.
///
/// `@unchecked`: one thread at a time reads and writes; only `shut`, which touches nothing but the descriptor, may come from another.
package final class LoopbackStream: @unchecked Sendable {
    package struct Failure: Error, CustomStringConvertible {
        package var description: String
    }

    private let descriptor: CInt
    private var buffer: [UInt8] = []
    private var position = 0
    private var isEnded = false

    private static let timeoutSeconds = 60

    /// Takes over a connected socket.
    package init(descriptor: CInt) {
        self.descriptor = descriptor
        var time = timeval(tv_sec: LoopbackStream.timeoutSeconds, tv_usec: 0)
        let length = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, length)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, length)
        var isOn: CInt = 1
        setsockopt(descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, &isOn, socklen_t(MemoryLayout<CInt>.size))
    }

    /// Connects to a port of 127.0.0.1. `source`: our own address, anything in 127.0.0.0/8.
    package static func connect(port: Int, from source: String? = nil) throws -> LoopbackStream {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        if let source {
            let bound = withAddress(source, port: 0) { bind(descriptor, $0, $1) }
            guard bound == 0 else { throw Failure(description: "cannot bind \(source): \(errno)") }
        }
        guard withAddress("127.0.0.1", port: port, { Glibc.connect(descriptor, $0, $1) }) == 0 else {
            let code = errno
            close(descriptor)
            throw Failure(description: "cannot connect to port \(port): error \(code)")
        }
        return LoopbackStream(descriptor: descriptor)
    }

    deinit { close(descriptor) }

    /// The other side's IPv4 address; empty where it is gone.
    package var peerAddress: String {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isThere = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getpeername(descriptor, $0, &length) == 0 }
        }
        guard isThere else { return "" }
        let octets = withUnsafeBytes(of: address.sin_addr) { Array($0) }
        return octets.map { "\($0)" }.joined(separator: ".")
    }

    /// Ends both directions; a thread that reads comes back with nil.
    package func shut() { shutdown(descriptor, CInt(SHUT_RDWR)) }

    /// Ends our side only.
    package func shutWriting() { shutdown(descriptor, CInt(SHUT_WR)) }

    /// False where the peer is gone.
    @discardableResult
    package func write(_ bytes: [UInt8]) -> Bool {
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            written += count
        }
        return true
    }

    @discardableResult
    package func write(_ text: String) -> Bool { write(Array(text.utf8)) }

    /// The next line without its end; nil at the end of the stream.
    package func readLine() -> String? {
        guard let line = readThrough([0x0A]) else { return nil }
        let end = line.count >= 2 && line[line.count - 2] == 0x0D ? line.count - 2 : line.count - 1
        return String(decoding: line[..<end], as: UTF8.self)
    }

    /// The next bytes up to the first `end`, which comes with them; nil where the stream ends before.
    package func readThrough(_ end: [UInt8]) -> [UInt8]? {
        var searched = 0
        while true {
            if let found = find(end, from: position + searched) {
                let bytes = Array(buffer[position..<found + end.count])
                position = found + end.count
                return bytes
            }
            searched = max(0, buffer.count - position - end.count + 1)
            guard fill() else { return nil }
        }
    }

    /// At least one octet; empty at the end of the stream.
    package func readSome() -> [UInt8] {
        if position == buffer.count { _ = fill() }
        defer { position = buffer.count }
        return Array(buffer[position...])
    }

    /// Everything up to the end of the stream.
    package func readToEnd() -> [UInt8] {
        while fill() {}
        defer { position = buffer.count }
        return Array(buffer[position...])
    }

    /// The offset of the first `bytes` at or after `start`: each place of their last octet is looked at.
    private func find(_ bytes: [UInt8], from start: Int) -> Int? {
        guard let last = bytes.last else { return nil }
        return buffer.withUnsafeBytes { all in
            var position = start + bytes.count - 1
            while position < all.count, let base = all.baseAddress, let hit = memchr(base + position, CInt(last), all.count - position) {
                let end = UnsafeRawPointer(hit) - base + 1
                if all[end - bytes.count..<end].elementsEqual(bytes) { return end - bytes.count }
                position = end
            }
            return nil
        }
    }

    private func fill() -> Bool {
        guard !isEnded else { return false }
        buffer.removeSubrange(..<position)
        position = 0
        let count = withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 1) { space in
            let count = recv(descriptor, space.baseAddress, space.count, 0)
            if count > 0 { buffer.append(contentsOf: space[..<count]) }
            return count
        }
        isEnded = count <= 0
        return !isEnded
    }
}

/// A socket that listens on a free port of 127.0.0.1.
package func listenOnFreePort() -> (descriptor: CInt, port: Int) {
    let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    let isListening = withAddress("127.0.0.1", port: 0) { bind(descriptor, $0, $1) } == 0 && listen(descriptor, 1024) == 0
    precondition(isListening, "no port is free")
    var address = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(descriptor, $0, &length) }
    }
    return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
}

/// A port that was free a moment ago, for programs that cannot choose one themselves.
package func freePort() -> Int {
    let (descriptor, port) = listenOnFreePort()
    close(descriptor)
    return port
}

private func withAddress<Result>(_ text: String, port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(UInt16(port)).bigEndian
    inet_pton(AF_INET, text, &address.sin_addr)
    return withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
    }
}
