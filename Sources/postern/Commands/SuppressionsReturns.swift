import ArgumentParser
import PosternRuntime

struct SuppressionsReturns: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "returns", abstract: "What became of mail, by day, receiver and reason.")

    @Option(help: "1 to 90 days, today the last of them.") var days = 14
    @Option(name: .customLong("of"), help: "all, sender:ADDRESS or list:NAME.") var subject = "all"
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let view = try await data.perform(ShowReturns(days: days, subject: subject))
        try format.print(view.rows, ["DATE", "PROVIDER", "WHAT", "COUNT"], empty: "Nothing in this time.") {
            [$0.date, $0.provider, $0.event, "\($0.count)"]
        }
        if !format.json, view.unproven > 0 { Output.line("\(view.unproven) more could not be proved, and count for nobody.") }
    }
}
