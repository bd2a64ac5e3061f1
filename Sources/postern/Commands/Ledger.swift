import ArgumentParser
import PosternRuntime

struct Ledger: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Recipients accepted and where they are; the sum must hold.")

    @Flag(help: "Count the rows themselves too, which is slow, and compare.")
    var verify = false
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let ledger = try await data.perform(ShowLedger(verifies: verify))
        if format.json {
            try Output.json([ledger])
        } else {
            LedgerText.print(ledger)
        }
        if !ledger.balanced || ledger.verified == false { throw ExitCode(CommandExit.failed.rawValue) }
    }
}

enum LedgerText {
    static func print(_ ledger: LedgerView) {
        let rows = [
            ("accepted", ledger.accepted), ("delivered", ledger.delivered), ("bounced", ledger.bounced), ("expired", ledger.expired),
            ("cancelled", ledger.cancelled), ("suppressed", ledger.suppressed), ("queued", ledger.queued), ("held", ledger.held),
        ]
        let width = rows.map { "\($0.1)".count }.max() ?? 1
        for (name, count) in rows {
            let digits = "\(count)"
            Output.line("\(name)\(String(repeating: " ", count: 12 - name.count + width - digits.count))\(digits)")
        }
        Output.line(ledger.balanced ? "The sum holds." : "THE SUM DOES NOT HOLD.")
        if let verified = ledger.verified {
            Output.line(verified ? "The counters agree with the rows." : "THE COUNTERS DO NOT AGREE WITH THE ROWS.")
        }
    }
}
