package import DeliveryPlanning
package import MailModel

/// Asks DNS what the plan of a route needs.
package struct RouteResolver: Sendable {
    private let resolver: any DNSResolver
    private let ownAddresses: LocalAddresses

    /// `ownAddresses`: of this machine; an MX that names one of them would send mail back to itself.
    package init(resolver: any DNSResolver, ownAddresses: LocalAddresses) {
        self.resolver = resolver
        self.ownAddresses = ownAddresses
    }

    package func resolve(_ target: ResolveTarget) async -> Resolution {
        switch target {
        case .host(let name, let port):
            return MXPlan.resolution(
                of: name, hosts: [(name, await addresses(name))], port: port, allowsSpecialAddresses: true, ownAddresses: LocalAddresses())
        case .mx(let domain, let port, let allowsSpecialAddresses):
            var random = SystemRandomNumberGenerator()
            switch MXPlan.hosts(of: domain, from: await resolver.mx(domain), using: &random) {
            case .failure(let failure): return .failed(failure)
            case .success(let names):
                return MXPlan.resolution(
                    of: domain, hosts: await addresses(of: names), port: port, allowsSpecialAddresses: allowsSpecialAddresses,
                    ownAddresses: ownAddresses)
            }
        }
    }

    /// In the order of `names`, asked side by side.
    private func addresses(of names: [DomainName]) async -> [(name: DomainName, answer: DNSAnswer<IPAddress>)] {
        await withTaskGroup(of: (Int, DNSAnswer<IPAddress>).self) { group in
            for (index, name) in names.enumerated() { group.addTask { (index, await addresses(name)) } }
            var answers: [Int: DNSAnswer<IPAddress>] = [:]
            for await (index, answer) in group { answers[index] = answer }
            return names.enumerated().compactMap { index, name in answers[index].map { (name, $0) } }
        }
    }

    private func addresses(_ name: DomainName) async -> DNSAnswer<IPAddress> {
        // RFC 6761 §6.3: never asked of DNS.
        if name.text == "localhost" { return .records([.v4(0x7F00_0001)], isSecure: false, ttlSeconds: 3600) }
        return await resolver.addresses(name)
    }
}
