import DomainHealth
import MailModel
import OutboundPolicy

extension DomainSurveyPlan {
    /// `selectors`: keys beside ours that are asked for.
    init(_ domain: DomainName, selectors: [String]) {
        self.domain = domain
        keys = selectors.map { KeyFacts(domain: domain, selector: $0, answer: KeyFacts.notAsked) }
    }

    mutating func add(_ directory: Directory, _ settings: Settings) {
        hasInstallation = true
        returnPathDomain = settings.bulk.returnPathDomain
        reportAddress = settings.tlsReports.sender
        // Mail of a domain without keys is signed with those of the nearest one above it.
        var signing: DomainName? = domain
        while let place = signing, directory.dkimKeys[place]?.isEmpty ?? true { signing = place.parent }
        let own = signing.flatMap { directory.dkimKeys[$0] } ?? []
        keys.removeAll { asked in own.contains { $0.domain == asked.domain && $0.selector == asked.selector } }
        keys += own.map {
            KeyFacts(
                domain: $0.domain, selector: $0.selector, answer: KeyFacts.notAsked, expected: $0.publicRecord,
                signs: $0.isActive && $0.currentPhase == .signing)
        }
        sources = DomainSurveyPlan.sources(directory, settings.delivery)
        routes = directory.routes.values.filter { !$0.isDisabled && carries($0) }.sorted { ($0.order, $0.name) < ($1.order, $1.name) }
            .compactMap { route in
                switch route.kind {
                case .mx:
                    let names = route.sources.isEmpty ? [EgressSource.standardName] : route.sources
                    return RouteFacts(name: route.name, kind: .direct(sources: names))
                case .smarthost(let hop): return RouteFacts(name: route.name, kind: .smarthost(hop.host))
                case .builtIn: return nil
                }
            }
    }

    /// Every address that mail leaves from, as receivers see it, as far as it is known.
    static func sources(_ directory: Directory, _ settings: DeliverySettings) -> [Source] {
        let living = directory.sources.values.filter { !$0.isDisabled }.sorted { $0.name < $1.name }
        let standard = settings.publicAddresses.isEmpty ? settings.sourceAddress.map { [$0] } ?? [] : settings.publicAddresses
        return living.flatMap { source in
            source.seenAddresses.map { Source(name: source.name, address: $0, helloName: source.helloName ?? settings.helloName) }
        }
            + standard.map { Source(name: EgressSource.standardName, address: $0, helloName: settings.helloName) }
    }

    private func carries(_ route: Route) -> Bool {
        route.senderDomains.isEmpty || route.senderDomains.contains { domain.isWithin($0) }
    }
}

extension KeyFacts {
    static let notAsked = DNSAnswer<String>.failure(reason: "not asked", isBogus: false)
}
