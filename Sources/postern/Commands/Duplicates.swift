import ArgumentParser
import PosternRuntime

struct Duplicates: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List copies of one text that were sent within 24 hours, by whomever, as this node has seen them.")

    @Option(help: "Groups at most, 1 to 1000.")
    var limit = 20
    @Option(help: "Groups in which this sender takes part.")
    var sender: String?
    @Flag(help: "Show the members too: who sent which message, and when.")
    var members = false
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let groups = try await data.perform(ListDuplicates(limit: limit, sender: sender))
        try format.print(
            groups, ["GROUP", "MESSAGES", "RECIPIENTS", "SENDERS", "PATTERN", "LAST"], empty: "No text was sent more than once."
        ) {
            [$0.id, "\($0.messages)", "\($0.recipients)", "\($0.senders)", $0.isPattern ? "yes" : "no", $0.last]
        }
        guard members, !format.json else { return }
        for group in groups {
            Output.line()
            Output.line("group \(group.id)")
            for member in group.members {
                let by = member.connector.isEmpty ? member.sender : "\(member.sender) by \(member.connector)"
                Output.line("  \(member.time)  \(member.recipients)  \(Output.printable(by))  \(Output.printable(member.messageID))")
            }
        }
    }
}
