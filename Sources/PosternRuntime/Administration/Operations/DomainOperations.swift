package import MailModel
package import OutboundPolicy

/// An accepted domain as the command line shows it.
package struct DomainView: Codable, Hashable, Sendable {
    package var domain: String
    package var subdomains: Bool
    /// `host:port`; empty where the routes decide.
    package var host: String
    /// True where mail to addresses that are not known is refused.
    package var isChecked: Bool

    init(_ domain: AcceptedDomain) {
        self.domain = domain.name.text
        subdomains = domain.includesSubdomains
        host = domain.nextHop?.description ?? ""
        isChecked = domain.recipientCheck != nil
    }
}

package struct AddDomain: AdministrativeOperation {
    package static let name = "domains.add"
    package static let scope = AccessScope.domainsWrite
    package var domain: AcceptedDomain

    package init(domain: AcceptedDomain) { self.domain = domain }

    package func perform(in administration: Administration, _ act: Act) async throws -> DomainView {
        guard try await administration.directory().domains[domain.name] == nil else {
            throw AdministrationError.exists("domain", domain.name.text)
        }
        try await administration.put(
            .domain, name: domain.name.text, domain, mustBeNew: true, entry: act.entry("domain.add", target: domain.name.text))
        return DomainView(domain)
    }
}

package struct ListDomains: AdministrativeOperation {
    package static let name = "domains.list"
    package static let scope = AccessScope.domainsRead
    package init() {}

    package func perform(in administration: Administration, _ act: Act) async throws -> [DomainView] {
        try await administration.directory().domains.values.sorted { $0.name < $1.name }.map(DomainView.init)
    }
}

package struct RemoveDomain: AdministrativeOperation {
    package static let name = "domains.remove"
    package static let scope = AccessScope.domainsWrite
    package var domain: DomainName

    package init(domain: DomainName) { self.domain = domain }

    package func perform(in administration: Administration, _ act: Act) async throws -> Affected {
        let directory = try await administration.directory()
        guard directory.domains[domain] != nil else { throw AdministrationError.noSuch("domain", domain.text) }
        let entry = act.entry("domain.remove", target: domain.text)
        try await administration.remove(.domain, name: domain.text, entry: entry)
        if directory.knownAddresses[domain] != nil { try await administration.remove(.knownAddresses, name: domain.text, entry: entry) }
        let route = Directory.internalRoute(domain)
        if directory.upstreamStops[route] != nil { try await administration.remove(.upstreamStop, name: route, entry: entry) }
        return Affected(count: 1)
    }
}
