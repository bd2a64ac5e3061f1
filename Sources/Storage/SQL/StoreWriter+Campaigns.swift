import Campaigns
import DeliveryPlanning
import MailModel
import OutboundPolicy

/// Contents and recipients of campaigns.
extension StoreWriter {
    private var tenant: TenantID { .standard }

    func campaign(_ work: CampaignWork) throws -> Int {
        switch work {
        case .keep(let campaign, let revision, let value):
            return try prepare(CampaignStatements.keep).bind(tenant.value).bind(campaign).bind(revision).bind(value).run()
        case .freeze(let campaign, let frame, let value):
            return try prepare(CampaignStatements.freeze).bind(tenant.value).bind(campaign).bind(frame).bind(value).run()
        case .keepFile(let campaign, let digest, let content):
            let statement = try prepare(CampaignStatements.keepFile).bind(tenant.value).bind(campaign).bind(digest)
            return try content.withUnsafeBytes { try statement.bind(keeping: $0).run() }
        case .plan(let campaign, let people, let now): return try plan(people, of: campaign, at: now)
        case .follow(let campaign, let limit, let now): return try follow(campaign, limit: limit, at: now)
        case .end(let campaign, let phase, let address, let state, let reason, let now):
            return try set(state, reason, campaign, phase, address, from: .planned, at: now)
        case .cancel(let campaign, let reason, let limit, let now):
            return try prepare(CampaignStatements.cancel).bind(reason).bind(now.milliseconds).bind(tenant.value).bind(campaign).bind(limit)
                .run()
        case .leave(let address, let campaigns, let by, let now):
            try prepare(CampaignStatements.markLeft).bind(tenant.value).bind(by).bind(address).send()
            var count = 0
            for campaign in campaigns {
                count += try prepare(CampaignStatements.leave).bind(now.milliseconds).bind(tenant.value).bind(campaign).bind(address).run()
            }
            return count
        case .respond(let response):
            return try prepare(CampaignStatements.respond).bind(tenant.value).bind(response.campaign).bind(response.address)
                .bind(response.revision).bind(response.link ?? -1).bind(response.rule.rawValue).bind(response.at.milliseconds).run()
        case .forget(let address, let now):
            try prepare(CampaignStatements.forgetResponses).bind(tenant.value).bind(address).send()
            try prepare(CampaignStatements.endForgotten).bind(now.milliseconds).bind(tenant.value).bind(address).send()
            return try prepare(CampaignStatements.forget).bind(tenant.value).bind(address).run()
        }
    }

    private func plan(_ people: [PlannedRecipient], of campaign: Int64, at now: Timestamp) throws -> Int {
        let statement = try connection.prepare(CampaignStatements.plan)
        var known = 0
        var unknown = 0
        for person in people {
            let count = try statement.begin().bind(tenant.value).bind(campaign).bind(person.phase.rawValue).bind(person.address.key)
                .bind(person.address.host.description.lowercased()).bind(person.place).bind(person.state.rawValue).bind(now.milliseconds)
                .bind(AttributeText.text(person.attributes)).bind(person.reason).bind(person.zone).sendForCount()
            if let count { known += count } else { unknown += 1 }
        }
        return unknown == 0 ? known : try connection.flush().reduce(known, +)
    }

    private func set(
        _ state: CampaignRecipientState, _ reason: String, _ campaign: Int64, _ phase: CampaignPhase, _ address: String,
        from old: CampaignRecipientState, at now: Timestamp
    ) throws -> Int {
        try prepare(CampaignStatements.setState).bind(state.rawValue).bind(String(reason.prefix(500))).bind(now.milliseconds)
            .bind(tenant.value).bind(campaign).bind(phase.rawValue).bind(address).bind(old.rawValue).run()
    }

    // MARK: - Copies

