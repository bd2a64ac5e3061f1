import ArgumentParser
import PosternRuntime

struct SimulationsList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the simulations of this node, newest first.")

    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let jobs = try await data.perform(ListSimulations())
        if format.json { return try Output.json(jobs) }
        Output.table(
            ["ID", "STATE", "PERCENT", "ASKED FOR", "BY", "PLAN"],
            jobs.map { [$0.id, $0.state.rawValue, "\($0.percent)", $0.at, $0.by, $0.name] }, empty: "There are none.")
    }
}
