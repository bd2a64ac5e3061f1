import ArgumentParser
import MailModel
import OutboundPolicy
import PosternRuntime

struct GroupsShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show a group with its members.")

    @Argument(transform: Arguments.address)
    var address: EmailAddress
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let view = try await data.perform(ShowGroup(group: address))
        if format.json { return try Output.json([view]) }
        Output.line("\(view.address)  \(view.members.count) members, \(view.people) recipients; may be written to by \(view.writers)")
        if !view.owners.isEmpty { Output.line("owners: \(view.owners.joined(separator: " "))") }
        if view.moderation != .none { Output.line("waits for an owner: mail of \(view.moderation.rawValue)") }
        if let most = view.expansionMax { Output.line("at most \(most) recipients a message") }
        if let list = view.list, let id = view.listID {
            Output.line(
                "discussion list \(id): From \(list.authorField.rawValue), answers to the \(list.answers.rawValue), joining \(list.joining.rawValue)"
            )
        }
        if let source = view.source { Output.line("members from \(source.server): \(source.base) \(source.filter)") }
        for member in view.members { Output.line("  \(Output.printable(member))") }
    }
}
