import ArgumentParser
import OutboundPolicy
import PosternRuntime

struct GroupsList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the groups.")

    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let groups = try await data.perform(ListGroups())
        try format.print(
            groups, ["ADDRESS", "MEMBERS", "RECIPIENTS", "OWNERS", "WAITS FOR AN OWNER", "LIST", "FROM", "WHO MAY WRITE"],
            empty: "No groups."
        ) {
            [
                $0.address, "\($0.members)", "\($0.people)", "\($0.owners)", $0.moderation.rawValue, $0.isList ? "yes" : "",
                $0.source ?? "", Output.cut($0.writers, 60),
            ]
        }
    }
}
