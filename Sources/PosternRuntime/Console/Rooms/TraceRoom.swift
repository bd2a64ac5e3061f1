import Console
import MailModel
import OutboundPolicy
import Storage

extension Rooms {
    private static let tracePage = 50

    var trace: Room {
        Room("/trace", scopes(.traceRead)) { request in
            var query = TraceQuery()
            query.limit = Rooms.tracePage + 1
            let text = request.query["q"]
            if !text.isEmpty { query.sender = text }
            if !request.query["status"].isEmpty { query.status = request.query["status"] }
            let lines = try await perform(SearchTrace(query: query), request)
            return .page(Page("Message trace", blocks: [.table(Rooms.table(lines))]))
        }
    }

    static func table(_ lines: [TraceLine]) -> Table {
        Table(
            "Mail, newest first", ["Recipient", "State", "From", "Subject", "Time", "Last reply"],
            lines.map { line in
                [
                    Table.Cell(line.recipient, href: PagePath.make("trace", line.message)),
                    Table.Cell(line.status, tone: RoomWords.tone(status: line.status)), Table.Cell(line.sender), Table.Cell(line.subject),
                    .time(line.time), Table.Cell(line.reply, isCode: !line.reply.isEmpty),
                ]
            }, empty: "Nothing was found.")
    }

    func statistics(_ request: PageRequest) async throws -> [Block] { [] }
    func queueShape(_ request: PageRequest) async throws -> [Block] { [] }
}
