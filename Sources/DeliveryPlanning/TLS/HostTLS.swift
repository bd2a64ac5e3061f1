package import MailModel

/// The TLS that one host has to show, beyond what the route asks for.
package struct HostTLS: Hashable, Sendable, Codable {
    package var demand: TLSDemand
    /// For `.dane`: usable records, at least one.
    package var records: [TLSARecord] = []
    /// For `.dane`: the name for SNI, which a certificate under an authority of the records must bear, and others that it may bear instead.
    package var names: [String] = []
    /// True for mail with REQUIRETLS, which only hosts take that offer the extension (RFC 8689).
    package var isAllTheWay: Bool

    package init(_ demand: TLSDemand, records: [TLSARecord] = [], names: [String] = [], isAllTheWay: Bool = false) {
        self.demand = demand
        self.records = records
        self.names = names
        self.isAllTheWay = isAllTheWay || demand == .requireTLS
    }

    /// True where mail to the host never goes in plaintext, whatever the route says.
    package var forbidsPlaintext: Bool {
        switch demand {
        case .stsEnforce, .dane, .daneUnusable, .remembered, .requireTLS: true
        case .route, .stsTesting, .waived: false
        }
    }

    /// Connections are shared by mail that asks for the same.
    var sharing: String {
        let named = records.contains { $0.usage == 2 } ? "\(demand.rawValue) \(names.joined(separator: " "))" : demand.rawValue
        return isAllTheWay ? "\(named) all the way" : named
    }
}

extension [Endpoint] {
    /// What sets this way to a site apart from others to the same hosts: the TLS that is asked for. Nil where nothing is but by the route.
    package var tlsSharing: String? {
        var parts: [String] = []
        for endpoint in self {
            let part = endpoint.tls?.sharing ?? TLSDemand.route.rawValue
            if !parts.contains(part) { parts.append(part) }
        }
        return parts == [TLSDemand.route.rawValue] || parts.isEmpty ? nil : parts.joined(separator: "+")
    }
}
