package import MailModel

/// An egress source: where mail leaves from. An address of some node, and the name that goes with it in EHLO.
///
/// A route names the sources that it allows.
package struct EgressSource: Hashable, Sendable, Codable {
    /// The source that every node has and that no row describes: the node's own settings.
    package static let standardName = "default"
    package static let standard = EgressSource(name: standardName, createdAt: Timestamp(milliseconds: 0))

    package var name: String
    /// The local address to connect from. Where only one of the two is set, hosts of the other family are not connected to; where both
    /// are nil the system picks, on every node.
    package var ipv4: IPAddress?
    package var ipv6: IPAddress?
    /// In EHLO; nil for the node's own.
    package var helloName: DomainName?
    /// As whom receivers see it, where a translator stands between: else its own addresses. Missing in rows from before.
    package var publicAddresses: [IPAddress]?
    /// The proxy that connects for it; then the addresses above are the proxy's, and every node has the source. Missing in rows from before.
    package var proxy: EgressProxy?
    /// Whose mail leaves from it; nil for normal. Missing in rows from before there were pools.
    package var pool: EgressPool?
    /// Its share beside the other sources of a route that have one, 1…1000. Nil: a route's first living source takes all.
    package var weight: Int?
    package var isDisabled = false
    package var createdAt: Timestamp

    package init(name: String, ipv4: IPAddress? = nil, ipv6: IPAddress? = nil, helloName: DomainName? = nil, createdAt: Timestamp) {
        self.name = name
        self.ipv4 = ipv4
        self.ipv6 = ipv6
        self.helloName = helloName
        self.createdAt = createdAt
    }

    /// What a sealed password of a source's proxy is bound to, in place of a route's name; no route has such a one.
    package static func secretRoute(_ source: String) -> String { "source:\(source)" }

    package var isStandard: Bool { name == EgressSource.standardName }

    package var addresses: [IPAddress] { [ipv4, ipv6].compactMap { $0 } }

    /// The addresses that receivers see, as far as they are known.
    package var seenAddresses: [IPAddress] { publicAddresses ?? addresses }

    /// Whether it can connect to hosts of an address's family.
    package func reaches(_ address: IPAddress) -> Bool { (ipv4 == nil && ipv6 == nil) || (address.isV6 ? ipv6 : ipv4) != nil }

    /// The local address for a connection to `peer`; nil: the system picks.
    package func localAddress(for peer: IPAddress) -> IPAddress? { proxy != nil ? nil : peer.isV6 ? ipv6 : ipv4 }

    /// A node has it where it has all its addresses, or a proxy has them.
    package func isOn(_ local: LocalAddresses) -> Bool { proxy != nil || addresses.allSatisfy(local.contains) }
}

/// A proxy through which mail leaves.
package struct EgressProxy: Hashable, Sendable, Codable {
    package enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        /// RFC 1928, with a user name and password (RFC 1929) where it wants them.
        case socks5
        /// HAProxy, told by PROXY version 2 where to connect to and from which address.
        case haproxy
    }

    package var kind: Kind
    package var address: IPAddress
    /// 1…65535.
    package var port: Int
    package var userName: String?
    /// Under the master key.
    package var sealedPassword: String?

    package init(kind: Kind, address: IPAddress, port: Int, userName: String? = nil, sealedPassword: String? = nil) {
        self.kind = kind
        self.address = address
        self.port = port
        self.userName = userName
        self.sealedPassword = sealedPassword
    }

    package var description: String { "\(kind.rawValue) \(address.isV6 ? "[\(address)]" : "\(address)"):\(port)" }
}
