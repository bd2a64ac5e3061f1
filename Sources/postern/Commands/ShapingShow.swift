import ArgumentParser
import PosternRuntime

struct ShapingShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show what limits, replies and rules hold back at this moment.")

    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let status = try await data.perform(ShowShaping())
        if format.json { return try Output.json([status]) }
        Output.table(
            ["DESTINATION", "SOURCE", "CONNECTIONS", "A MINUTE", "RESTS UNTIL", "IT SAID"],
            status.slowed.map {
                [
                    Output.cut($0.destination, 40), $0.source, $0.connections.map(String.init) ?? "",
                    $0.messagesPerMinute.map(String.init) ?? "",
                    $0.restsUntil.isEmpty ? "" : Output.time($0.restsUntil), Output.cut($0.reply, 60),
                ]
            }, empty: "No destination takes less than it would be given.")
        Output.line()
        Output.table(
            ["HELD", "RULE", "UNTIL", "IT SAID"],
            status.holds.map { [Output.cut($0.subject, 50), $0.rule, Output.time($0.until), Output.cut($0.reply, 60)] },
            empty: "No rule holds anything.")
    }
}
