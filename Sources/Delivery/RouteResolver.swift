package import DeliveryPlanning
package import MailModel

/// Asks DNS what the plan of a route needs.
package struct RouteResolver: Sendable {
    private let resolver: any DNSResolver
    private let own: @Sendable () -> OwnIdentity

    /// `own`: who this node is now; an MX that names it would send mail back to it.
    package init(resolver: any DNSResolver, own: @escaping @Sendable () -> OwnIdentity) {
        self.resolver = resolver
        self.own = own
    }

    package func resolve(_ target: ResolveTarget) async -> Resolution {
        switch target {
        case .host(let name, let port):
            return MXPlan.resolution(
                of: name, hosts: [(MXHost(name: name, preference: 0), await addresses(name))], port: port, allowsSpecialAddresses: true,
                own: OwnIdentity())
        case .mx(let domain, let port, let allowsSpecialAddresses):
            var random = SystemRandomNumberGenerator()
            switch MXPlan.hosts(of: domain, from: await resolver.mx(domain), using: &random) {
            case .failure(let failure): return .failed(failure)
            case .success(let hosts):
                return MXPlan.resolution(
                    of: domain, hosts: await addresses(of: hosts), port: port, allowsSpecialAddresses: allowsSpecialAddresses, own: own())
            }
        }
    }

    /// In the order of `hosts`, asked side by side.
    private func addresses(of hosts: [MXHost]) async -> [(host: MXHost, answer: DNSAnswer<IPAddress>)] {
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
}
