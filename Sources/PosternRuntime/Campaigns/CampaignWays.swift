import Campaigns
import DomainHealth
import MailModel
import OutboundPolicy
import Storage

/// The routes that a campaign's copies may leave by, and what receivers find of the domain by each.
struct CampaignWays: Sendable {
    let administration: Administration
    let campaign: Campaign

    /// Also says what the latest look at the domain found.
    func lines(_ facts: inout ChecklistFacts, _ directory: Directory) async throws -> [ChecklistFacts.RouteLine] {
        let report = try await report()
        facts.health = report.map { report in
            ChecklistFacts.Health(
                findings: report.findings.filter { $0.severity != .advice }.map {
                    ChecklistFacts.Health.Finding(
                        rule: $0.rule, isError: $0.severity == .error, text: $0.text, record: $0.records.first?.line ?? "")
                })
        }
        let kind = facts.returnPathDomain == nil ? "mail" : "campaign"
        return CampaignWays.routes(campaign, directory).map { route in
            var line = line(route, directory)
            let found = report?.alignment.filter { $0.route == route.name && $0.kind == kind } ?? []
            line.isAligned = found.isEmpty ? nil : found.allSatisfy(\.passes)
            return line
        }
    }

    /// In the order in which they are tried, up to the one that takes everything. Receivers inside are no part of it.
    static func routes(_ campaign: Campaign, _ directory: Directory) -> [Route] {
        if let shares = campaign.routes { return shares.compactMap { directory.routes[$0.name] }.filter { !$0.isDisabled } }
        let domain = campaign.sender.domain
        let fitting = directory.routes.values.filter { route in
            guard !route.isDisabled, route.kind != .builtIn, directory.sources(of: route, in: .normal) != nil else { return false }
            return route.senderDomains.isEmpty || domain.map { from in route.senderDomains.contains { from.isWithin($0) } } == true
        }.sorted { ($0.order, $1.createdAt, $0.name) < ($1.order, $0.createdAt, $1.name) }
        let end = fitting.firstIndex { $0.recipientDomains.isEmpty } ?? fitting.count - 1
        return Array(fitting.prefix(end + 1))
    }

    private func line(_ route: Route, _ directory: Directory) -> ChecklistFacts.RouteLine {
        var line = ChecklistFacts.RouteLine(name: route.name)
        line.encrypts = route.tls != .none
        if case .smarthost(let hop) = route.kind {
            line.isSmarthost = true
            let host = hop.host.lowercased()
            let isHere = host == "localhost" || IPAddress(host)?.isLoopback == true
            line.encrypts = hop.tls != .none || hop.isImplicitTLS || hop.api != nil || isHere
            line.isMailbox = host.hasSuffix(".office365.com") || host == "outlook.office365.com" || hop.api != nil
        }
        let written = route.rewriting?.replacement(of: campaign.sender)?.domain
        line.fromWritten = written == campaign.sender.domain ? nil : written
        line.stopped = directory.upstreamStops[route.name].flatMap { $0.cause.isStop ? "\($0.cause.rawValue): \($0.reply)" : nil } ?? ""
        return line
    }

    /// Of the domain itself, or of the nearest one above it that is looked at.
    private func report() async throws -> DomainReport? {
        var domain = campaign.sender.domain
        while let asked = domain {
            if let check = try await administration.store.read({ try $0.domainStates(asked, limit: 1) }).first {
                return DomainLook.memory(check)?.report
            }
            domain = asked.parent
        }
        return nil
    }
}
