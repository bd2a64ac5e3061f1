import MailModel
import NIOCore

extension IPAddress {
    /// Nil for a Unix socket.
    init?(_ address: SocketAddress?) {
        // Where the address lies in sockaddr_in and sockaddr_in6 of Linux.
        let range: Range<Int>
        switch address {
        case .v4: range = 4..<8
        case .v6: range = 8..<24
        case .unixDomainSocket, nil: return nil
        }
        let octets = address?.withSockAddr { pointer, size in
            let bytes = UnsafeRawBufferPointer(start: pointer, count: size)
            return range.upperBound <= size ? [UInt8](bytes[range]) : []
        }
        guard let octets, let found = IPAddress(octets: octets) else { return nil }
        self = found
    }
}
