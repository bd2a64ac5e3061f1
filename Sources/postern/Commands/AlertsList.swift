import ArgumentParser
import OutboundPolicy
import PosternRuntime
import Storage

struct AlertsList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List open alerts, the newest condition first.")

    @Flag(help: "Also those that are resolved.")
    var all = false
    @Option(help: "Lines at most.")
    var limit = 100
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func validate() throws {
        guard (1...10_000).contains(limit) else { throw ValidationError("--limit: 1 to 10000") }
    }

    func run() async throws {
        var query = AlertQuery()
        query.isOpenOnly = !all
        query.limit = limit
        let alerts = try await data.perform(ListAlerts(query: query))
        try format.print(
            alerts, ["ID", "SEVERITY", "STATE", "LAST", "HITS", "KIND", "ABOUT", "WHAT"], empty: all ? "No alerts." : "No open alerts."
        ) {
            [
                $0.id, $0.severity.rawValue, $0.state.rawValue, Output.time($0.last), "\($0.hits)", $0.kind.rawValue,
                Output.cut($0.subject, 40),
                Output.cut($0.text, 80),
            ]
        }
    }
}
