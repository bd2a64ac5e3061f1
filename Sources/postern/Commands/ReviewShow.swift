import ArgumentParser
import MailModel
import PosternRuntime

struct ReviewShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "What a held message says: its text, links with their true targets, and files. Kept in the audit.")

    @Argument(help: "The message.", transform: Arguments.message) var message: MessageID
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let detail = try await data.perform(ShowReview(message: message), reason: reason.reason)
        if format.json { return try Output.json([detail]) }
        let line = detail.line
        Output.line("\(line.message), held for \(line.held) recipients: \(line.reason.rawValue). \(Output.printable(line.text))")
        for recipient in detail.recipients.prefix(20) { Output.line("  to \(Output.printable(recipient))") }
        for finding in line.scan?.findings ?? [] {
            Output.line(Output.printable("  \(finding.weight)  \(finding.explanation) [\(finding.matched)]"))
        }
        guard let preview = detail.preview else { return Output.line("Its content is no longer kept.") }
        Output.line()
        for field in preview.fields { Output.line(Output.printable("\(field.name): \(field.value)")) }
        Output.line()
        for text in preview.text.split(separator: "\n", omittingEmptySubsequences: false) {
            Output.line(text.isEmpty ? "" : Output.printable(String(text)))
        }
        if !preview.hidden.isEmpty { Output.line("\nText that readers do not see: \(Output.printable(preview.hidden))") }
        if !preview.links.isEmpty { Output.line("\nLinks:") }
        for link in preview.links { Output.line(Output.printable("  \(link.kind) \"\(link.text)\" leads to \(link.target)")) }
        if !preview.files.isEmpty { Output.line("\nFiles:") }
        for file in preview.files { Output.line(Output.printable("  \(file.name) (\(file.type), \(file.bytes) octets)")) }
        if preview.isCut { Output.line("\nNot all of it is shown.") }
    }
}
