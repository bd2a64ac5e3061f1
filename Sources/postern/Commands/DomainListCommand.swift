import ArgumentParser
import PosternRuntime

struct DomainListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Own domains, and what the latest look at each found.")

    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let rows = try await data.perform(ListDomainHealth())
        try format.print(rows, ["DOMAIN", "STATE", "LOOKED AT", "ERRORS", "WARNINGS", "WORST"], empty: "There are no own domains.") {
            [
                $0.domain, $0.state.isEmpty ? "not yet" : $0.state, $0.checkedAt.isEmpty ? "" : Output.time($0.checkedAt), "\($0.errors)",
                "\($0.warnings)", Output.cut($0.worst, 80),
            ]
        }
    }
}
