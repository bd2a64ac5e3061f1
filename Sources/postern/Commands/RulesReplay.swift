import ArgumentParser
import MailModel
import PosternRuntime

struct RulesReplay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Say how the trace's last replies would be decided by a changed set, before it goes live.")

    @Argument(help: "A JSON file of the rules to be put; none: the set as it is.")
    var file: String?
    @Option(help: "Recipients of the trace to look at, 1…10000.")
    var limit = 10_000
    @Flag(help: "Also replies that are decided as before.")
    var all = false
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let rules = try file.map(RuleFile.rules) ?? []
        let lines = try await data.perform(ReplayDeliveryRules(changed: rules, limit: limit)).filter { all || file == nil || $0.changed }
        if format.json { return try Output.json(lines) }
        Output.table(
            ["COUNT", "BEFORE", "AFTER", "REPLY"],
            lines.map {
                ["\($0.count)", $0.before.isEmpty ? "-" : $0.before, $0.after.isEmpty ? "-" : $0.after, Output.cut($0.reply, 80)]
            },
            empty: "No reply would be decided otherwise.")
    }
}
