package import MailModel

/// A host to connect to.
package struct Endpoint: Hashable, Sendable, Codable {
    /// The name that a certificate has to bear; the address in text form where there is no name.
    package var hostName: String
    package var address: IPAddress
    package var port: Int
    /// Nil: as the route asks.
    package var tls: HostTLS?

    package init(hostName: String, address: IPAddress, port: Int, tls: HostTLS? = nil) {
        self.hostName = hostName
        self.address = address
        self.port = port
        self.tls = tls
    }
}

/// What has to be asked of DNS before a destination can be reached.
package enum ResolveTarget: Hashable, Sendable {
    /// The MX hosts of a domain (RFC 5321 §5.1).
    case mx(DomainName, port: Int, allowsSpecialAddresses: Bool, wish: TLSWish = .usual)
    /// The addresses of one named host.
    case host(DomainName, port: Int)
}

/// Where a destination is, or why it cannot be reached.
package enum Resolution: Hashable, Sendable {
    /// In the order to be tried, at least one. `site` names the set of hosts: domains with the same set share connections and limits.
    case endpoints([Endpoint], site: String)
    case failed(DeliveryFailure)
}

/// A host that takes mail for a domain.
package struct MXHost: Hashable, Sendable {
    package var name: DomainName
    /// Smaller comes first; 0 where the domain is its own host.
    package var preference: Int

    package init(name: DomainName, preference: Int) {
        self.name = name
        self.preference = preference
    }
}

/// Who this node is, for what DNS says of others.
package struct OwnIdentity: Sendable {
    package var addresses: LocalAddresses
    /// The node's host name: an MX of this name is this node, also behind another public address.
    package var name: DomainName?

    package init(addresses: LocalAddresses = LocalAddresses(), name: DomainName? = nil) {
        self.addresses = addresses
        self.name = name
    }
}

/// RFC 5321 §5.1 as functions from DNS answers to endpoints.
package enum MXPlan {
    /// More hosts than this are not tried: enough for every real domain, and a bound on look-ups.
    package static let hostsMax = 5
    /// Addresses tried over all hosts.
    package static let endpointsMax = 8

    /// The hosts whose addresses are needed, best first (equal preference in random order); or the end of the matter.
    package static func hosts(
        of domain: DomainName, from answer: DNSAnswer<MXRecord>, using random: inout some RandomNumberGenerator
    ) -> Result<[MXHost], DeliveryFailure> {
        switch answer {
        case .records(let records, _, _):
            // RFC 7505 §3: a single record with the root as exchange.
            let named = records.filter { $0.exchange != nil }
            guard !named.isEmpty else {
                return .failure(failure(556, 5, 1, 10, "\(domain) says by a null MX that it takes no mail (RFC 7505)"))
            }
            let shuffled = named.shuffled(using: &random).sorted { $0.preference < $1.preference }
            let hosts = shuffled.compactMap { record in record.exchange.map { MXHost(name: $0, preference: record.preference) } }
            return .success(Array(hosts.prefix(hostsMax)))
        case .noRecords(nameExists: true, _, _): return .success([MXHost(name: domain, preference: 0)])
        case .noRecords(nameExists: false, _, _):
            return .failure(failure(550, 5, 1, 2, "The domain \(domain) does not exist in DNS; check the spelling of the address"))
        case .failure(let reason, let isBogus):
            let words = isBogus ? "DNSSEC shows the answer for \(domain) to be forged" : "DNS gave no answer for \(domain)"
            return .failure(failure(451, 4, 4, 3, "\(words): \(reason)"))
        }
    }

    /// Endpoints in order of hosts. Unless special addresses are allowed, those that no public mail host can have are left out, and where this
    /// node is one of the hosts, so are all that are not preferred to it: they would send the mail back.
    package static func resolution(
        of domain: DomainName, hosts all: [(host: MXHost, answer: DNSAnswer<IPAddress>)], port: Int, allowsSpecialAddresses: Bool,
        own: OwnIdentity
    ) -> Resolution {
        let ourPreference = allowsSpecialAddresses ? nil : all.filter { isOwn($0.host, $0.answer, own) }.map(\.host.preference).min()
        let hosts = all.filter { host, _ in ourPreference.map { host.preference < $0 } ?? true }
        var endpoints: [Endpoint] = []
        var refused: [String] = []
        var hadFailure: String?
        var usedHosts: [String] = []
        for (host, answer) in hosts {
            switch answer {
            case .records(let addresses, _, _):
                for address in addresses where endpoints.count < endpointsMax {
                    if !allowsSpecialAddresses, address.isSpecialPurpose {
                        refused.append("\(host.name) [\(address)]")
                    } else {
                        endpoints.append(Endpoint(hostName: host.name.text, address: address, port: port))
                        if usedHosts.last != host.name.text { usedHosts.append(host.name.text) }
                    }
                }
            case .noRecords: continue
            case .failure(let reason, _): hadFailure = "\(host.name): \(reason)"
            }
        }
        if !endpoints.isEmpty { return .endpoints(endpoints, site: usedHosts.sorted().joined(separator: ",") + ":\(port)") }
        if hosts.isEmpty, let ours = all.first(where: { isOwn($0.host, $0.answer, own) })?.host.name {
            return .failed(
                failure(
                    550, 5, 4, 6, "\(ours), this host, is the best mail host of \(domain), and takes no mail for it: it would come back"))
        }
        if let hadFailure { return .failed(failure(451, 4, 4, 3, "DNS gave no address for \(hadFailure)")) }
        if !refused.isEmpty {
            return .failed(
                failure(
                    550, 5, 4, 6,
                    "The mail hosts of \(domain) have only loopback or private addresses (\(refused[0])); "
                        + "an administrator can allow them for a route"))
        }
        return .failed(failure(550, 5, 4, 4, "The mail hosts of \(domain) have no address in DNS"))
    }

    private static func isOwn(_ host: MXHost, _ answer: DNSAnswer<IPAddress>, _ own: OwnIdentity) -> Bool {
        if host.name == own.name { return true }
        guard case .records(let addresses, _, _) = answer else { return false }
        return addresses.contains { own.addresses.contains($0) && !$0.isLoopback }
    }

    private static func failure(_ code: Int, _ statusClass: Int, _ subject: Int, _ detail: Int, _ text: String) -> DeliveryFailure {
        .local(code, EnhancedStatusCode(statusClass, subject, detail), text, scope: .destination, stage: .resolve)
    }
}
