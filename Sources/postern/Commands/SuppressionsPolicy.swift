import ArgumentParser
import OutboundPolicy
import PosternRuntime

struct SuppressionsPolicy: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy", abstract: "Which mail the list keeps back, what puts an address there, and the thresholds of rates.",
        subcommands: [SuppressionsPolicyShow.self, SuppressionsPolicySet.self], defaultSubcommand: SuppressionsPolicyShow.self)

    static func print(_ view: SuppressionPolicyView) {
        for group in view.keeps.keys.sorted() {
            let classes = view.keeps[group] ?? []
            Output.line("\(group): keeps back \(classes.isEmpty ? "no mail" : classes.joined(separator: ", "))")
        }
        Output.line("at RCPT: \(view.refusesAtSubmission ? "refused" : "taken, and ended as suppressed")")
        Output.line(
            view.softBounces == 0
                ? "soft bounces: suppress nobody"
                : "soft bounces: on \(view.softBounces) days of \(view.softDays) suppress for \(view.softLastsDays) days")
        Output.line("dead addresses: \(view.deadLastsDays == 0 ? "for ever" : "for \(view.deadLastsDays) days")")
        let rates = view.rates
        Output.line(
            "rates: over \(rates.windowHours) h, from \(rates.messagesMin) messages and \(rates.eventsMin) events on; warn, hold, stop at")
        for (name, thresholds) in [
            ("hard bounces", rates.hardBounces), ("complaints", rates.complaints), ("deferrals", rates.deferrals),
        ] { Output.line("  \(name): \(thresholds)") }
    }
}

struct SuppressionsPolicyShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show what was chosen.")

    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let view = try await data.perform(ShowSuppressionPolicy())
        if format.json { return try Output.json([view]) }
        SuppressionsPolicy.print(view)
    }
}
