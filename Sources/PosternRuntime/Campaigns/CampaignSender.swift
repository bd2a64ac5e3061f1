import Campaigns
import Console
import DeliveryPlanning
import InternetMessage
import Logging
import MailModel
import OutboundPolicy
import Storage
import Submission

/// Goes on with the campaigns that are being sent: plans, hands over, waits for the canary, stops and ends.
struct CampaignSender: Sendable {
    let administration: Administration
    let gate: any HTTPGate
    let settings: @Sendable () -> Settings
    let logger: Logger

    /// How long other nodes leave campaigns alone without a word.
    private static let lease = Duration.seconds(60)
    /// Copies that are made and handed over side by side.
    private static let parallelMax = 16
    /// Handed over before the campaign is looked at again.
    private static let partMax = 500
    private static let actor = "postern"

    func round(owner: Int64, at now: Timestamp) async throws {
        let sending = try await administration.directory().campaigns.values.filter(\.isSending).sorted { $0.number < $1.number }
        guard !sending.isEmpty else { return }
        // One whose pilot has gone out waits for people, and costs nothing meanwhile.
        let active = try await administration.store.read { store in
            try sending.filter { campaign in
                guard campaign.state == .pilot else { return true }
                let standing = try CampaignStanding(store, campaign, at: now)
                return standing.open > 0 || standing.pilotPlanned > 0
            }
        }
        guard !active.isEmpty else { return }
        let task = TaskHold(name: "campaigns", owner: owner, lease: CampaignSender.lease, at: now)
        guard case .task(isHeld: true) = try await administration.store.perform(.holdTask(task)) else { return }
        // Each has the same share of the queue.
        let share = max(1, settings().campaigns.inQueueMax / active.count)
        for campaign in active {
            do {
                try await goOn(campaign.name, share: share, at: now)
            } catch {
                logger.warning("a campaign could not be gone on with", metadata: ["campaign": "\(campaign.name)", "error": "\(error)"])
            }
        }
    }

    private func goOn(_ name: String, share: Int, at now: Timestamp) async throws {
        let directory = try await administration.directory()
        guard let campaign = directory.campaigns[name], campaign.isSending else { return }
        let limit = settings().campaigns.inQueueMax + CampaignSender.partMax
        let follow = CampaignWork.follow(campaign: campaign.number, limit: limit, at: now)
        _ = try await administration.store.perform(.campaign(follow))
        let standing = try await administration.store.read { try CampaignStanding($0, campaign, at: now) }
        let free = max(0, share - standing.open)
        switch campaign.state {
        case .pilot: try await hand(campaign, .pilot, limit: free)
        case .canary where !campaign.isPlanned: try await plan(campaign, seen: directory.version, at: now)
        case .canary: try await goOnWithCanary(campaign, standing, free: free, seen: directory.version, at: now)
        case .rest:
            if let problem = CanaryGate().problem(standing.figures) {
                return try await hold(campaign, problem, seen: directory.version, at: now)
            }
            if standing.planned == 0, standing.open == 0 { return try await finish(campaign, seen: directory.version, at: now) }
            try await hand(campaign, .list, limit: min(free, try await allowance(of: campaign, at: now)))
        default: break
        }
    }

    private func goOnWithCanary(
        _ campaign: Campaign, _ standing: CampaignStanding, free: Int, seen version: Int64, at now: Timestamp
    ) async throws {
        let wanted = min(campaign.canarySize - standing.handed, standing.planned)
        if wanted > 0 {
            if let problem = CanaryGate().problem(standing.figures) { return try await hold(campaign, problem, seen: version, at: now) }
            return try await hand(campaign, .list, limit: min(wanted, free, try await allowance(of: campaign, at: now)))
        }
        guard let handedAt = campaign.canaryHandedAt else {
            var changed = campaign
            changed.canaryHandedAt = now
            return try await put(changed, "campaign.canary-handed", seen: version, at: now)
        }
        let waitMinutes = standing.planned == 0 ? 0 : campaign.canaryWaitMinutes
        switch CanaryGate().verdict(standing.figures, handedAt: handedAt, waitMinutes: waitMinutes, at: now) {
        case .wait: break
        case .hold(let problem): try await hold(campaign, problem, seen: version, at: now)
        case .goOn:
            guard let state = campaign.state(after: .goOn, needsApproval: false) else { return }
            var changed = campaign
            (changed.state, changed.restAt) = (state, now)
            try await put(changed, "campaign.go-on", seen: version, at: now)
        }
    }

    // MARK: - Planning

    /// A row for each recipient, in the order of sending. After a stop in between it is done again, and comes to the same.
    private func plan(_ campaign: Campaign, seen version: Int64, at now: Timestamp) async throws {
        let audience = try await CampaignAudience(campaign, in: administration)
        var planned = 0
        var after = ""
        while true {
            let start = after
            guard let page = try await administration.store.read({ try audience.page($0, after: start, at: now) }) else { break }
            let people = page.people.map { person in
                let address = person.subscriber.address
                return PlannedRecipient(
                    phase: .list, address: address, place: SendingOrder.place(of: address.key, seed: campaign.seed),
                    attributes: person.subscriber.attributes, state: person.skipped == nil ? .planned : .skipped,
                    reason: person.skipped?.rawValue ?? "")
            }
            planned += people.count { $0.state == .planned }
            if !people.isEmpty { _ = try await administration.store.perform(.campaign(.plan(campaign: campaign.number, people, at: now))) }
            after = page.last
        }
        var changed = campaign
        changed.isPlanned = true
        changed.canarySize = min(planned, campaign.canaryChosen ?? audience.risk?.canary(of: planned) ?? max(50, planned / 10))
        try await put(changed, "campaign.plan", seen: version, at: now)
    }

