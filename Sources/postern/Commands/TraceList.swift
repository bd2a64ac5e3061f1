import ArgumentParser
import MailModel
import PosternRuntime
import Storage

struct TraceList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "What became of messages, newest first: a line for each recipient and each refusal.",
        discussion: "With an identifier: everything that is known of that message.")

    @Argument(help: "A message's identifier.", transform: Arguments.messageOrRecipient)
    var id: MessageOrRecipient?
    @Option(help: "As the trace names it, or a domain.")
    var sender: String?
    @Option(help: "An address or a domain.")
    var recipient: String?
    @Option(help: "Sender or recipient: an address or a domain.")
    var address: String?
    @Option(help: "The Message-ID field.")
    var messageId: String?
    @Option(help: "How the Message-ID field begins.")
    var messageIdBeginning: String?
    @Option(help: "Words of subject and last reply, all of which must be there; the last may be the beginning of one.")
    var words: String?
    @Option(help: "A time, a date, or a while ago (2h, 3d).", transform: Arguments.time)
    var since: Timestamp?
    @Option(help: "A time, a date, or a while ago (2h, 3d).", transform: Arguments.time)
    var until: Timestamp?
    @Option(help: "queued, deferred, held, delivered, bounced, expired, cancelled, suppressed or refused.")
    var status: String?
    @Option(help: "Lines at most, 1…10000; 100 for a table, all for --json otherwise.")
    var limit: Int?
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        var query = TraceQuery()
        query.message = id?.message
        query.sender = sender
        query.recipient = recipient
        query.address = address
        query.words = words
        query.headerMessageIDPrefix = messageIdBeginning.map { $0.filter { $0 != "<" && $0 != ">" } }
        query.headerMessageID = messageId.map { $0.filter { $0 != "<" && $0 != ">" } }
        query.since = since
        query.until = until
        query.status = status
        let access = try await AdministrationAccess.open(data.directory)
        do {
            try await run(query, access)
            await access.close()
        } catch {
            await access.close()
            throw error
        }
    }

    private func run(_ query: TraceQuery, _ access: AdministrationAccess) async throws {
        if let id, !format.json { return MessageText.print(try await access.perform(ShowMessage(message: id.message))) }
        if format.json { return try await printAll(query, access) }
        var query = query
        query.limit = limit ?? 100
        let rows = try await access.perform(SearchTrace(query: query))
        TraceList.table(rows)
        if rows.count == query.limit { Output.error("There may be more: --limit, --since, --status.") }
    }

    static func table(_ rows: [TraceLine]) {
        Output.table(
            ["TIME", "ID", "SENDER", "RECIPIENT", "STATUS", "SUBJECT", "REPLY"],
            rows.map {
                [
                    Output.time($0.time), $0.id, Output.cut($0.sender, 30), Output.cut($0.recipient, 34), $0.status,
                    Output.cut($0.subject, 30), Output.cut($0.reply, 50),
                ]
            }, empty: "Nothing matches.")
    }

    /// Page by page, so that neither side holds a day of mail in memory.
    private func printAll(_ query: TraceQuery, _ access: AdministrationAccess) async throws {
        var query = query
        var left = limit ?? Int.max
        while left > 0 {
            query.limit = min(left, 5000)
            let rows = try await access.perform(SearchTrace(query: query))
            try Output.json(rows)
            left -= rows.count
            guard rows.count == query.limit, let last = rows.last?.key else { return }
            query.before = last
        }
    }
}
