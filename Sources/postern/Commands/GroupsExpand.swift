import ArgumentParser
import MailModel
import PosternRuntime

struct GroupsExpand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "expand", abstract: "Say whom a message to a group would reach, how many that are, and by which group each comes.")

    @Argument(transform: Arguments.address)
    var address: EmailAddress
    @Option(help: "People that are named; all otherwise.")
    var limit: Int?
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let view = try await data.perform(ExpandGroup(group: address, limit: limit))
        if format.json { return try Output.json([view]) }
        Output.line(
            "\(view.group) stands for \(view.recipients) recipients, \(view.external) of them external; a message may have \(view.most)")
        Output.table(
            ["RECIPIENT", "WHERE", "BY"],
            view.people.map { [$0.address, $0.isInternal ? "internal" : "external", $0.through.joined(separator: " → ")] },
            empty: "It has no members.")
    }
}
