import ArgumentParser
import DeliveryPlanning
import OutboundPolicy
import PosternRuntime

struct RulesTest: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Say which rule a reply meets; without one, prove every rule by its own texts.",
        discussion: "Exit code 1 where a rule is not proved. Without a data directory, of the rules that come with Postern.")

    @Argument(help: "A reply's text.")
    var text: [String] = []
    @Option(help: "Whose reply it is.", transform: Arguments.provider)
    var provider: MailProvider?
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let reply = text.isEmpty ? nil : text.joined(separator: " ")
        let test = TestDeliveryRules(text: reply, provider: provider)
        let view = data.isAbsent ? test.performByDefaultSet() : try await data.perform(test)
        if format.json {
            try Output.json([view])
        } else if reply != nil {
            Output.line(view.rule.isEmpty ? "no rule fits: nothing but the usual is done" : "\(view.rule): \(view.action)")
        } else {
            for mistake in view.mistakes { Output.line("\(mistake.rule): \(Output.printable(mistake.text))") }
            if view.mistakes.isEmpty { Output.line("every rule is proved: \(view.rules) rules, \(view.samples) texts") }
        }
        if !view.mistakes.isEmpty { throw ExitCode.failure }
    }
}
