import ArgumentParser
import PosternRuntime

/// For `bench/`: what a decision on limits costs.
struct Measure: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "What a decision on limits costs on this machine.", shouldDisplay: false)

    @Option(help: "Senders that are known, each with a day of use.")
    var senders = 100_000
    @Option var decisions = 1_000_000

    func run() async throws {
        guard senders > 0, decisions > 0 else { throw ValidationError("--senders and --decisions want at least 1") }
        try Output.json([DecisionCost.measure(senders: senders, decisions: decisions)])
    }
}
