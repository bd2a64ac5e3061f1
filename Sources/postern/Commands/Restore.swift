import ArgumentParser
import MailModel
import PosternRuntime

struct Restore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a new data directory from a backup.",
        discussion: """
            What was queued when the backup was made is delivered again once the gate starts, also where it was delivered since; --hold holds \
            it for a person to look at first (`postern queue list`, `postern queue release`).
            """)

    @Argument(help: "The directory that `postern backup` made.")
    var path: String
    @Flag(help: "Hold everything that is queued.")
    var hold = false
    @OptionGroup var data: DataOptions

    func run() async throws {
        let restoration = Restoration(source: DataDirectory(path).root, directory: data.directory, holdsQueue: hold)
        let report = try await restoration.perform(now: .now)
        let manifest = report.manifest
        Output.line(
            "Restored \(data.directory) from the backup of \(manifest.hostName), node \(manifest.node), \(manifest.madeAt.rfc3339).")
        for name in manifest.missing { Output.line("not in it: \(name)") }
        LedgerText.print(report.ledger)
        if hold { Output.line("\(report.held) recipients are on hold; `postern queue release` lets them go.") }
        let open = report.ledger.queued + report.ledger.held
        if open > 0 {
            Output.line(
                "\(open) recipients are open, \(report.interrupted) of them were under way. What was delivered since is delivered again.")
        }
        guard report.ledger.balanced, report.ledger.verified == true else { throw ExitCode(CommandExit.failed.rawValue) }
    }
}
