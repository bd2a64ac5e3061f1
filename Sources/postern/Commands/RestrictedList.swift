import ArgumentParser
import PosternRuntime

struct RestrictedList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Who is restricted, the latest first.")

    @Flag(help: "Those too that were released or whose time is over.")
    var all = false
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let rows = try await data.perform(ListRestrictions(all: all))
        try format.print(rows, ["ENTITY", "STATE", "SINCE", "UNTIL", "STOPS", "REFERENCE", "WHY"], empty: "Nobody is restricted.") {
            [
                $0.entity, $0.state, Output.time($0.since), $0.until.isEmpty ? "released" : Output.time($0.until), $0.stops, $0.reference,
                Output.cut($0.reason, 80),
            ]
        }
    }
}
