import ArgumentParser
import DeliveryPlanning
import PosternRuntime

struct ReputationFigures: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "figures", abstract: "The figures that were imported, the newest first.")

    @Argument(help: "postmaster or snds.") var source: ReputationFigure.Source
    @Option(help: "1…400.")
    var days = 90
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let rows = try await data.perform(ListFigures(source: source, days: days))
        try format.print(
            rows, ["DATE", "DOMAIN OR ADDRESS", "MESSAGES", "COMPLAINTS %", "VERDICT", "TRAPS"], empty: "Nothing was imported."
        ) {
            [
                $0.date, $0.figure.subject, $0.figure.messages.map { "\($0)" } ?? "", $0.figure.complaintPercent.map { "\($0)" } ?? "",
                $0.figure.verdict, $0.figure.trapHits.map { "\($0)" } ?? "",
            ]
        }
    }
}
