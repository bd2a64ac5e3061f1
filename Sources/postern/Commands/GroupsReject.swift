import ArgumentParser
import MailModel
import PosternRuntime

struct GroupsReject: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reject", abstract: "Reject messages that wait for an owner of a group; authors of the organisation are told why.")

    @Argument(transform: Arguments.message)
    var messages: [MessageID]
    @Option(help: "Why: the author and the audit have it.")
    var reason: String
    @OptionGroup var data: DataOptions

    func run() async throws {
        let outcome = try await data.perform(DecideGroupPosts(messages: messages, decision: .reject), reason: reason)
        Output.line("\(outcome.messages) messages rejected, \(outcome.notices) authors told")
    }
}
