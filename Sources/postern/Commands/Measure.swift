import ArgumentParser
import PosternRuntime

/// For `bench/`: what a decision on limits, a change of the directory, and a scan cost.
struct Measure: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "What decisions and changes cost on this machine.", shouldDisplay: false)

    @Option(help: "Senders that are known, each with a day of use.")
    var senders = 100_000
    @Option var decisions = 1_000_000
    @Option(help: "In place of decisions: reading the directory with so many accounts, and again after a change.")
    var accounts: Int?
    @Option(help: "In place of decisions: scanning the messages in this folder, by what --data has learnt.")
    var scan: String?
    @Option(help: "In place of decisions: hijacked accounts among the usual mail of so many sender-days, on a simulated clock.")
    var hijack: Int?
    @Option(help: "With --hijack: a folder of campaigns' texts, one for each attack.")
    var campaigns: String?
    @Option(help: "In place of decisions: a suppression list of so many entries.")
    var suppressions: Int?
    @Option var rounds = 3
    @OptionGroup var data: DataOptions

    func run() async throws {
        guard senders > 0, decisions > 0, accounts ?? 1 > 0, suppressions ?? 1 > 0, rounds > 0 else {
            throw ValidationError("numbers want to be at least 1")
        }
        if let scan {
            let knowledge = try ScanFiles.knowledge(of: data.isAbsent ? nil : data.directory)
            return try Output.json([ScanCost.measure(scan, rounds: rounds, knowledge: knowledge)])
        }
        if let hijack { return try Output.json(HijackMeasure.measure(senderDays: hijack, campaigns: campaigns, attacks: rounds)) }
        if let suppressions { return try Output.json([SuppressionCost.measure(entries: suppressions)]) }
        if let accounts { return try Output.json([DirectoryCost.measure(accounts: accounts, changes: 20)]) }
        try Output.json([DecisionCost.measure(senders: senders, decisions: decisions)])
    }
}
