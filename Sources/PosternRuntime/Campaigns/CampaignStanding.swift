import Campaigns
import MailModel
import OutboundPolicy
import Storage

/// Where a campaign is, in numbers.
struct CampaignStanding: Sendable {
    /// Of the list: whose turn is to come.
    var planned = 0
    /// In the queue, the pilot's among them.
    var open = 0
    /// Of the list: handed to the queue so far.
    var handed = 0
    /// Of the pilot: whose turn is to come.
    var pilotPlanned = 0
    var figures: CanaryGate.Figures

    init(_ store: any Store, _ campaign: Campaign, at now: Timestamp) throws {
        var deferred = 0
        var listOpen = 0
        for count in try store.campaignCounts(campaign.number) {
            if count.state.isOpen { open += count.count }
            if count.phase == .pilot, count.state == .planned { pilotPlanned += count.count }
            guard count.phase == .list else { continue }
            if count.state == .planned { planned += count.count }
            if count.state == .deferred { deferred += count.count }
            if count.state.isOpen { listOpen += count.count }
            if count.state != .planned, count.state != .skipped { handed += count.count }
        }
        let came = try CampaignFigures.read(store, campaign, at: now)
        figures = CanaryGate.Figures(
            handed: handed, open: listOpen, deferred: deferred, delivered: came.delivered, hardBounces: came.hardBounces,
            complaints: came.complaints)
    }
}
