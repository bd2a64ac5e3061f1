import Campaigns
import MailModel
import OutboundPolicy

/// Contents and recipients of campaigns.
extension StoreReads {
    private static var tenant: TenantID { .standard }

    static func campaignContent(_ connection: some StoreConnection, _ campaign: Int64, revision: Int) throws -> String? {
        let statement = try connection.prepare(CampaignStatements.content).begin().bind(tenant.value).bind(campaign).bind(revision)
        guard try statement.step() else { return nil }
        defer { statement.end() }
        return statement.readText()
    }

    static func campaignFrame(_ connection: some StoreConnection, _ campaign: Int64, frame: Int64) throws -> String? {
        let statement = try connection.prepare(CampaignStatements.frame).begin().bind(tenant.value).bind(campaign).bind(frame)
        guard try statement.step() else { return nil }
        defer { statement.end() }
        return statement.readText()
    }
    static func campaignFile(_ connection: some StoreConnection, _ campaign: Int64, digest: String) throws -> [UInt8]? {
        let statement = try connection.prepare(CampaignStatements.file).begin().bind(tenant.value).bind(campaign).bind(digest)
        guard try statement.step() else { return nil }
        defer { statement.end() }
        return Array(statement.readBytes())
    }

    static func nextCampaignRecipients(
        _ connection: some StoreConnection, _ campaign: Int64, phase: CampaignPhase, zones: Int64, limit: Int
    ) throws -> [CampaignRecipient] {
        try rows(
            try connection.prepare(CampaignStatements.next).begin().bind(tenant.value).bind(campaign).bind(phase.rawValue)
                .bind(zones).bind(min(max(limit, 0), 10_000)))
    }

    static func campaignRecipients(_ connection: some StoreConnection, _ query: CampaignRecipientQuery) throws -> [CampaignRecipient] {
        try rows(
            try connection.prepare(CampaignStatements.recipients).begin().bind(tenant.value).bind(query.campaign)
                .bind(query.phase.rawValue).bind(query.after).bind(query.state?.rawValue ?? -1).bind(query.address ?? "")
                .bind(min(max(query.limit, 1), 10_000)))
    }

    private static func rows(_ statement: some StoreStatement) throws -> [CampaignRecipient] {
        var rows: [CampaignRecipient] = []
        while try statement.step() {
            let phase = try CampaignRows.phase(statement.readInt())
            let address = statement.readText()
            let attributes = try AttributeText.attributes(statement.readText())
            let state = try CampaignRows.state(statement.readInt())
            let reason = statement.readText()
            let message = statement.readOptionalInt64().map { MessageID($0) }
            rows.append(
                CampaignRecipient(
                    phase: phase, address: address, attributes: attributes, state: state, reason: reason, message: message,
                    changedAt: Timestamp(milliseconds: statement.readInt64()), hasComplained: statement.readBool()))
        }
        return rows
    }

    static func campaignCounts(_ connection: some StoreConnection, _ campaign: Int64) throws -> [CampaignCount] {
        let statement = try connection.prepare(CampaignStatements.counts).begin().bind(tenant.value).bind(campaign)
        var counts: [CampaignCount] = []
        while try statement.step() {
            let phase = try CampaignRows.phase(statement.readInt())
            let state = try CampaignRows.state(statement.readInt())
            counts.append(CampaignCount(phase: phase, state: state, count: statement.readInt()))
        }
        return counts
    }

    static func campaignSubjects(_ connection: some StoreConnection, _ campaign: Int64) throws -> [CampaignSubjectCount] {
        let statement = try connection.prepare(CampaignStatements.subjects).begin().bind(tenant.value).bind(campaign).bind(SubjectTest.end)
        var counts: [CampaignSubjectCount] = []
        while try statement.step() {
            let isOther = statement.readBool()
            let state = try CampaignRows.state(statement.readInt())
            let hasLeft = statement.readBool()
            counts.append(CampaignSubjectCount(isOther: isOther, state: state, hasLeft: hasLeft, count: statement.readInt()))
        }
        return counts
    }

    static func campaignSubjectClicks(_ connection: some StoreConnection, _ campaign: Int64) throws -> [CampaignSubjectClicks] {
        let statement = try connection.prepare(CampaignStatements.subjectClicks).begin().bind(tenant.value).bind(campaign)
            .bind(SubjectTest.end)
        var clicks: [CampaignSubjectClicks] = []
        while try statement.step() {
            let isOther = statement.readBool()
            let people = statement.readInt()
            clicks.append(CampaignSubjectClicks(isOther: isOther, people: people, clicked: statement.readInt()))
        }
        return clicks
    }

    static func campaignDomains(_ connection: some StoreConnection, _ campaign: Int64, limit: Int) throws -> [CampaignDomainCount] {
        let statement = try connection.prepare(CampaignStatements.domains).begin().bind(tenant.value).bind(campaign)
            .bind(min(max(limit, 1), 1000))
        var counts: [CampaignDomainCount] = []
        while try statement.step() {
            let domain = statement.readText()
            let state = try CampaignRows.state(statement.readInt())
            counts.append(CampaignDomainCount(domain: domain, state: state, count: statement.readInt()))
        }
        return counts
    }

    static func campaignPace(_ connection: some StoreConnection, _ campaign: Int64, since: Timestamp) throws -> CampaignPace {
        let pace = try connection.prepare(CampaignStatements.pace).begin().bind(tenant.value).bind(campaign).bind(since.milliseconds)
        guard try pace.step() else { throw RowText.damaged("pace", "") }
        let handed = pace.readInt()
        let first = pace.readOptionalInt64().map { Timestamp(milliseconds: $0) }
        pace.end()
        let left = try connection.prepare(CampaignStatements.left).begin().bind(tenant.value).bind(campaign)
        guard try left.step() else { throw RowText.damaged("pace", "") }
        defer { left.end() }
        return CampaignPace(handed: handed, firstAt: first, left: left.readInt())
    }

    static func campaignResponses(_ connection: some StoreConnection, _ campaign: Int64) throws -> [CampaignResponseCount] {
        let statement = try connection.prepare(CampaignStatements.responses).begin().bind(tenant.value).bind(campaign)
        var counts: [CampaignResponseCount] = []
        while try statement.step() {
            let revision = statement.readInt()
            let link = statement.readInt()
            let text = statement.readText()
            guard let rule = ResponseReading.Rule(rawValue: text) else { throw RowText.damaged("rule of a response", text) }
            let people = statement.readInt()
            counts.append(
                CampaignResponseCount(
                    revision: revision, link: link < 0 ? nil : link, rule: rule, people: people, total: statement.readInt()))
        }
        return counts
    }
}
