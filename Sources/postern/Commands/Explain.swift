import ArgumentParser
import PosternRuntime

struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "What a reply means and who has to do what; or what became of a message.",
        discussion: "Replies are explained without a data directory: quote the text as the server or the report gave it.")

    @Argument(help: "A reply's text, or a message's identifier.")
    var text: [String]
    @Option(help: "The host that said it, where that is known.")
    var host: String?
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let operation = Explain(text: text.joined(separator: " "), host: host)
        let explanation =
            operation.message == nil
            ? Explanation.ofReply(operation.text, host: host) : try await data.perform(operation)
        if format.json { return try Output.json([explanation]) }
        for sentence in explanation.story { Output.line(Output.printable(sentence)) }
        guard explanation.replyClass != "none" else { return }
        if !explanation.story.isEmpty { Output.line() }
        for (name, value) in [
            ("meaning", explanation.meaning), ("who acts", explanation.whoActs), ("retry", explanation.retry),
            ("advice", explanation.advice), ("say", explanation.tellSender), ("class", explanation.replyClass),
            ("provider", explanation.provider),
            ("code", explanation.enhancedCode), ("rule", explanation.rule),
        ] where !value.isEmpty { Output.line(name + String(repeating: " ", count: 10 - name.count) + Output.printable(value)) }
    }
}
