package import DeliveryPlanning
package import MailModel

/// What is known of TLS beside DNS: policies that domains publish, and what their hosts have shown.
package protocol TLSMemory: Sendable {
    /// The MTA-STS policy to go by for mail to a domain; fetches it where it is not known.
    func policy(of domain: DomainName) async -> DomainSTS
    /// Those of the hosts to which no mail goes in plaintext, since they have lately shown TLS with a good certificate.
    func remembered(_ hosts: [String]) async -> Set<String>
    /// Where a domain's mail hosts are is known, and none of them may be used.
    func refused(_ domain: DomainName, _ knowledge: TLSKnowledge)
}

/// Asks DNS what the plan of a route needs.
package struct RouteResolver: Sendable {
    private let resolver: any DNSResolver
    private let tls: (any TLSMemory)?
    private let own: @Sendable () -> OwnIdentity

    /// `tls`: nil where no policy of others is asked for. `own`: who this node is now; an MX that names it would send mail back to it.
    package init(resolver: any DNSResolver, tls: (any TLSMemory)? = nil, own: @escaping @Sendable () -> OwnIdentity) {
        self.resolver = resolver
        self.tls = tls
        self.own = own
    }

    package func resolve(_ target: ResolveTarget) async -> Resolution {
        switch target {
        case .host(let name, let port):
            return MXPlan.resolution(
                of: name, hosts: [(MXHost(name: name, preference: 0), await addresses(name))], port: port, allowsSpecialAddresses: true,
                own: OwnIdentity())
        case .mx(let domain, let port, let allowsSpecialAddresses, let wish):
            let found = await look(at: domain, port: port, allowsSpecialAddresses: allowsSpecialAddresses, asksPolicies: wish != .waived)
            let resolution = TLSPlan.apply(found.knowledge, to: found.resolution, of: domain, wish)
            if case .endpoints = found.resolution, case .failed = resolution, wish == .usual { tls?.refused(domain, found.knowledge) }
            return resolution
        }
    }

    /// Where a domain's mail hosts are, and what is known of their TLS. `asksPolicies`: false where none of them would count.
    package func look(
        at domain: DomainName, port: Int, allowsSpecialAddresses: Bool, asksPolicies: Bool = true
    ) async -> (resolution: Resolution, knowledge: TLSKnowledge) {
        async let policy = asksPolicies ? tls?.policy(of: domain) : nil
        let answer = await resolver.mx(domain)
        var random = SystemRandomNumberGenerator()
        switch MXPlan.hosts(of: domain, from: answer, using: &random) {
        case .failure(let failure): return (.failed(failure), TLSKnowledge(sts: await policy ?? DomainSTS()))
        case .success(let hosts):
            let addresses = await addresses(of: hosts)
            let resolution = MXPlan.resolution(
                of: domain, hosts: addresses, port: port, allowsSpecialAddresses: allowsSpecialAddresses, own: own())
            var knowledge = TLSKnowledge(isSecureMX: answer.isSecure)
            if asksPolicies {
                if answer.isSecure { knowledge.dane = await dane(of: addresses, port: port) }
                knowledge.sts = await policy ?? DomainSTS()
                knowledge.remembered = await tls?.remembered(hosts.map(\.name.text)) ?? []
            }
            return (resolution, knowledge)
        }
    }

    private typealias HostAddresses = (host: MXHost, answer: DNSAnswer<IPAddress>)

    /// In the order of `hosts`, asked side by side.
    private func addresses(of hosts: [MXHost]) async -> [HostAddresses] {
        await withTaskGroup(of: (Int, DNSAnswer<IPAddress>).self) { group in
            for (index, host) in hosts.enumerated() { group.addTask { (index, await addresses(host.name)) } }
            var answers: [Int: DNSAnswer<IPAddress>] = [:]
            for await (index, answer) in group { answers[index] = answer }
            return hosts.enumerated().compactMap { index, host in answers[index].map { (host, $0) } }
        }
    }

    private func addresses(_ name: DomainName) async -> DNSAnswer<IPAddress> {
        // RFC 6761 §6.3: never asked of DNS.
        if name.text == "localhost" { return .records([.v4(0x7F00_0001)], isSecure: false, ttlSeconds: 3600) }
        return await resolver.addresses(name)
    }

    private func dane(of hosts: [HostAddresses], port: Int) async -> [String: HostDANE] {
        await withTaskGroup(of: (String, HostDANE).self) { group in
            for (host, answer) in hosts { group.addTask { (host.name.text, await dane(of: host.name, answer, port: port)) } }
            var found: [String: HostDANE] = [:]
            for await (name, dane) in group { found[name] = dane }
            return found
        }
    }

    private func dane(of host: DomainName, _ addresses: DNSAnswer<IPAddress>, port: Int) async -> HostDANE {
        guard case .records = addresses else { return .none }
        for base in DANEPlan.bases(of: host, addresses, alias: await resolver.alias(of: host)) {
            guard let name = DANEPlan.name(of: base, port: port) else { continue }
            if let found = DANEPlan.reading(await resolver.tlsa(name), base: base) { return found }
        }
        return .none
    }
}

extension DNSAnswer {
    /// True where DNSSEC shows it to be what the zone says.
    fileprivate var isSecure: Bool {
        switch self {
        case .records(_, let isSecure, _): isSecure
        case .noRecords(_, let isSecure, _): isSecure
        case .failure: false
        }
    }
}
