import ArgumentParser

struct Rules: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "What is done when receivers' replies ask for less: rules, each proved by texts of its own.",
        subcommands: [RulesList.self, RulesTest.self, RulesSet.self, RulesRemove.self, RulesReplay.self])
}
