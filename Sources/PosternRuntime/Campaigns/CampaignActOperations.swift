import Campaigns
import DeliveryPlanning
package import MailModel
package import OutboundPolicy
import Storage

/// Agrees to a campaign that was checked, or to the pilot of one.
package struct ApproveCampaign: AdministrativeOperation {
    package static let name = "campaigns.approve"
    package static let scope = AccessScope.campaignsApprove
    package var campaign: String
    package init(campaign: String) { self.campaign = campaign }

    package func perform(in administration: Administration, _ act: Act) async throws -> CampaignView {
        let directory = try await administration.directory()
        let isPilot = directory.campaigns[campaign]?.state == .pilot
        var (found, state) = try await administration.campaign(campaign, after: isPilot ? .approvePilot : .approve)
        try await administration.mayApprove(found, act)
        if isPilot {
            try await administration.requireDelivered(found)
            found.pilotApprovedBy = act.actor
        } else {
            found.approvedBy = act.actor
        }
        found.state = state
        let action = isPilot ? "campaign.approve-pilot" : "campaign.approve"
        try await administration.put(found, seen: directory.version, entry: act.entry(action, target: campaign))
        return CampaignView(found)
    }
}

extension Administration {
    /// Where a second person is needed, the author is not one.
    func mayApprove(_ campaign: Campaign, _ act: Act) async throws {
        guard try await settings().campaigns.needsSecondPerson, campaign.createdBy == act.actor else { return }
        throw AdministrationError(.denied, "\(act.actor) wrote the campaign \(campaign.name)", "Another person has to approve it.")
    }

    /// The pilot's copies have arrived, one at least.
    func requireDelivered(_ campaign: Campaign) async throws {
        _ = try await store.perform(.campaign(.follow(campaign: campaign.number, limit: CampaignWork.partMax, at: .now)))
        let counts = try await store.read { try $0.campaignCounts(campaign.number) }.filter { $0.phase == .pilot }
        let shows = "`postern campaign recipients \(campaign.name) --pilot` and the campaign's page show each of them."
        guard !counts.contains(where: { !$0.state.isFinal }) else {
            throw AdministrationError(.conflict, "the pilot of \(campaign.name) has not arrived yet", "Wait for it. \(shows)")
        }
        guard counts.contains(where: { $0.state == .delivered }) else {
            throw AdministrationError(
                .conflict, "the pilot of \(campaign.name) reached nobody", "\(shows) Mend what they say, and send it again.")
        }
    }
}

