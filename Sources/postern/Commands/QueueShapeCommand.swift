import ArgumentParser
import PosternRuntime

struct QueueShapeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shape", abstract: "Queued and held recipients by destination and age in minutes.",
        discussion: "The figures are some seconds behind.")

    @Option(help: "Destinations that are named, 1…1000.")
    var top = 20
    @Flag(help: "One JSON object instead of a table.")
    var json = false
    @OptionGroup var data: DataOptions

    func run() async throws {
        let view = try await data.perform(ShowQueueShape(top: top))
        guard !json else { return try Output.json([view]) }
        let ages = view.ages.map(String.init) + ["\(view.ages.last ?? 0)+"]
        func cells(_ name: String, _ row: QueueShapeView.Row) -> [String] {
            [name, "\(row.total)"] + row.counts.map(String.init) + ["\(row.held)", Output.time(row.oldest)]
        }
        let rows = view.destinations.map { cells($0.destination, $0) } + (view.others.map { [cells("others", $0)] } ?? [])
        guard !rows.isEmpty else { return Output.line("The queue is empty.") }
        Output.table(["DESTINATION", "TOTAL"] + ages + ["HELD", "OLDEST"], [cells("all", view.total)] + rows, empty: "")
    }
}
