import DeliveryPlanning
import GateCore
import MailModel
package import OutboundPolicy
import Storage

package struct ListRestrictions: AdministrativeOperation {
    package static let name = "restricted.list"
    package static let scope = AccessScope.restrictionsRead
    /// Those too that are over.
    package var all: Bool

    package init(all: Bool = false) { self.all = all }

    package func perform(in administration: Administration, _ act: Act) async throws -> [RestrictionView] {
        try await administration.directory().restrictions.values
            .filter { all || $0.isInForce(at: act.at) }
            .sorted { ($0.since, $0.entity.description) > ($1.since, $1.entity.description) }
            .map { RestrictionView($0, at: act.at) }
    }
}

package struct ShowRestriction: AdministrativeOperation {
    package static let name = "restricted.show"
    package static let scope = AccessScope.restrictionsRead
    package var entity: RestrictedEntity

    package init(entity: RestrictedEntity) { self.entity = entity }

    package func perform(in administration: Administration, _ act: Act) async throws -> RestrictionView {
        var view = RestrictionView(try await administration.restriction(entity), at: act.at)
        view.held = try await administration.open(.held, of: entity)
        view.waiting = try await administration.open(.queued, of: entity)
        return view
    }
}

/// A person restricts somebody, for a reason that no rule found.
package struct AddRestriction: AdministrativeOperation {
    package static let name = "restricted.add"
    package static let scope = AccessScope.restrictionsWrite
    package var entity: RestrictedEntity
    package var isExternalOnly: Bool

    package init(entity: RestrictedEntity, isExternalOnly: Bool = false) {
        self.entity = entity
        self.isExternalOnly = isExternalOnly
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> RestrictionView {
        guard !act.reason.isEmpty else {
            throw AdministrationError(.invalid, "a restriction wants a reason", "Give --reason; the sender's administrator asks for it.")
        }
        let known = try await administration.directory().restrictions[entity]
        if let known, known.isInForce(at: act.at) { throw AdministrationError(.conflict, "\(entity) is restricted already") }
        let cause = Finding(rule: "restricted.by-hand", matched: act.actor, explanation: "\(act.actor): \(act.reason)")
        let restriction = Restriction(
            entity: entity, tenant: .standard, since: act.at, until: nil, isExternalOnly: isExternalOnly,
            reference: "R\(act.at.milliseconds)", cause: cause, releases: known?.releases ?? [])
        try await administration.put(
            .restriction, name: entity.description, restriction, entry: act.entry("restriction.add", target: entity.description))
        if let filter = QueueFilter(of: entity, in: [.queued]) {
            let entry = act.entry("queue.hold", target: entity.description)
            _ = try await administration.act(QueueAct(verb: .hold, filter: filter, audit: entry))
        }
        return RestrictionView(restriction, at: act.at)
    }
}

/// A second person agrees that somebody may be released.
package struct ApproveRelease: AdministrativeOperation {
    package static let name = "restricted.approve"
    package static let scope = AccessScope.restrictionsWrite
    package var entity: RestrictedEntity

    package init(entity: RestrictedEntity) { self.entity = entity }

    package func perform(in administration: Administration, _ act: Act) async throws -> RestrictionView {
        var restriction = try await administration.restriction(entity)
        guard restriction.isInForce(at: act.at) else { throw AdministrationError(.conflict, "\(entity) is not restricted") }
        restriction.approval = Restriction.Approval(at: act.at, actor: act.actor)
        try await administration.put(
            .restriction, name: entity.description, restriction, entry: act.entry("restriction.approve", target: entity.description))
        return RestrictionView(restriction, at: act.at)
    }
}

/// Lets somebody send again.
package struct ReleaseRestriction: AdministrativeOperation {
    /// What becomes of the mail that has not left: what was held when the restriction came, and what waits for another attempt since an
    /// attempt was under way then. What is kept is held, so that nothing leaves unseen.
    package enum Mail: String, Codable, Hashable, Sendable, CaseIterable {
        case keep, release, cancel
    }

    package static let name = "restricted.release"
    package static let scope = AccessScope.restrictionsWrite
    package var entity: RestrictedEntity
    /// Of `Release.checksKnown`: what was looked at before.
    package var checks: [String]
    package var mail: Mail

    package init(entity: RestrictedEntity, checks: [String], mail: Mail = .keep) {
        self.entity = entity
        self.checks = checks
        self.mail = mail
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> ReleaseOutcome {
        guard !act.reason.isEmpty else {
            throw AdministrationError(.invalid, "a release wants a reason", "Give --reason: what was found and mended.")
        }
        if let unknown = checks.first(where: { !Release.checksKnown.contains($0) }) {
            throw AdministrationError(
                .invalid, "there is no check \(unknown)", "Checks are: \(Release.checksKnown.joined(separator: ", ")).")
        }
        let directory = try await administration.directory()
        var restriction = try await administration.restriction(entity)
        guard restriction.isInForce(at: act.at) else {
            throw AdministrationError(.conflict, "\(entity) is not restricted", "`postern restricted list` shows who is.")
        }
        var release = Release(
            at: act.at, actor: act.actor, reason: act.reason, checks: checks,
            approver: try approver(of: restriction, directory.service ?? ServiceLimits(), act))
        let waiting = try await administration.open(.queued, of: entity)
        // What is not to leave is dealt with while nothing of it can begin.
        var affected = mail == .release ? 0 : try await dealWithMail(of: restriction, administration, act)
        let held = try await administration.open(.held, of: entity)
        release.mail = mail.rawValue
        release.recipients = mail == .cancel ? affected : mail == .keep ? held : held + waiting
        restriction.release(
            release,
            day: TimeZones.day(directory.service?.timeZone ?? "UTC") ?? .utc)
        try await administration.put(
            .restriction, name: entity.description, restriction, entry: act.entry("restriction.release", target: entity.description))
        administration.live?.raise(restriction.condition.over(at: act.at, text: "\(entity) was released by \(act.actor): \(act.reason)"))
        if mail == .release { affected = try await dealWithMail(of: restriction, administration, act) }
        return ReleaseOutcome(
            restriction: RestrictionView(restriction, at: act.at), unchecked: Release.checksKnown.filter { !checks.contains($0) },
            mailAffected: affected, mailHeld: try await administration.open(.held, of: entity))
    }

    /// The second person; nil where none is needed and none agreed.
    private func approver(of restriction: Restriction, _ service: ServiceLimits, _ act: Act) throws -> String? {
        let approver = restriction.approval.flatMap { $0.actor == act.actor ? nil : $0.actor }
        let recent = restriction.releases.filter { $0.at > act.at - .seconds(30 * 86_400) && $0.approver == nil }.count
        guard approver != nil || recent < service.releasesWithoutApproval else {
            throw AdministrationError(
                .denied, "\(entity) was released \(recent) times in 30 days without a second person's approval, which is the most",
                "Let another administrator agree first: postern restricted approve \(entity) --reason …")
        }
        return approver
    }

    /// Mail of a restriction that ends by itself just waits, so there is nothing to hold.
    private func dealWithMail(of restriction: Restriction, _ administration: Administration, _ act: Act) async throws -> Int {
        let (verb, states): (QueueVerb, [RecipientState]) =
            switch mail {
            case .keep: (.hold, restriction.until == nil ? [.queued] : [])
            case .release: (.release, [.held])
            case .cancel: (.cancel, [.held, .queued])
            }
        guard !states.isEmpty, let filter = QueueFilter(of: entity, in: states) else { return 0 }
        let entry = act.entry("queue.\(verb.rawValue)", target: entity.description)
        return try await administration.act(QueueAct(verb: verb, filter: filter, audit: entry))
    }
}

extension Administration {
    /// Recipients of somebody's mail in a state, at most 10,000; 0 for the organisation.
    fileprivate func open(_ state: RecipientState, of entity: RestrictedEntity) async throws -> Int {
        guard let filter = QueueFilter(of: entity, in: [state]) else { return 0 }
        var query = QueueQuery()
        (query.filter, query.limit) = (filter, 10_000)
        let wanted = query
        return try await store.read { try $0.queue(wanted).count }
    }

    func restriction(_ entity: RestrictedEntity) async throws -> Restriction {
        guard let restriction = try await directory().restrictions[entity] else {
            throw AdministrationError(.notFound, "\(entity) is not restricted", "`postern restricted list --all` shows who is or was.")
        }
        return restriction
    }
}

extension QueueFilter {
    /// The mail of a restricted sender; nil for the organisation, whose mail waits without being held.
    init?(of entity: RestrictedEntity, in states: [RecipientState]) {
        guard let sender = entity.senderName else { return nil }
        self.init()
        self.states = states
        self.sender = sender
    }
}
