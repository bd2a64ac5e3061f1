import ArgumentParser
import MailModel
import OutboundPolicy
import PosternRuntime

struct AlertsShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show one alert, with who was told of it.")

    @Argument var id: String
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let view = try await data.perform(ShowAlert(id: id))
        if format.json { return try Output.json([view]) }
        let alert = view.alert
        let facts = [
            ("alert", alert.id), ("kind", "\(alert.kind.rawValue), \(alert.severity.rawValue)"), ("about", alert.subject),
            ("state", alert.state.rawValue + (alert.ending.isEmpty ? "" : " (\(alert.ending), \(Output.time(alert.ended)))")),
            ("first", Output.time(alert.first)), ("last", Output.time(alert.last)), ("reported", "\(alert.hits)"),
            ("stage", alert.stage == 0 ? "" : "\(alert.stage) %"), ("what", alert.text), ("what to do", alert.advice),
            ("by", alert.actor), ("reason", alert.reason),
        ]
        for (name, value) in facts where !value.isEmpty {
            Output.line(name + String(repeating: " ", count: 12 - name.count) + Output.printable(value))
        }
        for finding in view.findings { Output.line("finding     " + Output.printable(finding.description)) }
        Output.line()
        Output.table(
            ["TOLD", "DUE", "ATTEMPTS", "OUTCOME"],
            view.notices.map { [$0.channel, Output.time($0.due), "\($0.attempts)", $0.outcome.isEmpty ? "waits" : $0.outcome] },
            empty: "Nobody was told.")
    }
}
