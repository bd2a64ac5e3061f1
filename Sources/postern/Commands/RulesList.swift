import ArgumentParser
import OutboundPolicy
import PosternRuntime

struct RulesList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the rules in the order in which they are tried.")

    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let rules = try await data.perform(ListDeliveryRules())
        if format.json { return try Output.json(rules) }
        Output.table(
            ["NAME", "PROVIDER", "TRIGGER", "ACTION", "FOR", "WORDS"],
            rules.map { view in
                let rule = view.rule
                let trigger = rule.trigger.count == 1 ? "at once" : "\(rule.trigger.count) in \(rule.trigger.seconds) s"
                return [
                    rule.name + (view.own ? " *" : "") + (rule.isDisabled ? " (off)" : ""), rule.provider?.rawValue ?? "any", trigger,
                    rule.action.rawValue, rule.action.lasts ? "\(rule.seconds) s" : "", Output.cut(rule.words, 50),
                ]
            }, empty: "There are no rules.")
    }
}
