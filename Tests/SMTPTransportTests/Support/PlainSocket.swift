import Glibc

struct SocketFailure: Error {
    let code = errno
}

/// A blocking TCP connection to a port of this machine.
func connectSocket(port: Int) throws -> CInt {
    var found: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo("127.0.0.1", String(port), nil, &found) == 0, let target = found else { throw SocketFailure() }
    defer { freeaddrinfo(found) }
    let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
    let code = connect(descriptor, target.pointee.ai_addr, target.pointee.ai_addrlen)
    guard code == 0 else { throw SocketFailure() }
    return descriptor
}

/// One read's worth; empty at the end.
func readSome(_ descriptor: CInt) -> String {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = read(descriptor, &buffer, buffer.count)
    return String(decoding: buffer[..<max(0, count)], as: UTF8.self)
}

/// Sends the text, closes the sending side, reads to the end.
func talk(port: Int, _ text: String) throws -> String {
    let descriptor = try connectSocket(port: port)
    defer { close(descriptor) }
    _ = write(descriptor, text, text.utf8.count)
    shutdown(descriptor, CInt(SHUT_WR))
    var heard = ""
    while true {
        let some = readSome(descriptor)
        guard !some.isEmpty else { return heard }
        heard += some
    }
}

/// Writes the text again and again until the other side takes no more for half a second; how many octets went.
func sendUntilStuck(_ descriptor: CInt, _ text: String, bytesMax: Int) -> Int {
    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    var sent = 0
    while sent < bytesMax {
        let count = write(descriptor, text, text.utf8.count)
        if count > 0 {
            sent += count
            continue
        }
        var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        if poll(&wait, 1, 500) == 0 { return sent }
    }
    return sent
}
