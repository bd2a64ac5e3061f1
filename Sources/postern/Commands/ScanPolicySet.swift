import ArgumentParser
import OutboundPolicy
import PosternRuntime

struct ScanPolicySet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Change the scan policy; what is not named stays as it is.",
        discussion: "`postern scan trial` shows first which messages would be judged differently.")

    @OptionGroup var scores: ScanPolicyOptions
    @Option(help: "What is done with suspicious mail: deliver, copy (to the reviewer) or hold.") var suspicious: SuspiciousAction?
    @Option(help: "What is done with spam: high-risk (its pool) or hold.") var spam: SpamAction?
    @Option(help: "Who gets copies of suspicious mail; none for nobody.") var reviewer: String?
    @Option(help: "The URL of rspamd, which is asked for a second opinion; none for nobody.") var rspamd: String?
    @Flag(help: "Read rspamd's password from standard input.") var passwordStdin = false
    @Option(help: ArgumentHelp("How long to wait for rspamd.", valueName: "milliseconds")) var rspamdTimeout: Int?
    @Option(help: "What becomes of mail while rspamd gives no answer: without (judged without it) or defer (451).")
    var rspamdDown: SecondOpinion.WhenDown?
    @Option(help: "What a message gains that rspamd would just reject; more and less in proportion.") var rspamdWeight: Double?
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        var changes = try scores.changes()
        changes.suspicious = suspicious
        changes.spam = spam
        changes.reviewer = reviewer == "none" ? "" : reviewer
        var opinion = SecondOpinionChanges()
        opinion.url = rspamd == "none" ? "" : rspamd
        opinion.password = passwordStdin ? try PasswordInput.read() : nil
        opinion.timeoutMilliseconds = rspamdTimeout
        opinion.whenDown = rspamdDown
        opinion.weight = rspamdWeight
        if opinion != SecondOpinionChanges() { changes.secondOpinion = opinion }
        guard changes != ScanPolicyChanges() else { throw ValidationError("there is nothing to change") }
        let policy = try await data.perform(SetScanPolicy(changes: changes), reason: reason.reason)
        if format.json { return try Output.json([policy]) }
        policy.print()
    }
}
