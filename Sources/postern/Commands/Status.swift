import ArgumentParser
import PosternRuntime

struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "How the running gate is.")

    @OptionGroup var data: DataOptions
    @OptionGroup var format: FormatOptions

    func run() async throws {
        let status = try await data.perform(ShowStatus())
        if format.json { return try Output.json([status]) }
        var rows = [
            ["version", status.version], ["node", "\(status.node) \(status.hostName)"], ["up for", "\(status.uptimeSeconds) s"],
            ["connections", "\(status.connections)"], ["recipients in memory", "\(status.queuedInMemory)"],
            ["attempts in flight", "\(status.attemptsInFlight)"], ["directory version", "\(status.directoryVersion)"],
        ]
        rows += status.addresses.sorted { $0.key < $1.key }.map { [$0.key, $0.value] }
        rows += status.missingSources.map {
            ["source missing", "\($0.source) since \(Output.time($0.since)), \($0.recipients) recipients wait"]
        }
        rows += status.stoppedRoutes.map { ["route \($0.route) stands still", "\($0.cause) since \(Output.time($0.since)): \($0.advice)"] }
        rows += status.problems.map { ["problem", $0] }
        Output.table(["what", "value"], rows, empty: "")
    }
}
