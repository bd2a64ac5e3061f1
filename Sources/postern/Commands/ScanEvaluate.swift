import ArgumentParser
import PosternRuntime

struct ScanEvaluate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "How good the verdicts are on sorted mail: five parts, each judged after training with the others.",
        discussion: """
            Of each message only what a submission carries is kept: no mbox line, Received, Delivered-To, Return-Path, X-, List- and Resent- \
            fields, and no dates. Nothing is written.
            """)

    @Option(help: "Mail that is wanted.")
    var ham: [String] = []
    @Option(help: "Wanted mail that looks like spam: newsletters.")
    var hardHam: [String] = []
    @Option(help: "Spam.")
    var spam: [String] = []
    @OptionGroup var format: FormatOptions

    func validate() throws {
        guard !spam.isEmpty, !(ham + hardHam).isEmpty else { throw ValidationError("give --spam, and --ham or --hard-ham") }
    }

    func run() async throws {
        var evaluation = ScanEvaluation()
        for path in ham { try evaluation.add(path, .ham) }
        for path in hardHam { try evaluation.add(path, .hardHam) }
        for path in spam { try evaluation.add(path, .spam) }
        try format.print(
            evaluation.rows(), ["run", "mail", "messages", "clean", "bulk", "suspicious", "spam", "called spam"], empty: "no messages"
        ) { row in
            [row.run, row.kind] + [row.messages, row.clean, row.bulk, row.suspicious, row.spam].map { "\($0)" } + [row.spamPercent]
        }
    }
}
