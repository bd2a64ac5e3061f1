import ArgumentParser
import OutboundPolicy
import PosternRuntime

struct RulesSet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Put a rule of your own; only where every rule is proved with it.",
        discussion:
            "The file holds the rule as `postern rules list --json` shows one. The name of a default rule: it stands in for that one.")

    @Argument(help: "A JSON file.")
    var file: String
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        for rule in try RuleFile.rules(file) {
            let view = try await data.perform(SetDeliveryRule(rule: rule), reason: reason.reason)
            if format.json { try Output.json([view]) } else { Output.line("rule \(view.rule.name) is set") }
        }
    }
}
