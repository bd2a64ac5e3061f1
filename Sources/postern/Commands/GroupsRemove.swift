import ArgumentParser
import MailModel
import PosternRuntime

struct GroupsRemove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "remove", abstract: "Remove a group; its members stay what they are.")

    @Argument(transform: Arguments.address)
    var address: EmailAddress
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        _ = try await data.perform(RemoveGroup(group: address), reason: reason.reason)
        Output.line("group \(address) removed")
    }
}
