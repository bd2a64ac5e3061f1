package import MailModel

/// Bounds connections and the memory that messages take while they come in; over a bound a peer is asked to come again.
package struct ConnectionGuard: Sendable {
    package struct Limits: Hashable, Sendable {
        package var connectionsMax = 10_000
        /// From one IPv4 address, or one IPv6 /64.
        package var connectionsPerAddressMax = 1_000
        /// Bytes of content that all sessions may hold together.
        package var contentBytesMax = 256 << 20

        package init() {}
    }

    package var limits: Limits
    package private(set) var connectionCount = 0
    package private(set) var contentBytes = 0
    private var counts: [IPAddress: Int] = [:]

    package init(limits: Limits) { self.limits = limits }

    /// A peer connected. Nil: go on, and `connectionClosed` must follow. A reply: send it and close; nothing follows.
    package mutating func connectionOpened(from address: IPAddress?) -> SMTPReply? {
        guard connectionCount < limits.connectionsMax else {
            return SMTPReply(421, EnhancedStatusCode(4, 3, 2), "Too many connections (\(limits.connectionsMax)); try again later")
        }
        if let block = address?.block {
            guard counts[block, default: 0] < limits.connectionsPerAddressMax else {
                return SMTPReply(
                    421, EnhancedStatusCode(4, 7, 0),
                    "Too many connections from \(block) (\(limits.connectionsPerAddressMax)); try again later")
            }
            counts[block, default: 0] += 1
        }
        connectionCount += 1
        return nil
    }

    package mutating func connectionClosed(from address: IPAddress?) {
        connectionCount -= 1
        guard let block = address?.block, let count = counts[block] else { return }
        counts[block] = count > 1 ? count - 1 : nil
    }

    /// A session wants to hold `bytes` more of a message. False: answer 452 and hold none of them.
    package mutating func contentReserved(_ bytes: Int) -> Bool {
        guard contentBytes + bytes <= limits.contentBytesMax else { return false }
        contentBytes += bytes
        return true
    }

    package mutating func contentReleased(_ bytes: Int) {
        contentBytes -= bytes
        assert(contentBytes >= 0)
    }
}

extension IPAddress {
    /// What one customer of an access provider can be expected to have: an IPv4 address, or an IPv6 /64 (as its first address).
    package var block: IPAddress {
        switch self {
        case .v4: self
        case .v6(let high, _): .v6(high, 0)
        }
    }
}
