import DNSClient
import DeliveryPlanning
import MailModel
import OutboundPolicy
import Storage

/// Looks at our own reputation and does what follows from it.
struct ReputationDesk: Sendable {
    let administration: Administration
    let directory: Directory
    let settings: Settings
    let plan: ReputationPlan

    init(_ administration: Administration) async throws {
        self.administration = administration
        directory = try await administration.directory()
        settings = try administration.dataDirectory.settings()
        let file = settings.reputation.lists.map { administration.dataDirectory.path(of: $0) }
        plan = ReputationPlan(directory, settings, lists: try await BlockingWork.run { try BlocklistFile.lists(file) })
    }

    func checks() async throws -> [ReputationCheck] { try await administration.store.read { try $0.reputationChecks() } }

    /// Asks everything; `unbidden`: but for domains that lead nowhere. `server`: in place of the settings' resolver. `time`: no question is
    /// begun after it.
    func look(by server: DNSServerAddress?, pause: Duration, time: Duration, unbidden: Bool = false, _ act: Act) async throws {
        var asked = plan
        if unbidden { asked.domains.removeAll(where: \.isReserved) }
        let plan = asked
        let end = ContinuousClock.now + time
        let sights = try await DomainSurveyor.ask(server, settings.delivery) { resolver in
            await ReputationSurveyor(resolver: resolver, pause: pause, end: end).sights(plan)
        }
        try await conclude(sights, act)
    }

    /// What providers' replies said since, by the holds that they led to. Asks nobody.
    func hearReplies(_ act: Act) async throws { try await conclude([], act) }

    private func conclude(_ sights: [ReputationSight], _ act: Act) async throws {
        let before = try await checks()
        let plan = plan
        let holds = Array(directory.deliveryHolds.values)
        let replies = ReputationSight.replies(holds, before: before, at: act.at) { plan.subject(ofSource: $0, $1) }
        let review = ReputationReview(before: before, subjects: plan.subjects, lists: plan.lists, at: act.at)
        let outcome = review.outcome(sights + replies, holds: holds, moving: moving)
        if !outcome.put.isEmpty || !outcome.drop.isEmpty {
            _ = try await administration.store.perform(
                .reputation(.looked(put: outcome.put, drop: outcome.drop, events: outcome.events)))
        }
        // Replies are heard every minute: what goes on as it was is told by the looks.
        if !sights.isEmpty || !outcome.events.isEmpty {
            for condition in outcome.conditions { administration.live?.raise(condition) }
        }
        // A source that goes on standing aside is written again only by a look, which says for how long.
        let changes = outcome.holds.filter { !sights.isEmpty || $0.until <= act.at }
        try await administration.commit(
            try changes.map { hold in
                try DirectoryChange(
                    .deliveryHold, name: hold.key, hold,
                    entry: AuditEntry(
                        at: act.at, actor: act.actor, action: hold.until <= act.at ? "reputation.back" : "reputation.aside",
                        target: hold.key,
                        reason: hold.reply.lines.joined(separator: " ")))
            })
    }

    /// Longer than until the look after the next, so that one that fails brings nothing back.
    private var moving: Duration { max(settings.reputation.every * 3, .seconds(86_400)) }
}
