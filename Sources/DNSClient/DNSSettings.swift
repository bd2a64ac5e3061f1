package import MailModel

/// How the resolver of this process finds answers.
package struct DNSSettings: Sendable, Hashable {
    /// Whom to ask.
    package enum Source: Sendable, Hashable {
        /// These servers resolve for us; at least one.
        case forwarders([DNSServerAddress])
        /// The servers named in a file of `resolv.conf` form; where it names none, full recursion.
        case resolverFile(String)
        /// Ask the root servers and go down from there, with the root hints that libunbound carries.
        case recursion
    }

    package var source = Source.resolverFile("/etc/resolv.conf")

    /// A zone file with the DNSKEY or DS of the root (Debian: `/usr/share/dns/root.key`). Nil: nothing is validated and no answer is
    /// ever secure. Only for recursion and for forwarders that pass DNSSEC records on: behind one that strips them every answer is bogus.
    package var trustAnchorFile: String?

    /// A query that took longer is answered with a failure. More than zero.
    package var queryTimeout = Duration.seconds(20)

    /// Queries under way at one time; one more is answered with a failure at once. At least 1. `addresses` takes two.
    package var queriesInFlightMax = 1000

    /// Whether AAAA is asked for, and servers are asked over IPv6.
    package var usesIPv6 = true

    /// Memory for cached answers, in bytes: a third for messages, the rest for record sets.
    package var cacheBytesMax = 32 << 20

    package init() {}
}

/// A DNS server: address and port.
package struct DNSServerAddress: Sendable, Hashable, CustomStringConvertible {
    package var address: IPAddress
    /// 1…65535; 53 unless said otherwise.
    package var port: Int

    package init(_ address: IPAddress, port: Int = 53) {
        precondition((1...65_535).contains(port))
        self.address = address
        self.port = port
    }

    /// Reads `192.0.2.1`, `192.0.2.1@5353` or `2001:db8::1@5353`; nil for anything else.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let address = IPAddress(parts[0]) else { return nil }
        guard parts.count == 2 else {
            self.init(address)
            return
        }
        guard parts[1].utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let port = Int(parts[1]), (1...65_535).contains(port) else {
            return nil
        }
        self.init(address, port: port)
    }

    /// `address@port`, as libunbound reads it.
    package var description: String { "\(address)@\(port)" }
}

/// A setting that libunbound refused, in words for the person who made it.
package struct DNSSettingsError: Error, Hashable, CustomStringConvertible {
    package let description: String
}
