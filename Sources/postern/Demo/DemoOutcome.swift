import MailModel
import PosternRuntime
import Storage

/// Where the demo's recipients ended.
enum DemoOutcome {
    private static let pollInterval = Duration.milliseconds(250)
    /// What one trace query returns at most.
    private static let rowsMax = 10_000
    private static let rowsShown = 20

    static func isFinal(_ status: String) -> Bool { status == "refused" || RecipientState(name: status)?.isFinal == true }

    /// The demo's lines of the trace once all are final, or when patience ends.
    static func wait(_ data: DataOptions, since start: Timestamp, recipients: Int, patience: Duration) async throws -> [TraceLine] {
        var query = TraceQuery()
        query.sender = "connector:\(DemoSetup.connector)"
        query.since = start
        let deadline = ContinuousClock.now + patience
        while true {
            let rows = try await all(query, data).filter { $0.status != "refused" }
            let open = rows.count { !isFinal($0.status) } + max(0, recipients - rows.count)
            if Output.isTerminal { Output.part("\rwaiting for \(open) of \(recipients) recipients      ") }
            if open == 0 || ContinuousClock.now >= deadline {
                if Output.isTerminal { Output.part("\r\(String(repeating: " ", count: 50))\r") }
                return rows
            }
            try await Task.sleep(for: pollInterval)
        }
    }

    private static func all(_ query: TraceQuery, _ data: DataOptions) async throws -> [TraceLine] {
        var query = query
        query.limit = rowsMax
        var rows: [TraceLine] = []
        while true {
            let page = try await data.perform(SearchTrace(query: query))
            rows += page
            guard page.count == rowsMax, let key = page.last?.key else { return rows }
            query.before = key
        }
    }

    static func print(_ rows: [TraceLine]) {
        let counts = Dictionary(grouping: rows, by: \.status).mapValues(\.count)
        Output.table(
            ["STATUS", "RECIPIENTS"], counts.sorted { $0.key < $1.key }.map { [$0.key, "\($0.value)"] }, empty: "Nothing was accepted.")
        Output.line()
        // What went otherwise comes first: that is what one wants to see of many.
        let sorted = rows.filter { $0.status != "delivered" } + rows.filter { $0.status == "delivered" }
        Output.table(
            ["ID", "RECIPIENT", "STATUS", "REPLY"],
            sorted.prefix(rowsShown).map { [$0.id, Output.cut($0.recipient, 40), $0.status, Output.cut($0.reply, 70)] }, empty: "")
        if rows.count > rowsShown { Output.line("… and \(rows.count - rowsShown) more: `postern trace --sender connector:demo`") }
    }
}
