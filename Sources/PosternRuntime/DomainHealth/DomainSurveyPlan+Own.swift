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
        let living = directory.sources.values.filter { !$0.isDisabled }.sorted { $0.name < $1.name }
        sources = living.flatMap { source in
            source.addresses.map {
                Source(name: source.name, address: $0, helloName: source.helloName ?? settings.delivery.helloName)
            }
        }
        if let address = settings.delivery.sourceAddress {
            sources.append(Source(name: EgressSource.standardName, address: address, helloName: settings.delivery.helloName))
        }
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

    private func carries(_ route: Route) -> Bool {
        route.senderDomains.isEmpty || route.senderDomains.contains { domain.isWithin($0) }
    }
}

extension KeyFacts {
    static let notAsked = DNSAnswer<String>.failure(reason: "not asked", isBogus: false)
}
