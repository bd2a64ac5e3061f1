package import MailModel
package import OutboundPolicy

/// A route that many entries of the queue point to: a copy of it would cost a reference for each of its texts and lists.
package final class SharedRoute: Sendable {
    package let value: Route
    init(_ value: Route) { self.value = value }
}

/// The routes of one directory version in the order in which they are tried.
package struct RouteTable: Sendable {
    /// Those that carry mail of each pool.
    private let ordered: [EgressPool: [SharedRoute]]
    private let byName: [String: SharedRoute]
    private let directory: Directory

    package init(_ directory: Directory) {
        self.directory = directory
        byName = directory.routes.mapValues { SharedRoute($0) }
        let sorted = byName.values.filter { !$0.value.isDisabled }.sorted {
            ($0.value.order, $1.value.createdAt, $0.value.name) < ($1.value.order, $0.value.createdAt, $1.value.name)
        }
        let pools = EgressPool.allCases.map { pool in
            (pool, sorted.filter { directory.sources(of: $0.value, in: pool) != nil })
        }
        ordered = Dictionary(uniqueKeysWithValues: pools)
    }

    /// Which way a recipient's mail goes, and why.
    package struct Choice: Sendable {
        package var route: SharedRoute
        package var finding: Finding
    }

    /// The route for one recipient; a local failure where there is none. The order: the submitter's only route; the host of an accepted
    /// domain; the first route whose conditions match and that carries mail of the pool.
    package func choose(
        recipient: EmailAddress, reversePath: ReversePath, onlyRoute: String?, pool: EgressPool = .normal
    ) -> Result<Choice, DeliveryFailure> {
        if directory.goesToGroupDesk(recipient) {
            return .success(Choice(route: RouteTable.groupDesk, finding: finding("route.group", recipient.key)))
        }
        if let onlyRoute { return restricted(to: onlyRoute, pool).map { asIdentity($0, of: reversePath) } }
        if let domain = directory.acceptedDomain(of: recipient), let hop = domain.nextHop {
            return .success(Choice(route: RouteTable.internalRoute(domain, hop), finding: finding("route.internal", domain.name.text)))
        }
        let senderDomain = reversePath.address?.domain
        for route in ordered[pool] ?? [] where matches(route.value, recipient: recipient.domain, sender: senderDomain) {
            let rule = route.value.isUnconditional ? "route.default" : "route.rule"
            return .success(asIdentity(Choice(route: route, finding: finding(rule, route.value.name)), of: reversePath))
        }
        let words =
            pool == .normal
            ? "No route leads to \(recipient.host); an administrator can add one: postern routes add"
            : "No route of the \(pool.rawValue) pool leads to \(recipient.host), and mail of that pool may take no other"
        return .failure(.local(451, EnhancedStatusCode(4, 4, 4), words, scope: .destination, stage: .resolve))
    }

    private func asIdentity(_ choice: Choice, of reversePath: ReversePath) -> Choice {
        guard let route = choice.route.value.asIdentity(of: reversePath) else { return choice }
        return Choice(route: SharedRoute(route), finding: choice.finding)
    }

    private func restricted(to name: String, _ pool: EgressPool) -> Result<Choice, DeliveryFailure> {
        if let route = byName[name], !route.value.isDisabled {
            guard directory.sources(of: route.value, in: pool) != nil else {
                return .failure(
                    .local(
                        451, EnhancedStatusCode(4, 4, 4),
                        "The only route that this mail may take, \(name), carries no mail of the \(pool.rawValue) pool",
                        scope: .destination,
                        stage: .resolve))
            }
            return .success(Choice(route: route, finding: finding("route.only", name)))
        }
        return .failure(
            .local(
                451, EnhancedStatusCode(4, 3, 5), "The only route that this mail may take, \(name), does not exist or is disabled",
                scope: .destination, stage: .resolve))
    }

    private func matches(_ route: Route, recipient: DomainName?, sender: DomainName?) -> Bool {
        (route.recipientDomains.isEmpty || recipient.map { domain in route.recipientDomains.contains { domain.isWithin($0) } } ?? false)
            && (route.senderDomains.isEmpty || sender.map { domain in route.senderDomains.contains { domain.isWithin($0) } } ?? false)
    }

    private func finding(_ rule: String, _ name: String) -> Finding {
        let explanation =
            switch rule {
            case "route.group": "The recipient is a group that makes a message of its own of it."
            case "route.internal": "The recipient's domain is accepted here and goes to its own host."
            case "route.only": "The submitter's mail may take this route only."
            case "route.rule": "The first route whose conditions match."
            default: "No route with conditions matches; this is the default."
            }
        return Finding(rule: rule, matched: name, explanation: explanation)
    }

    /// Within the gate: no host, and one recipient at a time.
    private static let groupDesk: SharedRoute = {
        var route = Route(
            name: Route.groupDeskName, kind: .smarthost(NextHop(host: "127.0.0.1", port: 0, tls: .none)),
            createdAt: Timestamp(milliseconds: 0))
        route.tls = .none
        route.connectionsMax = 4
        route.recipientsPerTransactionMax = 1
        return SharedRoute(route)
    }()

    private static func internalRoute(_ domain: AcceptedDomain, _ hop: NextHop) -> SharedRoute {
        var route = Route(name: Directory.internalRoute(domain.name), kind: .smarthost(hop), createdAt: Timestamp(milliseconds: 0))
        route.tls = hop.tls
        route.allowsSpecialAddresses = true
        return SharedRoute(route)
    }
}
