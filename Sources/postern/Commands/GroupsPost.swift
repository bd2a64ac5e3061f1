import ArgumentParser
import MailModel
import PosternRuntime

struct GroupsPost: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "post", abstract: "Show what a message says that waits for an owner of a group. This is noted in the audit.")

    @Argument(transform: Arguments.message)
    var message: MessageID
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let post = try await data.perform(ShowGroupPost(message: message))
        if format.json { return try Output.json([post]) }
        Output.line("\(post.line.message) to \(post.line.group), \(post.line.recipients) recipients: \(post.line.text)")
        Output.line("From: \(Output.printable(post.line.from))")
        Output.line("Subject: \(Output.printable(post.line.subject))")
        Output.line("")
        let text = post.preview?.text ?? "Its content is no longer kept."
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) { Output.line(Output.printable(String(line))) }
        for file in post.preview?.files ?? [] { Output.line("[file] \(Output.printable(file.name)) (\(file.type), \(file.bytes) octets)") }
    }
}
