import ArgumentParser
import PosternRuntime

/// For `bench/`: what a decision on limits, and a change of the directory, cost.
struct Measure: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "What decisions and changes cost on this machine.", shouldDisplay: false)

    @Option(help: "Senders that are known, each with a day of use.")
    var senders = 100_000
    @Option var decisions = 1_000_000
    @Option(help: "In place of decisions: reading the directory with so many accounts, and again after a change.")
    var accounts: Int?

    func run() async throws {
        guard senders > 0, decisions > 0, accounts ?? 1 > 0 else { throw ValidationError("numbers want to be at least 1") }
        if let accounts { return try Output.json([DirectoryCost.measure(accounts: accounts, changes: 20)]) }
        try Output.json([DecisionCost.measure(senders: senders, decisions: decisions)])
    }
}
