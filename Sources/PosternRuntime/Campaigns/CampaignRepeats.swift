import Campaigns
import Logging
import MailModel
package import OutboundPolicy
import Storage

/// Has a campaign that was sent go out anew with the same design, each time as a campaign of its own.
package struct RepeatCampaign: AdministrativeOperation {
    package static let name = "campaigns.repeat"
    package static let scope = AccessScope.campaignsWrite
    package var campaign: String
    /// `daily 09:00`, `weekly Mon,Thu 09:00`, `monthly 1 09:00`; empty: no more.
    package var every: String
    /// `subscribed 3`: who came onto the list three days before; `date birthday`: whose attribute has that day, `date renewal 14`: or will
    /// have in 14 days. Nil or empty: everybody.
    package var trigger: String?

    package init(campaign: String, every: String, trigger: String? = nil) {
        self.campaign = campaign
        self.every = every
        self.trigger = trigger
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> CampaignView {
        let directory = try await administration.directory()
        var found = try await administration.campaign(campaign)
        let entry = act.entry("campaign.repeat", target: campaign)
        guard !every.isEmpty else {
            (found.repeats, found.trigger, found.repeatProblem) = (nil, nil, nil)
            try await administration.put(found, seen: directory.version, entry: entry)
            return CampaignView(found)
        }
        guard found.startedAt != nil, found.state != .cancelled, found.triggerDay == nil else {
            throw AdministrationError(
                .conflict, "the campaign \(campaign) was not sent yet",
                "What goes out by itself was checked, tried and sent once: start it first.")
        }
        try await administration.mayApprove(found, act)
        guard let rule = CampaignRepeat(every) else {
            throw AdministrationError(
                .invalid, "\"\(every.prefix(60))\" is no rhythm", "Such as: daily 09:00, weekly Mon,Thu 09:00, monthly 1 09:00.")
        }
        let wanted = trigger ?? ""
        let people = CampaignTrigger(wanted)
        guard wanted.isEmpty || people != nil else {
            throw AdministrationError(
                .invalid, "\"\(wanted.prefix(60))\" says of nobody when", "Such as: subscribed 3, date birthday, date renewal 14.")
        }
        guard people == nil || rule.rhythm == .daily else {
            throw AdministrationError(.invalid, "people of a day are looked for daily", "Such as: --every \"daily 09:00\".")
        }
        (found.repeats, found.trigger, found.repeatedAt, found.repeatProblem) = (rule, people, act.at, nil)
        try await administration.put(found, seen: directory.version, entry: entry)
        return CampaignView(found)
    }
}

/// Makes the campaigns that go out by themselves, when their time has come.
struct CampaignRepeats: Sendable {
    let administration: Administration
    let logger: Logger

    static let actor = "postern"

    func round(at now: Timestamp) async throws {
        let directory = try await administration.directory()
        for campaign in directory.campaigns.values.sorted(by: { $0.number < $1.number }) {
            guard let rule = campaign.repeats, campaign.state != .cancelled, let last = campaign.repeatedAt else { continue }
            let clocks = CampaignClocks.own(campaign, directory)
            let due = rule.next(after: last, in: clocks)
            guard due <= now else { continue }
            // What was missed while nothing ran goes out once.
            let problem = try await problem(campaign, clocks.day(of: now), clocks, at: now)
            // Somebody may have changed it meanwhile, who comes first.
            guard var changed = try await administration.directory().campaigns[campaign.name], changed.repeats != nil else { continue }
            (changed.repeatedAt, changed.repeatProblem) = (now, problem)
            let entry = AuditEntry(
                at: now, actor: CampaignRepeats.actor, action: "campaign.repeated", target: campaign.name,
                reason: problem ?? "")
            try await administration.put(changed, seen: nil, entry: entry)
            if let problem {
                logger.warning("a campaign did not go out anew", metadata: ["campaign": "\(campaign.name)", "reason": "\(problem)"])
            }
        }
    }

    /// Makes and starts one; nil where it went out, or is for nobody today.
    private func problem(_ origin: Campaign, _ today: Int32, _ clocks: OrganisationDay, at now: Timestamp) async throws -> String? {
        let made = try await copy(of: origin, today, clocks, at: now)
        if made.trigger != nil, try await isForNobody(made, at: now) { return nil }
        let act = Act(actor: CampaignRepeats.actor, reason: "repeats \(origin.name)", at: now)
        let change = try DirectoryChange(
            .campaign, name: made.name, made, mustBeNew: true, entry: act.entry("campaign.create", target: made.name))
        do {
            let content = try await administration.content(of: origin)
            for file in content.attachments ?? [] {
                guard let octets = try await administration.store.read({ try $0.campaignFile(origin.number, digest: file.digest) }) else {
                    return "the file \(file.name) is gone"
                }
                let keep = CampaignWork.keepFile(campaign: made.number, digest: file.digest, content: octets)
                _ = try await administration.store.perform(.campaign(keep))
            }
            try await administration.keep(content, of: made)
            try await administration.commit([change])
            _ = try await administration.perform(StartCampaign(campaign: made.name), act)
            return nil
        } catch let error as AdministrationError {
            return "\(made.name): \(error.problem) \(error.advice)"
        }
    }

    /// Approved as its origin was: what follows is the checklist, which is looked at again at the start.
    private func copy(of origin: Campaign, _ today: Int32, _ clocks: OrganisationDay, at now: Timestamp) async throws -> Campaign {
        let directory = try await administration.directory()
        let date = clocks.calendar(at: now)
        let day = "\(date.year)-\(date.month < 10 ? "0" : "")\(date.month)-\(date.dayOfMonth < 10 ? "0" : "")\(date.dayOfMonth)"
        let newest = directory.campaigns.values.map(\.number).max() ?? 0
        var made = Campaign(
            name: "\(origin.name.prefix(64 - day.count - 1))-\(day)", number: max(now.milliseconds, newest + 1), list: origin.list,
            segment: origin.segment, from: origin.from, sender: origin.sender, kind: origin.kind, seed: origin.seed &+ Int64(today),
            createdBy: origin.createdBy, createdAt: now)
        (made.ticks, made.checkedBy, made.approvedBy) = (origin.ticks, origin.checkedBy, origin.approvedBy)
        (made.pilotApprovedBy, made.state) = (origin.pilotApprovedBy, .pilotApproved)
        (made.canaryChosen, made.canaryWaitMinutes) = (origin.canaryChosen, origin.canaryWaitMinutes)
        (made.perHourMax, made.daysChosen) = (origin.perHourMax, origin.daysChosen)
        made.perDayMax = origin.daysChosen == nil ? origin.perDayMax : nil
        (made.hours, made.zone, made.zoneAttribute, made.routes) = (origin.hours, origin.zone, origin.zoneAttribute, origin.routes)
        made.subjectTest = origin.subjectTest.map { SubjectTest(share: $0.share, waitHours: $0.waitHours) }
        (made.trigger, made.triggerDay) = (origin.trigger, origin.trigger == nil ? nil : today)
        return made
    }

    private func isForNobody(_ campaign: Campaign, at now: Timestamp) async throws -> Bool {
        let audience = try await CampaignAudience(campaign, in: administration)
        var after = ""
        while true {
            let start = after
            guard let page = try await administration.store.read({ try audience.page($0, after: start, at: now) }) else { return true }
            if page.people.contains(where: { $0.skipped == nil }) { return false }
            after = page.last
        }
    }
}
