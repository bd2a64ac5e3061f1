import Campaigns
import MailModel
package import OutboundPolicy
import Storage

/// What became of a campaign's recipients, by the rows themselves.
package struct ReportCampaign: AdministrativeOperation {
    package static let name = "campaigns.report"
    package static let scope = AccessScope.campaignsRead
    package var campaign: String
    package init(campaign: String) { self.campaign = campaign }

    static let domainsMax = 20

    package func perform(in administration: Administration, _ act: Act) async throws -> CampaignReport {
        let found = try await administration.campaign(campaign)
        _ = try await administration.store.perform(
            .campaign(.follow(campaign: found.number, limit: CampaignWork.partMax, at: act.at)))
        let responses = try await administration.responses(to: found)
        var (report, demand, recent) = try await administration.store.read { try ReportCampaign.report($0, found, responses, at: act.at) }
        let counts = try await administration.store.read { try CampaignFigures.counts($0, found, at: act.at) }
        if found.subjectTest != nil {
            let (counts, clicks) = try await administration.store.read {
                (try $0.campaignSubjects(found.number), try $0.campaignSubjectClicks(found.number))
            }
            report.subjects = CampaignReport.Subjects(found, counts, clicks)
        }
        (report.providers, report.steps) = (CampaignReport.providers(counts), CampaignReport.steps(counts))
        guard found.state == .canary || found.state == .rest else { return report }
        let window = CampaignClocks.window(found, try await administration.directory())
        let forecaster = CampaignForecast(administration: administration, campaign: found, settings: try await administration.settings())
        var (forecast, reason) = try await forecaster.forecast(demand, at: act.at)
        forecast.recent = recent
        let end = window.end(of: forecast.finish(from: act.at) - act.at, from: act.at)
        (report.finish, report.finishBy) = (end.rfc3339, reason)
        report.perHour = forecast.pace(from: act.at)
        if found.state == .canary {
            report.canary = CampaignReport.Canary(found, report.sums, restAt: forecast.watchedUntil.map(window.opening), at: act.at)
        }
        return report
    }

    /// What was handed over in the last hour of sending, and in how many seconds.
    typealias Recent = (count: Int, seconds: Int)

    static func report(
        _ store: any Store, _ campaign: Campaign, _ responses: CampaignReport.Responses, at now: Timestamp
    ) throws -> (CampaignReport, CampaignForecast.Demand, Recent?) {
        var sums = CampaignReport.Sums()
        var pilot = CampaignReport.Sums()
        for count in try store.campaignCounts(campaign.number) {
            if count.phase == .list { sums.add(count.state, count.count) } else { pilot.add(count.state, count.count) }
        }
        let figures = try CampaignFigures.read(store, campaign, at: now)
        let started = campaign.startedAt ?? campaign.createdAt
        let pace = try store.campaignPace(campaign.number, since: max(campaign.restAt ?? started, now - .seconds(3600)))
        var recent: Recent?
        if campaign.state == .rest, let first = pace.firstAt {
            recent = (pace.handed, Int((now.milliseconds - first.milliseconds) / 1000))
        }
        let counts = try store.campaignDomains(campaign.number, limit: CampaignForecast.domainsMax)
        let report = CampaignReport(
            campaign: campaign.name, state: campaign.state, pauseReason: campaign.pauseReason, recipients: sums.all, sums: sums,
            responses: responses, pilot: pilot, left: pace.left, complaints: figures.complaints, hardBounces: figures.hardBounces,
            deferrals: figures.deferrals, started: campaign.startedAt?.rfc3339 ?? "",
            finish: campaign.endedAt?.rfc3339 ?? "", finishBy: "", perHour: 0, domains: Array(domains(counts).prefix(domainsMax)))
        return (report, CampaignForecast.Demand(counts, sums, campaign), recent)
    }

    private static func domains(_ counts: [CampaignDomainCount]) -> [CampaignReport.Domain] {
        var found: [String: CampaignReport.Domain] = [:]
        for count in counts {
            found[count.domain, default: CampaignReport.Domain(domain: count.domain, recipients: 0, sums: .init())].recipients +=
                count.count
            found[count.domain]?.sums.add(count.state, count.count)
        }
        return found.values.sorted { ($1.recipients, $0.domain) < ($0.recipients, $1.domain) }
    }
}

