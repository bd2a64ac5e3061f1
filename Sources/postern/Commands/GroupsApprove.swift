import ArgumentParser
import MailModel
import PosternRuntime

struct GroupsApprove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "approve", abstract: "Let messages go that wait for an owner of a group.")

    @Argument(transform: Arguments.message)
    var messages: [MessageID]
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let outcome = try await data.perform(DecideGroupPosts(messages: messages, decision: .approve), reason: reason.reason)
        Output.line("\(outcome.messages) messages let go, to \(outcome.recipients) recipients")
    }
}