/// Sends it to named people, before anybody else. Again for others, as often as needed.
package struct PilotCampaign: AdministrativeOperation {
    package static let name = "campaigns.pilot"
    package static let scope = AccessScope.campaignsWrite
    package var campaign: String
    /// 1…50.
    package var recipients: [EmailAddress]

    package init(campaign: String, recipients: [EmailAddress]) {
        self.campaign = campaign
        self.recipients = recipients
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> CampaignView {
        guard (1...50).contains(recipients.count) else {
            throw AdministrationError(.invalid, "a pilot of \(recipients.count) people", "Name 1 to 50 people.")
        }
        let directory = try await administration.directory()
        var (found, state) = try await administration.campaign(campaign, after: .pilot)
        let list = try await administration.list(found.list)
        var planned: [PlannedRecipient] = []
        for address in recipients {
            planned.append(
                PlannedRecipient(
                    phase: .pilot, address: address, place: SendingOrder.place(of: address.key, seed: found.seed),
                    attributes: try await administration.attributes(of: address, list: list)))
        }
        _ = try await administration.store.perform(.campaign(.plan(campaign: found.number, planned, at: act.at)))
        found.pilot += recipients.filter { !found.pilot.contains($0) }
        found.state = state
        found.pilotApprovedBy = ""
        try await administration.put(found, seen: directory.version, entry: act.entry("campaign.pilot", target: campaign))
        return CampaignView(found)
    }
}

/// Lets it go to the canary, and where that goes well to the rest. Who starts one whose pilot nobody approved approves it by that.
package struct StartCampaign: AdministrativeOperation {
    package static let name = "campaigns.start"
    package static let scope = AccessScope.campaignsWrite
    package var campaign: String
    package init(campaign: String) { self.campaign = campaign }

    package func perform(in administration: Administration, _ act: Act) async throws -> CampaignView {
        let directory = try await administration.directory()
        let settings = try await administration.settings()
        var found = try await administration.campaign(campaign)
        if found.state == .pilot, !settings.campaigns.needsSecondPerson {
            try await administration.requireDelivered(found)
            found.state = .pilotApproved
            found.pilotApprovedBy = act.actor
        }
        guard let state = found.state(after: .start, needsApproval: settings.campaigns.needsSecondPerson) else {
            throw AdministrationError(
                .conflict, "the campaign \(campaign) is \(found.state.rawValue)",
                CampaignWords.next(found.state, settings.campaigns.needsSecondPerson))
        }
        // What was right when it was checked may not be now.
        let reader = CampaignFactsReader(administration: administration, campaign: found, settings: settings, isFresh: true)
        let facts = try await reader.facts(at: act.at)
        let lines = LaunchChecklist.lines(facts)
        guard LaunchChecklist.isReady(lines, ticks: Set(found.ticks.map(\.code))) else {
            let worst =
                lines.first { $0.level == .red }
                ?? lines.first { line in
                    line.level == .amber && !found.ticks.contains { $0.code == line.code }
                }
            throw AdministrationError(
                .conflict, "the checklist is no longer clear: \(worst.map { "\($0.code): \($0.why)" } ?? "")",
                "Edit the campaign, then check it again.")
        }
        found.state = state
        found.startedAt = act.at
        try await administration.put(found, seen: directory.version, entry: act.entry("campaign.start", target: campaign))
        return CampaignView(found)
    }
}

/// Nothing of it leaves any more, what is in the queue neither.
package struct PauseCampaign: AdministrativeOperation {
    package static let name = "campaigns.pause"
    package static let scope = AccessScope.campaignsWrite
    package var campaign: String
    package init(campaign: String) { self.campaign = campaign }

    package func perform(in administration: Administration, _ act: Act) async throws -> CampaignView {
        let directory = try await administration.directory()
        let (found, _) = try await administration.campaign(campaign, after: .pause)
        let reason = act.reason.isEmpty ? "paused by \(act.actor)" : act.reason
        return CampaignView(try await administration.pause(found, reason: reason, seen: directory.version, act))
    }
}

extension Administration {
    func pause(_ campaign: Campaign, reason: String, seen version: Int64, _ act: Act) async throws -> Campaign {
        var paused = campaign
        paused.pausedFrom = campaign.state
        paused.state = .paused
        paused.pauseReason = reason
        let scope = Pause.Scope.sender(campaign.senderName)
        let entry = act.entry("campaign.pause", target: campaign.name)
        let stop = try DirectoryChange(.pause, name: scope.description, Pause(scope: scope), entry: entry)
        try await put(paused, with: [stop], seen: version, entry: entry)
        return paused
    }

    /// The change that takes a campaign's pause away; none where there is none.
    func unpausing(_ campaign: Campaign, _ directory: Directory, _ entry: AuditEntry) -> [DirectoryChange] {
        let scope = Pause.Scope.sender(campaign.senderName)
        guard directory.pauses.contains(scope) else { return [] }
        return [DirectoryChange(kind: .pause, name: scope.description, value: nil, audit: entry)]
    }
}

package struct ResumeCampaign: AdministrativeOperation {
    package static let name = "campaigns.resume"
    package static let scope = AccessScope.campaignsWrite
    package var campaign: String
    package init(campaign: String) { self.campaign = campaign }

    package func perform(in administration: Administration, _ act: Act) async throws -> CampaignView {
        let directory = try await administration.directory()
        var (found, state) = try await administration.campaign(campaign, after: .resume)
        (found.state, found.pausedFrom, found.pauseReason) = (state, nil, "")
        let entry = act.entry("campaign.resume", target: campaign)
        try await administration.put(
            found, with: administration.unpausing(found, directory, entry), seen: directory.version, entry: entry)
        // What the pause kept back would be looked at again after a while only.
        var kept = QueueFilter()
        kept.states = [.queued]
        kept.dueBy = act.at + DeliveryPlanning.QueueSettings.pausedWaitStandard
        kept.sender = found.senderName
        _ = try await administration.act(QueueAct(verb: .retry, filter: kept, audit: act.entry("queue.retry", target: found.senderName)))
        return CampaignView(found)
    }
}

/// Ends it. Who has it has it; all others do not get it, what is in the queue neither.
package struct CancelCampaign: AdministrativeOperation {
    package static let name = "campaigns.cancel"
    package static let scope = AccessScope.campaignsWrite
    package var campaign: String
    package init(campaign: String) { self.campaign = campaign }

    package func perform(in administration: Administration, _ act: Act) async throws -> CampaignView {
        let directory = try await administration.directory()
        var (found, state) = try await administration.campaign(campaign, after: .cancel)
        let entry = act.entry("campaign.cancel", target: campaign)
        if found.state != .cancelled {
            (found.state, found.endedAt) = (state, act.at)
            try await administration.put(
                found, with: administration.unpausing(found, directory, entry), seen: directory.version, entry: entry)
        }
        // First those whose turn is to come, so that nothing is handed over behind what is taken out of the queue. Done again, all of it
        // does what is left to do.
        let reason = act.reason.isEmpty ? "cancelled by \(act.actor)" : act.reason
        let work = StoreWork.campaign(.cancel(campaign: found.number, reason: reason, limit: CampaignWork.partMax, at: act.at))
        while case .affected(let count) = try await administration.store.perform(work), count > 0 {}
        var queued = QueueFilter()
        queued.sender = found.senderName
        let cancelling = act.entry("queue.cancel", target: found.senderName)
        _ = try await administration.act(QueueAct(verb: .cancel, filter: queued, audit: cancelling))
        return CampaignView(found)
    }
}
