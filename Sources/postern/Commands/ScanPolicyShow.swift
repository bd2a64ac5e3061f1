import ArgumentParser
import OutboundPolicy
import PosternRuntime

struct ScanPolicyShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show the scan policy with the weight of each rule.")

    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let policy = try await data.perform(ShowScanPolicy())
        if format.json { return try Output.json([policy]) }
        policy.print()
    }
}

extension ScanPolicyView {
    func print() {
        Output.line("suspicious from \(suspiciousFrom): \(suspicious.rawValue)")
        Output.line("spam from \(spamFrom): \(spam.rawValue)")
        Output.line("reviewer: \(reviewer.isEmpty ? "none" : reviewer)")
        if let opinion = secondOpinion {
            Output.line(
                "second opinion: \(opinion.url), \(opinion.hasPassword ? "with a password" : "without a password"), "
                    + "\(opinion.timeoutMilliseconds) ms, weight \(opinion.weight), while it is down: \(opinion.whenDown.rawValue)")
        } else {
            Output.line("second opinion: none")
        }
        Output.line()
        Output.table(
            ["rule", "weight", "usual", "meaning"],
            rules.map { [$0.rule, "\($0.weight)", "\($0.usual)", $0.explanation] }, empty: "no rules")
    }
}
