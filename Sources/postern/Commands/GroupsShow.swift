import ArgumentParser
import MailModel
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
        let senders = view.senders.isEmpty ? "everybody" : view.senders.joined(separator: " ")
        Output.line("\(view.address)  \(view.members.count) members, \(view.people) recipients; may be written to by \(senders)")
        for member in view.members { Output.line("  \(Output.printable(member))") }
    }
}
