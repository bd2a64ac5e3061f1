import Campaigns
import DeliveryPlanning
import MailModel
import OutboundPolicy
import Storage

/// Gathers what is known of the ways that a campaign takes, for the forecast of its end.
struct CampaignForecast: Sendable {
    let administration: Administration
    let campaign: Campaign
    let settings: Settings

    /// Domains with most recipients, of which each is looked at by itself.
    static let domainsMax = 100

    /// What is to come.
    struct Demand: Sendable {
        /// Recipients whose copies have not arrived, by domain; those of domains beyond the first are in `others`.
        var domains: [String: Int]
        var others = 0
        /// Of all, those whose turn has not come.
        var planned: Int
        /// Of all, those of the canary, where it is not over.
        var canary: Int?
        /// The wait begins with the end of the canary, unless it has begun.
        var canaryHandedAt: Timestamp?

        var remaining: Int { domains.values.reduce(others, +) }
    }

    /// The forecast, and the limit that decides it; empty where none does.
    func forecast(_ demand: Demand, at now: Timestamp) async throws -> (FinishForecast, reason: String) {
        let directory = try await administration.directory()
        let sending = SendingForecast(
            directory, transactionalShare: Double(settings.delivery.transactionalShare) / 100,
            day: TimeZones.day(directory.service?.timeZone ?? "UTC") ?? .utc, port: settings.delivery.port)
        let list = try await administration.list(campaign.list).number
        let (sender, wait) = (campaign.sender, Duration.seconds(Int64(campaign.canaryWaitMinutes) * 60))
        return try await administration.store.read { store in
            let groups = try CampaignForecast.groups(demand, store, list: list)
            var forecast = FinishForecast(remaining: demand.remaining, planned: demand.planned)
            let used = { (counter: ShapingCounter) in
                (try? store.counterSums(CounterKey(name: counter.name, window: counter.window), at: now)) ?? [:]
            }
            var phases = [SendingForecast.Phase(share: 1, start: now)]
            if let canary = demand.canary, demand.remaining > canary {
                let share = Double(canary) / Double(demand.remaining)
                phases = [SendingForecast.Phase(share: share, start: now)]
                let first = sending.ends(of: groups, from: sender, phases: phases, used: used)
                let restAt = max((demand.canaryHandedAt ?? now) + wait, first.limits?.at ?? now)
                phases.append(SendingForecast.Phase(share: 1 - share, start: restAt))
                (forecast.restAt, forecast.watchedUntil) = (restAt, restAt)
            }
            if let decidedAt = waitForSubject(&phases) { forecast.restAt = decidedAt }
            let ends = sending.ends(of: groups, from: sender, phases: phases, used: used)
            (forecast.limitsEnd, forecast.connectionsEnd) = (ends.limits?.at, ends.connections?.at)
            try addOwnLimits(&forecast, store, at: now)
            let decides = ends.limits.map { forecast.finish(from: now) == $0.at } ?? false
            return (forecast, reason: decides ? ends.limits?.reason ?? "" : "")
        }
    }

    /// Who tries two subjects goes before the rest, which waits for the better one. Returns until when; nil where nothing is to be decided.
    private func waitForSubject(_ phases: inout [SendingForecast.Phase]) -> Timestamp? {
        guard let test = campaign.subjectTest, test.winner == nil, test.share < SubjectTest.shares.upperBound,
            let last = phases.popLast()
        else { return nil }
        let trying = test.handedAt == nil ? max(0, Double(test.share) / 100 - (1 - last.share)) : 0
        let decidedAt = max(last.start, (test.handedAt ?? last.start) + .seconds(Int64(test.waitHours) * 3600))
        if trying > 0 { phases.append(SendingForecast.Phase(share: trying, start: last.start)) }
        phases.append(SendingForecast.Phase(share: last.share - trying, start: decidedAt))
        return decidedAt
    }

    private func addOwnLimits(_ forecast: inout FinishForecast, _ store: any Store, at now: Timestamp) throws {
        func window(_ most: Int?, _ seconds: Int64) throws -> FinishForecast.Window? {
            guard let most else { return nil }
            let pace = try store.campaignPace(campaign.number, since: max(campaign.startedAt ?? now, now - .seconds(seconds)))
            return FinishForecast.Window(most: most, handed: pace.handed, firstAt: pace.firstAt)
        }
        forecast.perHour = try window(campaign.perHourMax, 3600)
        forecast.perDay = try window(campaign.perDayMax, 86_400)
    }

    // MARK: - Who receives

    /// By the mail hosts that DNS named when the list's domains were looked up.
    private static func groups(_ demand: Demand, _ store: any Store, list: Int64) throws -> [SendingForecast.Group] {
        let known = demand.domains.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            .compactMap { name, count in DomainName(name).map { (name: $0, count: count) } }
        let first = known.prefix(domainsMax)
        let hosts = try store.mailHosts(of: first.map { $0.name.text }, list: list)
        var groups = first.map { SendingForecast.Group(domain: $0.name, hosts: hosts[$0.name.text] ?? [], count: $0.count) }
        let rest = known.dropFirst(first.count).reduce(demand.others) { $0 + $1.count }
        if rest > 0, let domain = known.dropFirst(first.count).first?.name ?? DomainName("many.invalid") {
            groups.append(SendingForecast.Group(domain: domain, hosts: [], count: rest, isMany: true))
        }
        return groups
    }
}

extension CampaignForecast.Demand {
    /// Before it is started: all of the audience.
    init(_ audience: ChecklistFacts.Audience, _ campaign: Campaign) {
        domains = audience.domains
        planned = audience.planned
        canary = min(audience.planned, campaign.canaryChosen ?? audience.risk.canary(of: audience.planned))
    }

    /// While it is sent. `counts`: of the domains with most recipients.
    init(_ counts: [CampaignDomainCount], _ sums: CampaignReport.Sums, _ campaign: Campaign) {
        domains = [:]
        for count in counts where count.state == .planned || count.state.isOpen { domains[count.domain, default: 0] += count.count }
        others = max(0, sums.planned + sums.open - domains.values.reduce(0, +))
        planned = sums.planned
        guard campaign.state == .canary else { return }
        let handed = sums.all - sums.planned - sums.skipped
        canary = max(0, campaign.canarySize - handed) + sums.open
        canaryHandedAt = campaign.canaryHandedAt
    }
}
