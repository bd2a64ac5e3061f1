import ArgumentParser
import PosternRuntime

struct RequestsList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "What is asked for and what is granted, the latest first.")

    @Flag(help: "Those too that were refused or whose time is over.")
    var all = false
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let rows = try await data.perform(ListLimitRequests(all: all))
        try format.print(
            rows, ["ID", "STATE", "SENDER", "ASKS FOR", "SINCE", "BY", "UNTIL", "DECIDED BY", "WHY"], empty: "Nobody asks for anything."
        ) {
            [
                $0.id, $0.state, $0.sender, $0.text, Output.time($0.asked), $0.askedBy, $0.until.isEmpty ? "" : Output.time($0.until),
                $0.decidedBy, Output.cut($0.reason, 80),
            ]
        }
    }
}