extension CampaignReport.Canary {
    /// `restAt`: nil where nobody is left for the rest.
    init(_ campaign: Campaign, _ sums: CampaignReport.Sums, restAt: Timestamp?, at now: Timestamp) {
        (size, waitMinutes) = (campaign.canarySize, campaign.canaryWaitMinutes)
        handed = min(size, sums.all - sums.planned - sums.skipped)
        restFrom = restAt?.rfc3339 ?? ""
        let underWay = sums.queued + sums.held
        let watchedUntil = campaign.canaryHandedAt.map { $0 + .seconds(Int64(campaign.canaryWaitMinutes) * 60) }
        if !campaign.isPlanned {
            waitsFor = "The list is being read."
        } else if campaign.canaryHandedAt == nil {
            waitsFor = "The first \(size) are being handed over: \(handed) so far."
        } else if let watchedUntil, now < watchedUntil {
            waitsFor = "What comes back of the first \(size) is watched until \(watchedUntil.rfc3339)."
        } else if underWay > 0 {
            waitsFor = "\(underWay) of the first \(size) copies are still under way."
        } else {
            waitsFor = "It is about to go on."
        }
    }
}

/// What came back of a campaign since it began.
enum CampaignFigures {
    static func read(_ store: any Store, _ campaign: Campaign, at now: Timestamp) throws -> SendingFigures {
        SendingRates.figures(try counts(store, campaign, at: now))
    }

    static func counts(_ store: any Store, _ campaign: Campaign, at now: Timestamp) throws -> [SendingCount] {
        let subject = SendingSubject(RateSubject.sender(campaign.senderName).description)
        return try store.sendingCounts(
            of: subject, from: SendingCount.hour(of: campaign.createdAt), to: SendingCount.hour(of: now) + 1)
    }
}

/// Recipients of a campaign, in order of their addresses.
package struct ListCampaignRecipients: AdministrativeOperation {
    package static let name = "campaigns.recipients"
    package static let scope = AccessScope.subscribersRead
    package var campaign: String
    /// Nil for all.
    package var status: String?
    /// The named people in place of the list's.
    package var pilot: Bool?
    package var after: String?
    /// 1…10,000; nil: 100.
    package var limit: Int?

    package init(campaign: String, status: String? = nil, pilot: Bool? = nil, after: String? = nil, limit: Int? = nil) {
        self.campaign = campaign
        self.status = status
        self.pilot = pilot
        self.after = after
        self.limit = limit
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> CampaignRecipientPage {
        let found = try await administration.campaign(campaign)
        var query = CampaignRecipientQuery(campaign: found.number, phase: pilot == true ? .pilot : .list)
        query.limit = limit ?? 100
        guard (1...10_000).contains(query.limit) else {
            throw AdministrationError(.invalid, "a page of \(query.limit)", "A page has 1 to 10,000 people.")
        }
        if let status {
            guard let state = CampaignRecipientState(name: status) else {
                throw AdministrationError(
                    .invalid, "\"\(status.prefix(40))\" is no state of a recipient",
                    CampaignRecipientState.allCases.map(\.name).joined(separator: ", "))
            }
            query.state = state
        }
        query.after = after ?? ""
        _ = try await administration.store.perform(
            .campaign(.follow(campaign: found.number, limit: CampaignWork.partMax, at: act.at)))
        let asked = query
        let rows = try await administration.store.read { try $0.campaignRecipients(asked) }
        return CampaignRecipientPage(
            items: rows.map {
                CampaignRecipientView(
                    address: $0.address, state: $0.state.name, reason: $0.reason, message: $0.message?.description ?? "",
                    changed: $0.changedAt.rfc3339, complained: $0.hasComplained)
            }, next: rows.count == asked.limit ? rows.last?.address : nil)
    }
}
