import Campaigns
import MailModel
package import OutboundPolicy
import Storage

/// Holds a draft against the launch checklist. Where no error and no warning without a tick is left, it is checked.
package struct CheckCampaign: AdministrativeOperation {
    package static let name = "campaigns.check"
    package static let scope = AccessScope.campaignsWrite
    package var campaign: String
    /// Codes of warnings that the caller has seen and accepts in the caller's name.
    package var accept: [String]?
    /// Only looks; nothing is changed.
    package var trial: Bool?

    package init(campaign: String, accept: [String]? = nil, trial: Bool? = nil) {
        self.campaign = campaign
        self.accept = accept
        self.trial = trial
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> ChecklistView {
        let directory = try await administration.directory()
        var found = try await administration.campaign(campaign)
        let settings = try await administration.settings()
        let reader = CampaignFactsReader(administration: administration, campaign: found, settings: settings, isFresh: trial != true)
        let facts = try await reader.facts(at: act.at)
        let lines = LaunchChecklist.lines(facts)
        let needsApproval = settings.campaigns.needsSecondPerson
        let pace = try await pace(found, facts.audience, settings, directory, in: administration, at: act.at)
        if trial == true { return view(found, lines, facts, pace) }
        if found.state(after: .check, needsApproval: needsApproval) != nil {
            for code in Set(accept ?? []) {
                // What has come into order meanwhile needs nobody's name.
                if lines.contains(where: { $0.code == code && $0.level == .green }) { continue }
                guard lines.contains(where: { $0.code == code && $0.level == .amber }) else {
                    throw AdministrationError(.invalid, "\(code.prefix(40)) is no warning of this campaign", "Errors cannot be accepted.")
                }
                if !found.ticks.contains(where: { $0.code == code }) {
                    found.ticks.append(Campaign.Tick(code: code, by: act.actor, at: act.at))
                }
            }
            let isReady = LaunchChecklist.isReady(lines, ticks: Set(found.ticks.map(\.code)))
            found.state = isReady ? .checked : .draft
            found.checkedBy = isReady ? act.actor : ""
            try await administration.put(found, seen: directory.version, entry: act.entry("campaign.check", target: campaign))
        } else if accept?.isEmpty == false {
            throw AdministrationError(
                .conflict, "the campaign \(campaign) is \(found.state.rawValue)", "Warnings are accepted before it is approved.")
        }
        return view(found, lines, facts, pace)
    }

    /// How it would go, were it started now.
    private struct Pace {
        /// When the last one will have been tried.
        var end: Timestamp
        /// What decides that.
        var reason: String
        /// People who get it first.
        var canary: Int
        /// When the rest begins; nil where all are among the first.
        var restAt: Timestamp?
    }

    private func pace(
        _ found: Campaign, _ audience: ChecklistFacts.Audience, _ settings: Settings, _ directory: Directory,
        in administration: Administration, at now: Timestamp
    ) async throws -> Pace {
        var campaign = found
        if let days = found.daysChosen { campaign.perDayMax = max(1, (audience.planned + days - 1) / days) }
        let forecaster = CampaignForecast(administration: administration, campaign: campaign, settings: settings)
        let demand = CampaignForecast.Demand(audience, campaign)
        let (forecast, reason) = try await forecaster.forecast(demand, at: now)
        let window = CampaignClocks.window(found, directory)
        return Pace(
            end: window.end(of: forecast.finish(from: now) - now, from: now), reason: reason, canary: demand.canary ?? 0,
            restAt: forecast.watchedUntil.map(window.opening))
    }

    private func view(_ found: Campaign, _ lines: [ChecklistLine], _ facts: ChecklistFacts, _ pace: Pace) -> ChecklistView {
        let ticks = Dictionary(found.ticks.map { ($0.code, $0.by) }) { first, _ in first }
        return ChecklistView(
            campaign: campaign, state: found.state, red: lines.count { $0.level == .red }, amber: lines.count { $0.level == .amber },
            open: lines.count { $0.level == .amber && ticks[$0.code] == nil }, recipients: facts.audience.planned,
            finish: pace.end.rfc3339, finishBy: pace.reason, canary: pace.canary, restFrom: pace.restAt?.rfc3339 ?? "",
            lines: lines.map {
                ChecklistView.Line(
                    code: $0.code, level: $0.level, title: $0.title, why: $0.why, fix: $0.fix,
                    acceptedBy: $0.level == .amber ? ticks[$0.code] ?? "" : "")
            })
    }
}
