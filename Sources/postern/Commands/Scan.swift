import ArgumentParser

struct Scan: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Judge messages as they would be judged on their way out, and say why.",
        subcommands: [ScanMessages.self, ScanTrain.self, ScanEvaluate.self, ScanPolicyCommand.self, ScanTrial.self],
        defaultSubcommand: ScanMessages.self)
}
