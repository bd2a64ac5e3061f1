import Campaigns
package import MailModel
package import OutboundPolicy
import Storage

/// A person on a list.
package struct SubscriberView: Codable, Hashable, Sendable {
    package var address: String
    package var subscribed: Bool
    package var attributes: [String: String]
    package var added: String

    init(_ person: Subscriber) {
        address = person.address.description
        subscribed = person.state == .subscribed
        attributes = person.attributes
        added = person.addedAt.rfc3339
    }
}

package struct SubscriberPage: Codable, Hashable, Sendable {
    package var items: [SubscriberView]
    /// What to ask the next page with; nil on the last.
    package var next: String?
}

/// People of a list, in order of their addresses.
package struct ListSubscribers: AdministrativeOperation {
    package static let name = "subscribers.list"
    package static let scope = AccessScope.subscribersRead
    package var list: String
    /// `next` of the page before.
    package var after: String?
    /// 1…10,000; nil: 100.
    package var limit: Int?

    package init(list: String, after: String? = nil, limit: Int? = nil) {
        self.list = list
        self.after = after
        self.limit = limit
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> SubscriberPage {
        let limit = limit ?? 100
        guard (1...10_000).contains(limit) else {
            throw AdministrationError(.invalid, "a page of \(limit)", "A page has 1 to 10,000 people.")
        }
        let query = MemberQuery(list: try await administration.list(list).number, after: after ?? "", limit: limit)
        let members = try await administration.store.read { try $0.members(query) }
        let next = members.count == limit ? members.last?.subscriber.address.key : nil
        return SubscriberPage(items: members.map { SubscriberView($0.subscriber) }, next: next)
    }
}

/// All that is known of a person: lists, and the consent ledger with what it comes to.
package struct PersonView: Codable, Hashable, Sendable {
    package struct Membership: Codable, Hashable, Sendable {
        package var list: String
        package var subscribed: Bool
        package var added: String
        package var attributes: [String: String]
        /// `import 3 of people.csv`.
        package var broughtBy: String
        /// `none`, `pending`, `valid`, `expired`, `withdrawn`.
        package var consent: String
        package var trackingConsent: String
    }

    package struct Entry: Codable, Hashable, Sendable {
        package var time: String
        package var act: String
        package var subject: String
        package var basis: String
        /// Empty for all lists.
        package var list: String
        package var source: String
        package var wordingHash: String
        /// The words themselves; empty where they were not kept.
        package var wording: String
        package var formVersion: String
        /// Empty for never.
        package var expires: String

        init(_ entry: ConsentEntry, wording: String = "") {
            self.wording = wording
            time = entry.at.rfc3339
            act = entry.act.rawValue
            subject = entry.subject.rawValue
            basis = entry.basis.rawValue
            list = entry.list ?? ""
            source = entry.source
            wordingHash = entry.wordingHash ?? ""
            formVersion = entry.formVersion ?? ""
            expires = entry.expiresAt?.rfc3339 ?? ""
        }
    }

    package var address: String
    package var lists: [Membership]
    /// In order of time.
    package var consent: [Entry]
}

package struct ShowSubscriber: AdministrativeOperation {
    package static let name = "subscribers.show"
    package static let scope = AccessScope.subscribersRead
    package var address: EmailAddress

    package init(address: EmailAddress) { self.address = address }

    package func perform(in administration: Administration, _ act: Act) async throws -> PersonView {
        let lists = try await administration.directory().lists.values
        let names = Dictionary(lists.map { ($0.number, $0.name) }) { first, _ in first }
        let address = address
        let view = try await administration.store.read { store in
            let own = try store.consent(from: address.key, through: address.key)[address.key] ?? []
            var memberships: [PersonView.Membership] = []
            var entries = own
            for member in try store.memberships(of: address) {
                guard let list = names[member.list] else { continue }
                let isOwnWish = member.importNumber == PeopleWork.ownWish
                let run = try store.imports(list: member.list, limit: 10_000).first { $0.number == member.importNumber }
                let known = PersonLedger.entries(own, run, list: list)
                if let imported = run?.consent(list: list) { entries = PersonLedger.adding(imported, to: entries) }
                memberships.append(
                    PersonView.Membership(
                        list: list, subscribed: member.subscriber.state == .subscribed, added: member.subscriber.addedAt.rfc3339,
                        attributes: member.subscriber.attributes,
                        broughtBy: run.map { "import \($0.number) of \($0.file)" }
                            ?? (isOwnWish ? "the person's own wish" : ""),
                        consent: ConsentState(known, list: list, subject: .mail, at: act.at).rawValue,
                        trackingConsent: ConsentState(known, list: list, subject: .tracking, at: act.at).rawValue))
            }
            let known = try entries.map { entry in
                PersonView.Entry(entry, wording: try entry.wordingHash.flatMap { try store.consentWording($0)?.text } ?? "")
            }
            return PersonView(address: address.description, lists: memberships, consent: known)
        }
        guard !view.lists.isEmpty || !view.consent.isEmpty else {
            throw AdministrationError(.notFound, "\(address) is on no list", "`postern lists list` shows the lists.")
        }
        return view
    }
}

/// Takes somebody off a list, or puts somebody back on it. The ledger keeps both.
package struct SetSubscription: AdministrativeOperation {
    package static let name = "subscribers.set"
    package static let scope = AccessScope.subscribersWrite
    package var list: String
    package var address: EmailAddress
    package var subscribed: Bool

    package init(list: String, address: EmailAddress, subscribed: Bool) {
        self.list = list
        self.address = address
        self.subscribed = subscribed
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> Affected {
        let found = try await administration.list(list)
        let address = address
        let members = try await administration.store.read { try $0.memberships(of: address) }
        guard let member = members.first(where: { $0.list == found.number }) else {
            throw AdministrationError(
                .notFound, "\(address) is not on the list \(list)", "`postern subscribers show \(address)` says where.")
        }
        guard (member.subscriber.state == .subscribed) != subscribed else { return Affected(count: 0) }
        let entry = ConsentEntry(
            at: act.at, act: subscribed ? .granted : .withdrawn, basis: subscribed ? .express : .unknown, list: list, source: act.actor)
        let audit = act.entry(subscribed ? "subscriber.subscribe" : "subscriber.unsubscribe", target: "\(list) \(address)")
        _ = try await administration.people(.consent(address, [entry]))
        return Affected(
            count: try await administration.affected(
                .setState(subscribed ? .subscribed : .unsubscribed, list: found.number, address, audit)))
    }
}

/// Forgets a person: off all lists, and out of the ledger.
package struct EraseSubscriber: AdministrativeOperation {
    package static let name = "subscribers.erase"
    package static let scope = AccessScope.subscribersWrite
    package var address: EmailAddress

    package init(address: EmailAddress) { self.address = address }

    /// A hash stays on the suppression list, so that an old file does not bring the person back.
    package func perform(in administration: Administration, _ act: Act) async throws -> Affected {
        let digest = try administration.addressKey().digest(address)
        let entry = Suppression(
            key: SuppressionKey(tenant: .standard, scope: .organisation, digest: digest, reason: .unsubscribe), address: nil,
            source: "erasure", createdAt: act.at)
        _ = try await administration.suppress(.put([entry], audit: act.entry("suppression.add", target: entry.key.auditTarget)))
        _ = try await administration.suppress(.erase(digest, audit: act.entry("suppression.erase", target: entry.key.auditTarget)))
        // What waits in the queue is written from the person's attributes.
        for campaign in try await administration.directory().campaigns.values where !campaign.isOver {
            try await administration.cancelCopies(to: address, of: campaign, act)
        }
        _ = try await administration.store.perform(.campaign(.forget(address: address.key, at: act.at)))
        // The audit must not keep what is to be forgotten.
        return Affected(count: try await administration.affected(.erase(address, act.entry("subscriber.erase", target: "a person"))))
    }
}
