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
    /// Copies that are handed over together, in as few commits as they fit in.
    private static let groupMax = 256
    /// Handed over before the campaign is looked at again.
    private static let partMax = 4096
    private static let actor = "postern"

    /// Makes the campaigns that go out by themselves, on one of the nodes.
    func repeats(owner: Int64, at now: Timestamp) async throws {
        guard try await administration.directory().campaigns.values.contains(where: { $0.repeats != nil }) else { return }
        let task = TaskHold(name: "campaign-repeats", owner: owner, lease: CampaignSender.lease, at: now)
        guard case .task(isHeld: true) = try await administration.store.perform(.holdTask(task)) else { return }
        try await CampaignRepeats(administration: administration, logger: logger).round(at: now)
    }

    /// True where copies were handed over, so that there may soon be room for more.
    func round(owner: Int64, at now: Timestamp) async throws -> Bool {
        let sending = try await administration.directory().campaigns.values.filter(\.isSending).sorted { $0.number < $1.number }
        guard !sending.isEmpty else { return false }
        // One whose pilot has gone out waits for people, and costs nothing meanwhile.
        let active = try await administration.store.read { store in
            try sending.filter { campaign in
                guard campaign.state == .pilot else { return true }
                let standing = try CampaignStanding(store, campaign, at: now)
                return standing.open > 0 || standing.pilotPlanned > 0
            }
        }
        guard !active.isEmpty else { return false }
        let task = TaskHold(name: "campaigns", owner: owner, lease: CampaignSender.lease, at: now)
        guard case .task(isHeld: true) = try await administration.store.perform(.holdTask(task)) else { return false }
        // Each has the same share of the queue.
        let share = max(1, settings().campaigns.inQueueMax / active.count)
        var handed = 0
        for campaign in active {
            do {
                handed += try await goOn(campaign.name, share: share, at: now)
            } catch {
                logger.warning("a campaign could not be gone on with", metadata: ["campaign": "\(campaign.name)", "error": "\(error)"])
            }
        }
        return handed > 0
    }

    /// How many copies were handed over.
    private func goOn(_ name: String, share: Int, at now: Timestamp) async throws -> Int {
        let directory = try await administration.directory()
        guard let campaign = directory.campaigns[name], campaign.isSending else { return 0 }
        let limit = settings().campaigns.inQueueMax + CampaignSender.partMax
        let follow = CampaignWork.follow(campaign: campaign.number, limit: limit, at: now)
        _ = try await administration.store.perform(.campaign(follow))
        let standing = try await administration.store.read { try CampaignStanding($0, campaign, at: now) }
        let free = max(0, share - standing.open)
        switch campaign.state {
        case .pilot: return try await hand(campaign, .pilot, limit: free)
        case .canary where !campaign.isPlanned: try await plan(campaign, seen: directory.version, at: now)
        case .canary: return try await goOnWithCanary(campaign, standing, free: free, seen: directory.version, at: now)
        case .rest:
            if let problem = CanaryGate().problem(standing.figures) {
                try await hold(campaign, problem, seen: directory.version, at: now)
            } else if let test = campaign.subjectTest, test.winner == nil, standing.planned > 0 {
                return try await tryOut(test, of: campaign, free: free, seen: directory.version, at: now)
            } else if standing.planned == 0, standing.open == 0 {
                try await finish(campaign, seen: directory.version, at: now)
            } else {
                return try await hand(campaign, .list, limit: min(free, try await allowance(of: campaign, at: now)))
            }
        default: break
        }
        return 0
    }

    private func goOnWithCanary(
        _ campaign: Campaign, _ standing: CampaignStanding, free: Int, seen version: Int64, at now: Timestamp
    ) async throws -> Int {
        let wanted = min(campaign.canarySize - standing.handed, standing.planned)
        if wanted > 0 {
            if let problem = CanaryGate().problem(standing.figures) {
                try await hold(campaign, problem, seen: version, at: now)
                return 0
            }
            return try await hand(campaign, .list, limit: min(wanted, free, try await allowance(of: campaign, at: now)))
        }
        guard let handedAt = campaign.canaryHandedAt else {
            var changed = campaign
            changed.canaryHandedAt = now
            try await put(changed, "campaign.canary-handed", seen: version, at: now)
            return 0
        }
        let waitMinutes = standing.planned == 0 ? 0 : campaign.canaryWaitMinutes
        switch CanaryGate().verdict(standing.figures, handedAt: handedAt, waitMinutes: waitMinutes, at: now) {
        case .wait: break
        case .hold(let problem): try await hold(campaign, problem, seen: version, at: now)
        case .goOn:
            guard let state = campaign.state(after: .goOn, needsApproval: false) else { break }
            var changed = campaign
            (changed.state, changed.restAt) = (state, now)
            try await put(changed, "campaign.go-on", seen: version, at: now)
        }
        return 0
    }

    // MARK: - Planning

    /// A row for each recipient, in the order of sending. After a stop in between it is done again, and comes to the same.
    private func plan(_ campaign: Campaign, seen version: Int64, at now: Timestamp) async throws {
        let audience = try await CampaignAudience(campaign, in: administration)
        var planned = 0
        var zones = CampaignZones(campaign, try await administration.directory())
        var after = ""
        while true {
            let start = after
            guard let page = try await administration.store.read({ try audience.page($0, after: start, at: now) }) else { break }
            let people = page.people.map { person in
                let address = person.subscriber.address
                var attributes = person.subscriber.attributes
                attributes[Subscriber.countedName] = person.isCounted ? "yes" : nil
                var row = PlannedRecipient(
                    phase: .list, address: address, place: CampaignSender.place(of: address, in: campaign),
                    attributes: attributes, state: person.skipped == nil ? .planned : .skipped,
                    reason: person.skipped?.rawValue ?? "")
                row.zone = zones.place(of: person.subscriber.attributes)
                return row
            }
            planned += people.count { $0.state == .planned }
            if !people.isEmpty { _ = try await administration.store.perform(.campaign(.plan(campaign: campaign.number, people, at: now))) }
            after = page.last
        }
        var changed = campaign
        changed.isPlanned = true
        changed.zones = zones.names
        if let days = campaign.daysChosen { changed.perDayMax = max(1, (planned + days - 1) / days) }
        changed.canarySize = min(planned, campaign.canaryChosen ?? audience.risk?.canary(of: planned) ?? max(50, planned / 10))
        try await put(changed, "campaign.plan", seen: version, at: now)
    }

    private static func place(of address: EmailAddress, in campaign: Campaign) -> Int64 {
        let place = SendingOrder.place(of: address.key, seed: campaign.seed)
        return campaign.subjectTest?.place(place) ?? place
    }

    // MARK: - Two subjects

    /// Hands over to those who try, waits, and decides which subject the rest gets.
    private func tryOut(
        _ test: SubjectTest, of campaign: Campaign, free: Int, seen version: Int64, at now: Timestamp
    ) async throws -> Int {
        let counts = try await administration.store.read { try $0.campaignSubjects(campaign.number) }
        let planned = counts.filter { $0.state == .planned }.reduce(0) { $0 + $1.count }
        if planned > 0 {
            return try await hand(campaign, .list, limit: min(planned, free, try await allowance(of: campaign, at: now)))
        }
        var changed = campaign
        guard let handedAt = test.handedAt else {
            changed.subjectTest?.handedAt = now
            try await put(changed, "campaign.test-handed", seen: version, at: now)
            return 0
        }
        guard now >= handedAt + .seconds(Int64(test.waitHours) * 3600) else { return 0 }
        let comparison = SubjectFigures.comparison(counts)
        changed.subjectTest?.winner = comparison.isDifferent && comparison.second.share < comparison.first.share ? .b : .a
        changed.subjectTest?.finding = comparison.words(SubjectFigures.counted)
        try await put(changed, "campaign.test-decided", seen: version, at: now)
        return 0
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

    /// How many were handed over.
    private func hand(_ campaign: Campaign, _ phase: CampaignPhase, limit: Int) async throws -> Int {
        let window = CampaignClocks.window(campaign, try await administration.directory())
        let zones = phase == .pilot ? SendWindow.allZones : window.zones(at: .now)
        guard limit > 0, zones != 0 else { return 0 }
        let writer = try await administration.writer(of: campaign, settings: settings())
        let frozen = try writer.frame.frozen()
        _ = try await administration.store.perform(
            .campaign(.freeze(campaign: campaign.number, frame: frozen.number, value: frozen.text)))
        var handed = 0
        while handed < limit, !Task.isCancelled {
            let wanted = min(limit - handed, CampaignSender.groupMax)
            let rows = try await administration.store.read {
                try $0.nextCampaignRecipients(campaign.number, phase: phase, zones: zones, limit: wanted)
            }
            guard !rows.isEmpty, try await hand(rows, of: campaign, writer, frame: frozen.number) else { return handed }
            handed += rows.count
        }
        return handed
    }

    /// False where no more is to be handed over now.
    private func hand(_ rows: [CampaignRecipient], of campaign: Campaign, _ writer: CampaignWriter, frame: Int64) async throws -> Bool {
        var (people, copies): ([(CampaignRecipient, EmailAddress)], [HandedCopy]) = ([], [])
        var sample: (facts: MessageFacts, octets: Int)?
        for row in rows {
            guard let address = EmailAddress(row.address) else {
                try await end(row, of: campaign, "not an address")
                continue
            }
            do {
                if sample == nil { sample = try writer.facts(to: address, row.attributes) }
            } catch {
                try await end(row, of: campaign, "the copy could not be written: \(error)")
                continue
            }
            guard let sample else { continue }
            var facts = sample.facts
            facts.subject = String(writer.subject(to: address, row.attributes).prefix(500))
            facts.hasEightBitHeader = facts.hasEightBitHeader || address.isInternationalized
            let reference = CopyReference(campaign: campaign.number, frame: frame, attributes: row.attributes)
            let copy = CampaignCopy(campaign: campaign.number, phase: row.phase.rawValue, address: row.address)
            people.append((row, address))
            copies.append(HandedCopy(copy: copy, reference: reference.octets, facts: facts, octets: sample.octets))
        }
        let outcomes = await gate.handOver(copies, of: campaign.name, from: campaign.sender, to: people.map(\.1))
        return try await conclude(zip(people.map(\.0), outcomes), campaign)
    }

    private func conclude(
        _ outcomes: some Sequence<(CampaignRecipient, SubmissionOutcome)>, _ campaign: Campaign
    ) async throws -> Bool {
        var (refusal, delay): (String?, String?) = (nil, nil)
        for (row, outcome) in outcomes {
            switch outcome {
            case .kept, .repeated: break
            case .recipientsRefused(let refused):
                try await end(row, of: campaign, refused.first?.refusal.reply.description ?? "")
            case .refused(let reply, _): if reply.code < 500 { delay = reply.text } else { refusal = reply.text }
            }
        }
        if let refusal {
            try await hold(campaign.name, refusal)
            return false
        }
        if let delay {
            logger.info("a campaign waits", metadata: ["campaign": "\(campaign.name)", "reason": "\(delay)"])
            return false
        }
        return true
    }

    /// The recipient's turn is over, and nothing was handed over.
    private func end(_ row: CampaignRecipient, of campaign: Campaign, _ reason: String) async throws {
        _ = try await administration.store.perform(
            .campaign(.end(campaign: campaign.number, row.phase, address: row.address, .refused, reason: reason, at: .now)))
    }

    /// A copy may not leave: its campaign stands still, and it waits for a person. True where it does.
    func stop(_ name: String, _ message: MessageID, reason: String) async -> Bool {
        do {
            try await hold(name, reason)
        } catch {
            // Several copies may say so at the same moment; the first one is heard.
            logger.warning("a campaign could not be stopped", metadata: ["campaign": "\(name)", "error": "\(error)"])
        }
        do {
            var filter = QueueFilter()
            filter.message = message
            let entry = AuditEntry(at: .now, actor: CampaignSender.actor, action: "queue.hold", target: "\(message)", reason: reason)
            return try await administration.act(QueueAct(verb: .hold, filter: filter, audit: entry)) > 0
        } catch {
            logger.warning("a copy could not be held", metadata: ["message": "\(message)", "error": "\(error)"])
            return false
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