    /// False where the recipient of a campaign's copy has had one, or is not to get one any more.
    func queueCopy(_ message: NewMessage) throws -> Bool {
        guard let copy = message.copy else { return true }
        let record = message.record
        return try prepare(CampaignStatements.queue).bind(record.id.value).bind(record.id.day).bind(record.receivedAt.milliseconds)
            .bind(record.tenant.value).bind(copy.campaign).bind(copy.phase).bind(copy.address).run() == 1
    }

    /// The message was not kept after all.
    func takeBackCopy(_ message: NewMessage) throws {
        guard let copy = message.copy else { return }
        try prepare(CampaignStatements.takeBack).bind(message.record.tenant.value).bind(copy.campaign).bind(copy.phase).bind(copy.address)
            .bind(message.record.id.value).send()
    }

    /// What comes back after a copy was taken stands at its recipient's row.
    func noteReturn(_ feedback: Feedback, of id: RecipientID) throws {
        guard feedback.tally.sender.hasPrefix(Campaign.senderPrefix), let address = feedback.address?.key else { return }
        switch feedback.note.event {
        case .ended(.complaint):
            try prepare(CampaignStatements.complained).bind(feedback.at.milliseconds).bind(id.tenant.value).bind(address)
                .bind(id.message.value).send()
        case .ended(.autoReply), .ended(.delivered), .deferred: return
        case .ended:
            let reason = String((feedback.reply.map { "\($0)" } ?? "returned").prefix(500))
            try prepare(CampaignStatements.returned).bind(reason).bind(feedback.at.milliseconds).bind(id.tenant.value).bind(address)
                .bind(id.message.value).send()
        }
    }

    /// A recipient's copy as the queue knows it.
    private struct Followed {
        var phase: CampaignPhase
        var address: String
        var old: CampaignRecipientState
        var new: CampaignRecipientState
        var reason: String
    }

    private func follow(_ campaign: Int64, limit: Int, at now: Timestamp) throws -> Int {
        var count = 0
        for phase in [CampaignPhase.pilot, .list] {
            for state in [CampaignRecipientState.queued, .deferred, .held] {
                for row in try followed(campaign, phase, state, limit: limit) where row.new != row.old {
                    count += try set(row.new, row.reason, campaign, row.phase, row.address, from: row.old, at: now)
                }
            }
        }
        return count
    }

    private func followed(
        _ campaign: Int64, _ phase: CampaignPhase, _ state: CampaignRecipientState, limit: Int
    ) throws -> [Followed] {
        let select = try prepare(CampaignStatements.following).bind(tenant.value).bind(campaign).bind(phase.rawValue).bind(state.rawValue)
            .bind(limit)
        var rows: [Followed] = []
        while try select.step() {
            let phase = try CampaignRows.phase(select.readInt())
            let address = select.readText()
            let old = try CampaignRows.state(select.readInt())
            let hasLeft = select.readBool()
            let number = select.readInt()
            guard let found = RecipientState(rawValue: number) else { throw RowText.damaged("state of a recipient", "\(number)") }
            let attempts = select.readInt()
            let reply = select.readText()
            let new = CampaignRows.state(of: found, attempts: attempts, hasLeft: hasLeft)
            rows.append(Followed(phase: phase, address: address, old: old, new: new, reason: reply))
        }
        return rows
    }
}

enum CampaignRows {
    static func state(of recipient: RecipientState, attempts: Int, hasLeft: Bool) -> CampaignRecipientState {
        switch recipient {
        case .queued: attempts > 0 ? .deferred : .queued
        case .held: .held
        case .delivered: .delivered
        case .bounced: .bounced
        case .expired: .expired
        case .cancelled: hasLeft ? .unsubscribed : .cancelled
        case .suppressed: hasLeft ? .unsubscribed : .suppressed
        }
    }

    static func state(_ number: Int) throws -> CampaignRecipientState {
        guard let state = CampaignRecipientState(rawValue: number) else { throw RowText.damaged("state of a recipient", "\(number)") }
        return state
    }

    static func phase(_ number: Int) throws -> CampaignPhase {
        guard let phase = CampaignPhase(rawValue: number) else { throw RowText.damaged("phase of a campaign", "\(number)") }
        return phase
    }
}
