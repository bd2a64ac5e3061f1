import ArgumentParser
import MailModel
import PosternRuntime

struct GroupsPosts: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "posts", abstract: "List messages that wait for an owner of a group.")

    @Argument(help: "A group; all otherwise.", transform: Arguments.address)
    var address: EmailAddress?
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let posts = try await data.perform(ListGroupPosts(group: address))
        try format.print(posts, ["MESSAGE", "GROUP", "RECEIVED", "FROM", "SUBJECT", "RECIPIENTS"], empty: "Nothing waits for an owner.") {
            [$0.message, $0.group, $0.received, Output.cut($0.from, 40), Output.cut($0.subject, 50), "\($0.recipients)"]
        }
    }
}
