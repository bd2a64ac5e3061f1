import Console
import MailModel

/// What waits, for what, and for how long already.
struct QueuePage {
    let lines: [QueueLine]
    let query: FormValues
    let shape: [Block]
    let at: Timestamp

    var page: Page {
        let shown = Array(lines.prefix(Rooms.queuePage))
        var more: Link?
        if lines.count > shown.count, let last = shown.last {
            more = Link(
                "Next page",
                PagePath.make(
                    "queue",
                    query: [
                        "sender": query["sender"], "domain": query["domain"], "state": query["state"],
                        "after": Cursor.make([last.due, last.id]),
                    ]))
        }
        let isFiltered = ["sender", "domain", "state"].contains { !query[$0].isEmpty }
        let table = Table(
            isFiltered ? "What waits, of these" : "What waits, in order of the next attempt",
            ["Recipient", "State", "From", "Subject", "Age", "Next attempt", "Attempts", "Last reply"],
            shown.map(row),
            empty: isFiltered ? "Nothing like that waits." : "Nothing waits: all mail has left.", more: more)
        var page = Page("Queue", lead: "Mail that is accepted and not yet final.")
        page.blocks = shape + [.form(filter), .live(id: "queue", [.table(table)])]
        if isFiltered, !shown.isEmpty { page.blocks += acts }
        return page
    }

    private func row(_ line: QueueLine) -> [Table.Cell] {
        let message = line.id.split(separator: "/").first.map(String.init) ?? line.id
        let isDeferred = line.state == "queued" && line.attempts > 0
        let next: Table.Cell =
            line.leased
            ? Table.Cell("under way", tone: .info)
            : line.state == "held" ? Table.Cell("when released") : Table.Cell("", note: line.heldBy, time: line.due)
        return [
            Table.Cell(line.recipient, href: PagePath.make("trace", message)),
            Table.Cell(
                isDeferred ? "deferred" : line.state, tone: RoomWords.tone(status: isDeferred ? "deferred" : line.state),
                note: "\(line.lane) lane"),
            Table.Cell(line.sender), Table.Cell(line.subject), Table.Cell(RoomWords.age(line.received, at: at)), next,
            .number(line.attempts), Table.Cell(RoomWords.short(line.reply), isCode: !line.reply.isEmpty),
        ]
    }

    private var filter: Form {
        Form(
            act: nil, "Show", look: .row,
            fields: [
                Field("sender", "Sender", .input("search"), value: query["sender"]),
                Field("domain", "Recipient's domain", .input("search"), value: query["domain"]),
                Field(
                    "state", "State", .select([Field.Option("", "all"), Field.Option("queued", "queued"), Field.Option("held", "held")]),
                    value: query["state"]),
            ])
    }

    /// On all that the filter shows.
    private var acts: [Block] {
        let hidden = ["sender": query["sender"], "domain": query["domain"], "state": query["state"]]
        let isHeld = query["state"] == "held"
        let verbs: [(String, String, Tone?)] =
            isHeld
            ? [("release", "Release all of these", nil), ("cancel", "Cancel all of these", .bad)]
            : [("retry", "Try all of these now", nil), ("hold", "Hold all of these", nil), ("cancel", "Cancel all of these", .bad)]
        return verbs.map { act, text, tone in .form(Form(act: act, text, look: .inline, hidden: hidden, tone: tone, label: text)) }
    }
}
