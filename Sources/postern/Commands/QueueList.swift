import ArgumentParser
import DeliveryPlanning
import MailModel
import PosternRuntime
import Storage

struct QueueList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List queued and held recipients in order of due time.")

    @OptionGroup var filter: QueueFilterOptions
    @Flag(help: "Held recipients only.")
    var held = false
    @Option(help: "Lines at most, 1…10000; 100 for a table, all for --json otherwise.")
    var limit: Int?
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        var query = QueueQuery()
        query.filter = filter.filter
        if held { query.filter.states = [.held] }
        let access = try await AdministrationAccess.open(data.directory)
        do {
            try await run(&query, access)
            await access.close()
        } catch {
            await access.close()
            throw error
        }
    }

    private func run(_ query: inout QueueQuery, _ access: AdministrationAccess) async throws {
        var left = limit ?? (format.json ? Int.max : 100)
        var rows: [QueueLine] = []
        while left > 0 {
            query.limit = min(left, 5000)
            rows = try await access.perform(ListQueue(query: query))
            left -= rows.count
            guard format.json else { break }
            try Output.json(rows)
            guard rows.count == query.limit, let last = rows.last?.key else { break }
            query.after = last
        }
        guard !format.json else { return }
        Output.table(
            ["ID", "STATE", "DUE", "SENDER", "RECIPIENT", "ATTEMPTS", "SUBJECT", "REPLY OR WAIT"],
            rows.map {
                [
                    $0.id, $0.leased ? "in flight" : $0.state, Output.time($0.due), Output.cut($0.sender, 30), Output.cut($0.recipient, 34),
                    "\($0.attempts)", Output.cut($0.subject, 30), Output.cut($0.heldBy.isEmpty ? $0.reply : $0.heldBy, 70),
                ]
            }, empty: "The queue is empty.")
        if rows.count == query.limit { Output.error("There may be more: --limit.") }
    }
}
