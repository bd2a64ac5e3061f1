import MailModel
package import OutboundPolicy
import ProviderTwin

/// Runs plans, and looks for a better one.
package enum Simulation {
    /// Is told now and then how many recipients of how many are settled. False ends the run.
    package typealias Watcher = @Sendable (_ settled: Int, _ all: Int) -> Bool

    /// `endsAtRefusal`: where only a plan without any is of interest.
    package static func run(_ plan: SimulationPlan, watcher: Watcher? = nil, endsAtRefusal: Bool = false) -> SimulationReport {
        switch plan.way {
        case .script: return SimulatedScript.run(plan)
        case .gate(let limits):
            var gate = SimulatedGate(plan, limits: limits)
            gate.watcher = watcher
            gate.endsAtRefusal = endsAtRefusal
            return gate.run()
        }
    }

    /// The same mail with faults, the promises looked at after each event. What is returned has `problems` where one did not hold.
    package static func walk(seed: UInt64, messages: Int = 16) -> SimulationReport {
        guard let mailbox = EmailAddress("app@contoso.test"), let domain = DomainName("example.com") else { preconditionFailure("names") }
        let start = Timestamp(seconds: 1_795_338_000)
        var random = SplitMix(seed: seed)
        let batches = (0..<4).map { index in
            SimulationPlan.Batch(
                name: "batch \(index)", at: start + .seconds(Int64.random(in: 0...600, using: &random)), messages: messages / 4,
                recipientsPerMessage: Int.random(in: 1...3, using: &random),
                over: .seconds(Int64.random(in: 0...300, using: &random)), domains: [domain])
        }
        let limits = ShapingLimits(
            connections: 3,
            rates: [
                ShapingRate(Int.random(in: 5...30, using: &random), .messages, per: .minute), ShapingRate(200, .recipients, per: .hour),
            ])
        var plan = SimulationPlan(
            start: start, batches: batches, way: .gate(limits), mailbox: mailbox, tenant: .contoso, longest: .seconds(5 * 86_400))
        plan.seed = seed
        var gate = SimulatedGate(plan, limits: limits, faults: .all)
        var report = gate.run()
        if report.waiting > 0 { report.problems.append("\(report.waiting) recipients wait after five days") }
        return report
    }

    /// A plan that ends well, where one is found, with its report.
    package struct Proposal: Sendable {
        package var limits: ShapingLimits
        /// The calendar that new sources go by; nil where the mail goes through a mailbox.
        package var warmUp: WarmUpPlan?
        package var words: String
        package var report: SimulationReport
    }

    /// Nil where the plan ends well, or nothing better is found.
    package static func proposal(for plan: SimulationPlan, ended report: SimulationReport, watcher: Watcher? = nil) -> Proposal? {
        // Where Postern's own limits are tried, what they stop is what is asked for.
        guard !report.isGood, plan.policy == nil else { return nil }
        if case .receivers(let providers, let demands, let calendar) = plan.target {
            return warmedUp(plan, providers, demands, after: calendar, watcher: watcher)
        }
        var limits = ShapingPreset.microsoft365Mailbox.limits
        let policy = plan.tenant.defaultPolicy
        let settings = plan.tenant.settings
        let hourly = [policy.externalPerHour, settings.volumePerHour].filter { $0 > 0 }.min()
        let daily = [policy.recipientsPerDay, settings.recipientsPerDay, settings.tenantQuota].filter { $0 > 0 }.min() ?? 10_000
        limits.rates.removeAll { $0.unit == .recipients }
        if let hourly { limits.rates.append(ShapingRate(hourly, .recipients, per: .hour)) }
        limits.rates.append(ShapingRate(min(10_000, daily), .recipients, per: .day))
        limits.connections = min(limits.connections ?? 3, settings.connections)
        var better = plan
        better.way = .gate(limits)
        better.longest = .seconds(30 * 86_400)
        let outcome = run(better, watcher: watcher, endsAtRefusal: true)
        guard outcome.isGood, let finished = outcome.finishedAt else { return nil }
        let rates = limits.rates.map { "\($0.amount) \($0.unit.rawValue) per \($0.period.rawValue)" }.joined(separator: ", ")
        return Proposal(
            limits: limits,
            words:
                "Through Postern with at most \(rates) and \(limits.connections ?? 3) connections: done at \(finished.rfc3339), with nothing refused.",
            report: outcome)
    }

    /// The first calendar, from the fastest to the most careful, with which receivers take everything.
    private static func warmedUp(
        _ plan: SimulationPlan, _ providers: [DomainName: ReceiverProvider], _ demands: [ReceiverProvider: ReceiverDemands],
        after tried: WarmUpPlan?, watcher: Watcher?
    ) -> Proposal? {
        guard case .gate(let limits) = plan.way else { return nil }
        for calendar in [WarmUpPlan.fast, .standard, .careful] where calendar != tried {
            var better = plan
            better.target = .receivers(providers: providers, demands: demands, warmUp: calendar)
            better.longest = .seconds(90 * 86_400)
            let outcome = run(better, watcher: watcher, endsAtRefusal: true)
            guard outcome.isGood, let finished = outcome.finishedAt else { continue }
            return Proposal(
                limits: limits, warmUp: calendar,
                words:
                    "With the warm-up calendar \"\(calendar.rawValue)\" for the source: done at \(finished.rfc3339), with nothing refused.",
                report: outcome)
        }
        return nil
    }
}
