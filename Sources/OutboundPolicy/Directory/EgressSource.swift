package import MailModel

/// An egress source: where mail leaves from. An address of some node, and the name that goes with it in EHLO.
///
/// A route names the sources that it allows. More ways to leave (a proxy that all nodes reach, a smarthost's account) will be further
/// optional members: what is written today reads as it does now.
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
    package var isDisabled = false
    package var createdAt: Timestamp

    package init(name: String, ipv4: IPAddress? = nil, ipv6: IPAddress? = nil, helloName: DomainName? = nil, createdAt: Timestamp) {
        self.name = name
        self.ipv4 = ipv4
        self.ipv6 = ipv6
        self.helloName = helloName
        self.createdAt = createdAt
    }

    package var isStandard: Bool { name == EgressSource.standardName }

    package var addresses: [IPAddress] { [ipv4, ipv6].compactMap { $0 } }

    /// Whether it can connect to hosts of an address's family.
    package func reaches(_ address: IPAddress) -> Bool { (ipv4 == nil && ipv6 == nil) || (address.isV6 ? ipv6 : ipv4) != nil }

    /// The local address for a connection to `peer`; nil: the system picks.
    package func localAddress(for peer: IPAddress) -> IPAddress? { peer.isV6 ? ipv6 : ipv4 }

    /// A node has it where it has all its addresses.
    package func isOn(_ local: LocalAddresses) -> Bool { addresses.allSatisfy(local.contains) }
}
