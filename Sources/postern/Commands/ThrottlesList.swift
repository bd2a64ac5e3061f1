import ArgumentParser
import PosternRuntime

struct ThrottlesList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Who is throttled, and what has to be mended.")

    @Flag(help: "Those too that are over.")
    var all = false
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let rows = try await data.perform(ListThrottles(all: all))
        try format.print(
            rows, ["PRINCIPAL", "STATE", "CODE", "SINCE", "UNTIL", "ERRORS", "TO MEND", "LAST ERROR"], empty: "Nobody is throttled."
        ) {
            [
                $0.principal, $0.state, $0.code, Output.time($0.since), Output.time($0.until), "\($0.errors) in \($0.windowMinutes) min",
                $0.remedy, Output.cut($0.example, 80),
            ]
        }
    }
}
