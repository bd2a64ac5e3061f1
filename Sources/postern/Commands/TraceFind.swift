import ArgumentParser
import MailModel
import PosternRuntime

struct TraceFind: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "find",
        abstract: "Find messages by one text: an address, a domain, a Message-ID or its beginning, a number, a reference, or words.",
        discussion: "Looks back 48 hours unless --since says otherwise. The last of several words may be the beginning of one.")

    @Argument(help: "What to look for.")
    var text: [String]
    @Option(help: "A time, a date, or a while ago (2h, 3d).", transform: Arguments.time)
    var since: Timestamp?
    @Option(help: "A time, a date, or a while ago (2h, 3d).", transform: Arguments.time)
    var until: Timestamp?
    @Option(help: "queued, deferred, held, delivered, bounced, expired, cancelled, suppressed or refused.")
    var status: String?
    @Option(help: "Lines at most, 1…10000.")
    var limit = 100
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let operation = FindTrace(text: text.joined(separator: " "), since: since, until: until, status: status, limit: limit)
        let found = try await data.perform(operation)
        if format.json { return try Output.json(found.rows) }
        Output.error("\(found.explanation)\(found.since.isEmpty ? "" : ", since \(Output.time(found.since))").")
        TraceList.table(found.rows)
        if found.next != nil { Output.error("There may be more: --limit, --since, --status.") }
    }
}
