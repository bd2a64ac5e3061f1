import ArgumentParser
import MailModel
import PosternRuntime

struct ScanTrial: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trial", abstract: "Which messages of the last days would be judged differently by other weights; nothing is changed.",
        discussion: "postern scan trial --weight links.shortener=4 --spam-from 9 --since 7d")

    @OptionGroup var scores: ScanPolicyOptions
    @Option(help: "Messages from then on: a time, a date or a while ago (7d).", transform: Arguments.time) var since: Timestamp?
    @Option(help: "Messages to look at, the newest first.") var limit = 100_000
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func validate() throws {
        guard (1...10_000_000).contains(limit) else { throw ValidationError("--limit takes 1 to 10000000") }
    }

    func run() async throws {
        let since = since ?? .now - .seconds(7 * 86_400)
        var operation = TryScanPolicy(changes: try scores.changes(), since: since, until: .now)
        var all: ScanTrialPart?
        repeat {
            operation.limit = min(TryScanPolicy.partMax, limit - (all.map { $0.looked + $0.unknown } ?? 0))
            let part = try await data.perform(operation)
            if format.json { try Output.json(part.changes) }
            if all == nil { all = part } else { all?.add(part) }
            operation.from = part.next
            if Output.showsProgress, let all { Output.progress("\(all.looked) messages looked at, \(all.changes.count) would change") }
        } while operation.from != nil && (all.map { $0.looked + $0.unknown < limit } ?? false)
        if Output.showsProgress { Output.progress("") }
        guard let all, !format.json else { return }
        show(all, since: since)
    }

    private func show(_ trial: ScanTrialPart, since: Timestamp) {
        let unknown = trial.unknown == 0 ? "" : "; of \(trial.unknown) nothing is known, since they were not scanned and are no longer kept"
        Output.line(
            "\(trial.changes.count) of \(trial.looked) messages since \(Output.time(since.rfc3339)) would be judged differently\(unknown).")
        guard !trial.changes.isEmpty else { return }
        Output.line()
        Output.table(
            ["message", "sender", "subject", "was", "would be", "because of"],
            trial.changes.map { change in
                [
                    change.message, Output.cut(change.sender, 30), Output.cut(change.subject, 40), "\(change.was) \(change.wasScore)",
                    "\(change.becomes) \(change.score)", change.because.map { "\($0.rule) \($0.weight)" }.joined(separator: ", "),
                ]
            }, empty: "")
    }
}
