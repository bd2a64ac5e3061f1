import ArgumentParser
import MailModel
import PosternRuntime

struct QueueShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Everything that is known of a message.")

    @Argument(transform: Arguments.messageOrRecipient)
    var id: MessageOrRecipient
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let message = try await data.perform(ShowMessage(message: id.message))
        if format.json { return try Output.json([message]) }
        MessageText.print(message)
    }
}
