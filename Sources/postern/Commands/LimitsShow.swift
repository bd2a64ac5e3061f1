import ArgumentParser
import PosternRuntime

struct LimitsShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show how a sender, a connector or the organisation stands against each of its limits.")

    @Argument(help: "An address, connector:NAME, api-key:NAME or organisation.")
    var subject: String
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let view = try await data.perform(ShowLimits(subject: subject))
        if format.json { return try Output.json([view]) }
        let policy = view.policy.isEmpty ? "no policy" : "policy \(view.policy)"
        Output.line("\(view.subject)  \(view.trafficClass.isEmpty ? "" : "\(view.trafficClass), ")\(policy)")
        if !view.restricted.isEmpty { Output.line("restricted: \(view.restricted)") }
        if !view.throttledUntil.isEmpty { Output.line("throttled until \(Output.time(view.throttledUntil))") }
        if let scans = view.scans {
            Output.line(
                "judged: \(scans.lastSpam) of the last \(scans.lastJudged) messages were spam; in 24 hours \(scans.spamPer24Hours) of "
                    + "\(scans.judgedPer24Hours), in an hour \(scans.spamPerHour), near-duplicates in an hour \(scans.nearDuplicatesPerHour)"
            )
        }
        LimitsShow.table(view.limits)
    }

    static func table(_ limits: [LimitView]) {
        Output.table(
            ["LIMIT", "SET BY", "USED", "OF", "%", "STANDING"],
            limits.map { [$0.name, $0.source, "\($0.used + $0.wanted)", "\($0.value)", "\($0.percent)", $0.text] }, empty: "No limits.")
    }
}
