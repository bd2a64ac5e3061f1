import MailModel
import OutboundPolicy
package import Simulation

/// What a simulation came to, as commands and pages show it.
package struct SimulationView: Codable, Sendable {
    package struct Answer: Codable, Sendable {
        package var reply: String
        package var count: Int
        package var firstAt: String
    }

    package struct Restricted: Codable, Sendable {
        package var entity: String
        package var at: String
        package var reason: String
    }

    package struct Point: Codable, Sendable {
        package var at: String
        package var submitted: Int
        package var delivered: Int
        package var refused: Int
        package var waiting: Int
    }

    package struct Proposal: Codable, Sendable {
        package var words: String
        package var finishedAt: String?
        package var rates: [String]
        package var connections: Int?
        /// The whole plan, YAML.
        package var plan: String
        package var series: [Point]
    }

    package var good: Bool
    package var submitted: Int
    package var delivered: Int
    package var failed: Int
    package var waiting: Int
    package var refusals: Int
    package var startedAt: String
    package var finishedAt: String?
    package var answers: [Answer]
    /// What Postern itself did not take, by its own limits.
    package var refusedBefore: [Answer]
    package var restricted: [Restricted]
    package var stops: [Restricted]
    package var alerts: [String]
    package var series: [Point]
    package var proposal: Proposal?

    init(_ report: SimulationReport, start: Timestamp, proposal: (Simulation.Proposal, plan: String)?) {
        good = report.isGood
        (submitted, delivered, failed) = (report.submitted, report.delivered, report.failed)
        (waiting, refusals) = (report.waiting, report.refusals)
        (startedAt, finishedAt) = (start.rfc3339, report.finishedAt?.rfc3339)
        (answers, refusedBefore) = (SimulationView.answers(report.answers), SimulationView.answers(report.refusedBefore))
        restricted = report.restricted.map { Restricted(entity: $0.entity, at: $0.at.rfc3339, reason: $0.reason) }
        stops = report.stops.map { Restricted(entity: $0.entity, at: $0.at.rfc3339, reason: $0.reason) }
        alerts = Array(report.alerts.prefix(100))
        series = SimulationView.series(report)
        self.proposal = proposal.map { better, plan in
            Proposal(
                words: better.words, finishedAt: better.report.finishedAt?.rfc3339, rates: better.limits.rates.map(\.description),
                connections: better.limits.connections, plan: plan, series: SimulationView.series(better.report))
        }
    }
}

extension SimulationView {
    private static func answers(_ answers: [SimulationReport.Answer]) -> [Answer] {
        answers.map { Answer(reply: $0.reply, count: $0.count, firstAt: $0.firstAt.rfc3339) }
    }

    private static func series(_ report: SimulationReport) -> [Point] {
        report.series.map {
            Point(at: $0.at.rfc3339, submitted: $0.submitted, delivered: $0.delivered, refused: $0.refused, waiting: $0.waiting)
        }
    }
}

/// A plan, run.
package struct SimulationRun: Sendable {
    package var view: SimulationView
    package var svg: String
    package var lines: [String]
    package var isGood: Bool { view.good }

    /// Throws `AdministrationError` for a plan that cannot be read.
    package static func run(yaml: String, watcher: Simulation.Watcher? = nil) throws -> SimulationRun {
        let plan = try SimulationFile.read(yaml)
        let report = Simulation.run(plan, watcher: watcher)
        let better = Simulation.proposal(for: plan, ended: report, watcher: watcher)
        let proposal = try better.map { ($0, plan: try SimulationFile.text($0, of: yaml)) }
        let view = SimulationView(report, start: plan.start, proposal: proposal)
        return SimulationRun(view: view, svg: SimulationPicture.svg(report), lines: lines(view, SimulationPicture.text(report)))
    }

    /// The promises that did not hold in a run with faults.
    package static func walk(seed: UInt64) -> [String] { Simulation.walk(seed: seed).problems }

    private static func lines(_ view: SimulationView, _ picture: [String]) -> [String] {
        var lines = view.lines
        if !picture.isEmpty { lines += [""] + picture }
        if let proposal = view.proposal { lines += ["", "Better: \(proposal.words)"] }
        return lines
    }
}

extension SimulationView {
    /// In words, for a terminal.
    package var lines: [String] {
        let view = self
        var lines = ["\(view.delivered) of \(view.submitted) recipients delivered, \(view.failed) failed, \(view.waiting) wait still"]
        lines.append(view.finishedAt.map { "started \(view.startedAt), done \($0)" } ?? "started \(view.startedAt), not done in time")
        for answer in view.answers { lines.append("  \(answer.count) × \(answer.reply)") }
        for answer in view.refusedBefore { lines.append("  \(answer.count) × by Postern itself: \(answer.reply)") }
        for restricted in view.restricted { lines.append("RESTRICTED \(restricted.entity) at \(restricted.at): \(restricted.reason)") }
        for stop in view.stops { lines.append("Postern stopped the route at \(stop.at): \(stop.reason)") }
        return lines
    }
}
