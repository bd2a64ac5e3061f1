import Campaigns
import MailModel
import OutboundPolicy
import Storage

/// Who of a list gets a campaign, and why the others do not: read page by page.
struct CampaignAudience: Sendable {
    let campaign: Campaign
    let list: MailingList
    private let segment: Segment?
    private let policy: SuppressionPolicy
    private let key: AddressKey
    private let imports: [Int64: ListImport]
    /// Domains that take no mail.
    private let dead: [String: MailDomainState]
    private let clocks: OrganisationDay

    /// A person of the segment.
    struct Person: Sendable {
        var subscriber: Subscriber
        var consent: ConsentState
        /// What the ledger has of the person.
        var entries: [ConsentEntry]
        /// Whether links and opens of the copy may be counted.
        var isCounted: Bool
        /// Why the person is left out; nil where not.
        var skipped: Skip?
    }

    enum Skip: String, Sendable {
        case nullMX = "its domain says by a null MX that it takes no mail"
        case missingDomain = "its domain does not exist"
        case noHost = "its domain has no mail host"
        case suppressed = "on the suppression list"
        case noConsent = "no consent is recorded"
        case pendingConsent = "the consent was not confirmed"
        case expiredConsent = "the consent has expired"
        case withdrawnConsent = "the consent was withdrawn"
    }

    init(_ campaign: Campaign, in administration: Administration) async throws {
        self.campaign = campaign
        list = try await administration.list(campaign.list)
        segment = campaign.segment.isEmpty ? nil : try Segment(campaign.segment)
        let directory = try await administration.directory()
        policy = directory.suppressionPolicy
        clocks = CampaignClocks.own(campaign, directory)
        key = try administration.addressKey()
        let number = list.number
        let runs = try await administration.store.read { try $0.imports(list: number, limit: 10_000) }
        imports = Dictionary(uniqueKeysWithValues: runs.map { ($0.number, $0) })
        let domains = try await administration.store.read { try $0.deadDomains(list: number, limit: CampaignAudience.domainsMax) }
        dead = Dictionary(domains.map { ($0.domain, $0.state) }) { first, _ in first }
    }

    /// Of the list's last import that is done; low where there was none.
    var risk: RiskGrade? {
        let done = imports.values.filter { $0.state == .done }.max { $0.number < $1.number }
        return done.flatMap { run in run.report.map { RiskGrade($0, source: run.source) } }
    }

    /// An import says of nobody where the addresses come from.
    var hasUnknownSource: Bool { imports.values.contains { $0.state == .done && $0.source == .unknown } }

    static let pageMax = 2000
    private static let domainsMax = 200_000

    /// A page of people in the order of addresses; nil at the end. `after`: the key of the last one of the page before.
    func page(_ store: any Store, after: String, at now: Timestamp) throws -> (people: [Person], last: String)? {
        let members = try store.members(MemberQuery(list: list.number, after: after, limit: CampaignAudience.pageMax))
        guard let first = members.first, let end = members.last else { return nil }
        let last = end.subscriber.address.key
        let ledger = try store.consent(from: first.subscriber.address.key, through: last)
        let suppressed = try suppressed(members, store)
        var people: [Person] = []
        for (place, member) in members.enumerated() where member.subscriber.state == .subscribed {
            let own = ledger[member.subscriber.address.key] ?? []
            let entries = PersonLedger.entries(own, imports[member.importNumber], list: list.name)
            let consent = ConsentState(entries, list: list.name, subject: .mail, at: now)
            if let segment, !segment.matches(SubscriberFacts(member.subscriber, consent: consent), at: now) { continue }
            if !isDue(member.subscriber) { continue }
            let skipped =
                suppressed.contains(place)
                ? Skip.suppressed : skip(consent) ?? deadDomain(member.subscriber.address)
            let isCounted = campaign.tracks == true && ConsentState(entries, list: list.name, subject: .tracking, at: now) == .valid
            people.append(
                Person(subscriber: member.subscriber, consent: consent, entries: entries, isCounted: isCounted, skipped: skipped))
        }
        return (people, last)
    }

    /// Whether the person is one of the day that the campaign is for.
    private func isDue(_ person: Subscriber) -> Bool {
        guard let trigger = campaign.trigger, let today = campaign.triggerDay else { return true }
        return trigger.matches(today: today, added: clocks.day(of: person.addedAt), attributes: person.attributes)
    }

    /// What people must know needs no consent, but that they object counts.
    private func skip(_ consent: ConsentState) -> Skip? {
        switch consent {
        case .valid: nil
        case .withdrawn: .withdrawnConsent
        case .none: campaign.kind == .marketing ? .noConsent : nil
        case .pending: campaign.kind == .marketing ? .pendingConsent : nil
        case .expired: campaign.kind == .marketing ? .expiredConsent : nil
        }
    }

    private func deadDomain(_ address: EmailAddress) -> Skip? {
        guard !dead.isEmpty, let state = address.domain.flatMap({ dead[$0.text] }) else { return nil }
        return switch state {
        case .nullMX: .nullMX
        case .missing: .missingDomain
        case .noHost: .noHost
        case .open, .takesMail, .unanswered: nil
        }
    }

    /// The places of those on the suppression list.
    private func suppressed(_ members: [ListMember], _ store: any Store) throws -> Set<Int> {
        let stream = MailStream(
            tenant: .standard, trafficClass: .campaign, submitter: campaign.senderName, list: campaign.listID)
        let scopes = Set(stream.scopes)
        let known = try store.suppressions(of: members.map { key.digest($0.subscriber.address) })
        return Set(
            known.filter { _, entries in
                entries.contains { entry in
                    entry.removedAt == nil && scopes.contains(entry.key.scope) && policy.keeps(.campaign, for: entry.key.reason)
                }
            }.keys)
    }
}