    // MARK: - Handing over

    /// How many may be handed over now by the campaign's own limits.
    private func allowance(of campaign: Campaign, at now: Timestamp) async throws -> Int {
        var allowance = CampaignSender.partMax
        for (limit, seconds) in [(campaign.perHourMax, 3600 as Int64), (campaign.perDayMax, 86_400)] {
            guard let limit else { continue }
            let since = max(campaign.startedAt ?? now, now - .seconds(seconds))
            let pace = try await administration.store.read { try $0.campaignPace(campaign.number, since: since) }
            allowance = min(allowance, max(0, limit - pace.handed))
        }
        return allowance
    }

    /// What came of a copy.
    private enum Outcome: Sendable {
        case taken
        /// The recipient ends with this reason.
        case ended(CampaignRecipient, reason: String)
        /// Nothing is handed over now.
        case later(String)
        case hold(String)
    }

    private func hand(_ campaign: Campaign, _ phase: CampaignPhase, limit: Int) async throws {
        let limit = min(limit, CampaignSender.partMax)
        guard limit > 0 else { return }
        let rows = try await administration.store.read { try $0.nextCampaignRecipients(campaign.number, phase: phase, limit: limit) }
        guard !rows.isEmpty else { return }
        let writer = try await administration.writer(of: campaign, settings: settings())
        var rest = rows[...]
        while !rest.isEmpty, !Task.isCancelled {
            let part = rest.prefix(CampaignSender.parallelMax)
            rest = rest.dropFirst(part.count)
            let outcomes = await withTaskGroup(of: Outcome.self) { group in
                for row in part { group.addTask { await submit(row, of: campaign, writer) } }
                return await group.reduce(into: []) { $0.append($1) }
            }
            for case .ended(let row, let reason) in outcomes {
                _ = try await administration.store.perform(
                    .campaign(.end(campaign: campaign.number, row.phase, address: row.address, .refused, reason: reason, at: .now)))
            }
            for outcome in outcomes {
                if case .hold(let reason) = outcome { return try await hold(campaign.name, reason) }
            }
            for case .later(let reason) in outcomes {
                logger.info("a campaign waits", metadata: ["campaign": "\(campaign.name)", "reason": "\(reason)"])
                return
            }
        }
    }

    private func submit(_ row: CampaignRecipient, of campaign: Campaign, _ writer: CampaignWriter) async -> Outcome {
        guard let address = EmailAddress(row.address) else { return .ended(row, reason: "not an address") }
        let content: [UInt8]
        do {
            content = try writer.copy(to: address, row.attributes, seed: CampaignWriter.seed())
        } catch {
            return .ended(row, reason: "the copy could not be written: \(error)")
        }
        var parameters = MailParameters()
        parameters.isInternationalized = true
        parameters.body = .eightBit
        // Its author is told by the report, not by a message for each recipient.
        let recipient = EnvelopeRecipient(address, notify: DSNNotify([]))
        let envelope = Envelope(reversePath: .address(campaign.sender), parameters: parameters, recipients: [recipient])
        if let reply = gate.reserve(bytes: content.count) { return .later(reply.text) }
        defer { gate.release(bytes: content.count) }
        let outcome = await gate.submit(
            HTTPSubmission(
                principal: .campaign(campaign.name), address: nil, tlsVersion: nil, isEncrypted: false, envelope: envelope,
                content: content, idempotency: nil,
                copy: CampaignCopy(campaign: campaign.number, phase: row.phase.rawValue, address: row.address)))
        switch outcome {
        case .kept, .repeated: return .taken
        case .recipientsRefused(let refused): return .ended(row, reason: refused.first?.refusal.reply.description ?? "")
        case .refused(let reply, _): return reply.code < 500 ? .later(reply.text) : .hold(reply.text)
        }
    }

    // MARK: - Changes of state

    private func put(_ campaign: Campaign, _ action: String, seen version: Int64, at now: Timestamp) async throws {
        let entry = AuditEntry(at: now, actor: CampaignSender.actor, action: action, target: campaign.name, reason: "")
        try await administration.put(campaign, seen: version, entry: entry)
    }

    private func finish(_ campaign: Campaign, seen version: Int64, at now: Timestamp) async throws {
        guard let state = campaign.state(after: .finish, needsApproval: false) else { return }
        var changed = campaign
        (changed.state, changed.endedAt) = (state, now)
        try await put(changed, "campaign.finish", seen: version, at: now)
    }

    private func hold(_ name: String, _ reason: String) async throws {
        let directory = try await administration.directory()
        // A refusal of what somebody paused or cancelled meanwhile is none.
        guard let campaign = directory.campaigns[name], campaign.isSending else { return }
        try await hold(campaign, reason, seen: directory.version, at: .now)
    }

    private func hold(_ campaign: Campaign, _ reason: String, seen version: Int64, at now: Timestamp) async throws {
        let act = Act(actor: CampaignSender.actor, reason: reason, at: now)
        _ = try await administration.pause(campaign, reason: reason, seen: version, act)
        logger.warning("a campaign was stopped", metadata: ["campaign": "\(campaign.name)", "reason": "\(reason)"])
    }
}
