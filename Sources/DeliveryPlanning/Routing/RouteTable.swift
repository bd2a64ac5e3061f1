package import MailModel
package import OutboundPolicy

/// The routes of one directory version in the order in which they are tried.
package struct RouteTable: Sendable {
    private let ordered: [Route]
    private let byName: [String: Route]
    private let directory: Directory

    package init(_ directory: Directory) {
        self.directory = directory
        byName = directory.routes
        ordered = directory.routes.values.filter { !$0.isDisabled }.sorted {
            ($0.order, $1.createdAt, $0.name) < ($1.order, $0.createdAt, $1.name)
        }
    }

    /// Which way a recipient's mail goes, and why.
    package struct Choice: Sendable {
        package var route: Route
        package var finding: Finding
    }

    /// The route for one recipient; a local failure where there is none. The order: the submitter's only route; the host of an accepted
    /// domain; the first route whose conditions match.
    package func choose(recipient: EmailAddress, reversePath: ReversePath, onlyRoute: String?) -> Result<Choice, DeliveryFailure> {
        if let onlyRoute { return restricted(to: onlyRoute) }
        if let domain = directory.acceptedDomain(of: recipient), let hop = domain.nextHop {
            return .success(Choice(route: RouteTable.internalRoute(domain, hop), finding: finding("route.internal", domain.name.text)))
        }
        let senderDomain = reversePath.address?.domain
        for route in ordered where matches(route, recipient: recipient.domain, sender: senderDomain) {
            return .success(Choice(route: route, finding: finding(route.isUnconditional ? "route.default" : "route.rule", route.name)))
        }
        return .failure(
            .local(
                451, EnhancedStatusCode(4, 4, 4), "No route leads to \(recipient.host); an administrator can add one: postern routes add",
                scope: .destination, stage: .resolve))
    }

    private func restricted(to name: String) -> Result<Choice, DeliveryFailure> {
        if let route = byName[name], !route.isDisabled {
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
            case "route.internal": "The recipient's domain is accepted here and goes to its own host."
            case "route.only": "The submitter's mail may take this route only."
            case "route.rule": "The first route whose conditions match."
            default: "No route with conditions matches; this is the default."
            }
        return Finding(rule: rule, matched: name, explanation: explanation)
    }

    private static func internalRoute(_ domain: AcceptedDomain, _ hop: NextHop) -> Route {
        var route = Route(name: "internal:\(domain.name)", kind: .smarthost(hop), createdAt: Timestamp(milliseconds: 0))
        route.tls = hop.tls
        route.allowsSpecialAddresses = true
        return route
    }
}
