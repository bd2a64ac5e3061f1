import ArgumentParser
import PosternRuntime

struct ReputationLists: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lists", abstract: "The blocklists that are asked, and what their owners allow.")

    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let rows = try await data.perform(ListBlocklists())
        try format.print(rows, ["LIST", "ZONE", "OF", "ASKED", "MOVES MAIL", "TERMS"], empty: "There are none.") {
            [$0.name, $0.zone, $0.subject, $0.enabled ? "yes" : "no", $0.moves ? "yes" : "no", Output.cut($0.terms, 100)]
        }
    }
}
