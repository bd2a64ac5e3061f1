import ArgumentParser
import PosternRuntime

struct ReputationHistory: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "What was listed or wrong, and when that ended; the newest first.")

    @Option(help: "Lines at most, 1…10000.")
    var limit = 100
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let rows = try await data.perform(ListReputationEvents(limit: limit))
        try format.print(rows, ["TIME", "ADDRESS OR DOMAIN", "LIST", "WHAT", "IT SAID"], empty: "Nothing has changed yet.") {
            [Output.time($0.time), $0.subject, $0.list, $0.bad ? "bad" : "over", Output.cut($0.text, 90)]
        }
    }
}
