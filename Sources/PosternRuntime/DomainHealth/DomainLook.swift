import DomainHealth
import Foundation
import MailModel
import OutboundPolicy
import Storage

/// Looks at a domain of ours, keeps what was found, and tells people of what got worse.
struct DomainLook: Sendable {
    let administration: Administration

    /// The plan of a domain: what of ours it is held against.
    func plan(_ domain: DomainName, selectors: [String] = []) async throws -> (plan: DomainSurveyPlan, settings: Settings) {
        let settings = try administration.dataDirectory.settings()
        var plan = DomainSurveyPlan(domain, selectors: selectors)
        plan.add(try await administration.directory(), settings)
        return (plan, settings)
    }

    func perform(_ domain: DomainName, at now: Timestamp) async throws -> DomainReport {
        let (plan, settings) = try await plan(domain)
        let report = try await DomainSurveyor.look(by: nil, settings.delivery, shared: administration.live?.dns()) { surveyor in
            DomainCheck.report(await surveyor.facts(plan), at: now)
        }
        try await keep(report, of: domain, at: now)
        return report
    }

    func keep(_ report: DomainReport, of domain: DomainName, at now: Timestamp) async throws {
        let before = try await administration.store.read { try $0.domainStates(domain, limit: 1) }.first
        let step = DomainWatch.step(before.flatMap(DomainLook.memory), report)
        let check = KeptCheck(
            domain: domain, at: now, state: report.state.rawValue, digest: DomainWatch.digest(report), changes: step.changes,
            memory: try DirectoryCoding.text(step.memory))
        _ = try await administration.store.perform(.domain(.keepCheck(check)))
        try await keepStanding(of: domain, report, at: now)
        if let condition = DomainLook.condition(domain, step, at: now) { administration.live?.raise(condition) }
    }

    /// Nil where an older or newer program wrote it in another form: then the next look is the first.
    static func memory(_ check: KeptCheck) -> DomainMemory? {
        try? JSONDecoder().decode(DomainMemory.self, from: Data(check.memory.utf8))
    }

    static func condition(_ domain: DomainName, _ step: DomainWatch.Step, at now: Timestamp) -> AlertCondition? {
        let subject = "domain:\(domain)"
        if step.isOver {
            return AlertCondition(
                .domainHealth, subject: subject, at: now, text: "What receivers found wrong with \(domain) is mended.", isOver: true)
        }
        guard let first = step.worse.first else { return nil }
        let more = step.worse.count == 1 ? "" : " (and \(step.worse.count - 1) more)"
        let records = step.worse.flatMap(\.records).prefix(recordsMax).map(\.line)
        let advice =
            (records.isEmpty ? "" : "Publish: \(records.joined(separator: "; ")). ")
            + "`postern domain history \(domain)` says what changed."
        return AlertCondition(.domainHealth, subject: subject, at: now, text: "\(first.text)\(more)", advice: advice)
    }

    /// Records that an alert repeats.
    private static let recordsMax = 3
}
