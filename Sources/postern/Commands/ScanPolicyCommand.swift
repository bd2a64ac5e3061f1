import ArgumentParser
import PosternRuntime

struct ScanPolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy", abstract: "Weights of the rules, from which score on mail is suspicious or spam, and what is done then.",
        subcommands: [ScanPolicyShow.self, ScanPolicySet.self], defaultSubcommand: ScanPolicyShow.self)
}
