import Console
import Foundation
import MailModel
import OutboundPolicy
import Storage

extension Rooms {
    private static let tracePage = 50
    private static let statuses = ["delivered", "deferred", "queued", "held", "bounced", "expired", "cancelled", "suppressed", "refused"]
    private static let ranges = [("48", "48 hours"), ("24", "24 hours"), ("168", "7 days"), ("720", "30 days"), ("8760", "a year")]

    var trace: Room {
        Room(
            "/trace", scopes(.traceRead),
            acts: [
                "save": act({ request in
                    AddSavedSearch(
                        search: request.form["name"], text: request.form["q"], status: Rooms.given(request.form["status"]),
                        hours: Int(request.form["hours"]), shared: request.form.isOn("shared"))
                }) { view, _ in .done("The search \(view.name) is saved", to: Rooms.path(of: view)) },
                "forget": act({ RemoveSavedSearch(search: $0.form["name"]) }) { view, _ in
                    .done("The search \(view.name) is forgotten", to: "/trace")
                },
                "export": Room.Act(scopes(.traceRead)) { request in
                    let found = try await find(request.form, limit: PageLimit.range.upperBound, request)
                    return .file(name: "trace.csv", contentType: "text/csv; charset=utf-8", bytes: Array(Rooms.csv(found.rows).utf8))
                },
            ]
        ) { request in
            let found = try await find(request.query, limit: Rooms.tracePage, request)
            let saved = try await perform(ListSavedSearches(), request)
            var page = Rooms.tracePage(found, saved, request.query)
            if let earlier = try await earlier(found, request) { page.blocks.insert(.notice(earlier), at: 1) }
            return .page(page)
        }
    }

    private static func given(_ text: String) -> String? { text.isEmpty ? nil : text }

    private func find(_ values: FormValues, limit: Int, _ request: PageRequest) async throws -> TraceFinding {
        let hours = Int(values["hours"]).map { Duration.seconds(min(max($0, 1), 8760) * 3600) }
        return try await perform(
            FindTrace(
                text: values["q"], since: hours.map { now() - $0 }, status: Rooms.given(values["status"]),
                before: Rooms.given(values["before"]),
                reading: TraceReading(rawValue: values["reading"]), limit: limit), request)
    }

    private static let earlierMax = 100

    /// What the time that was looked at hides: bounces of somebody's, or, where nothing was found, anything. Nil where it hides nothing.
    private func earlier(_ found: TraceFinding, _ request: PageRequest) async throws -> Notice? {
        let query = request.query
        guard ![.all, .message, .words].contains(found.reading) || found.rows.isEmpty && found.reading == .words else { return nil }
        guard query["before"].isEmpty, let since = Timestamp(rfc3339: found.since), since > now() - .seconds(720 * 3600) else { return nil }
        let status = query["status"].isEmpty && !found.rows.isEmpty ? "bounced" : query["status"]
        let older = try await perform(
            FindTrace(
                text: query["q"], since: now() - .seconds(720 * 3600), until: since, status: Rooms.given(status), reading: found.reading,
                limit: Rooms.earlierMax), request)
        let count = older.rows.count
        guard count > 0 else { return nil }
        let link = Link(
            "Show", PagePath.make("trace", query: ["q": query["q"], "status": status, "hours": "720", "reading": found.reading.rawValue]))
        let figure = count >= Rooms.earlierMax ? "\(count.grouped) or more" : count.grouped
        return status == "bounced"
            ? Notice(.info, "\(figure) bounced earlier, in the last 30 days", link: link)
            : Notice(.info, "\(figure) earlier, in the last 30 days", link: link)
    }

    private static func path(of search: SavedSearchView) -> String {
        PagePath.make("trace", query: ["q": search.text, "status": search.status, "hours": search.hours.map(String.init) ?? ""])
    }

    private static func tracePage(_ found: TraceFinding, _ saved: [SavedSearchView], _ query: FormValues) -> Page {
        var page = Page("Message trace", lead: "What became of every message. \(found.explanation)\(rangeWords(found)).")
        page.blocks.append(.form(searchForm(query)))
        if !saved.isEmpty {
            page.blocks.append(
                .links(saved.map { Link($0.name, path(of: $0), isCurrent: $0.text == query["q"] && $0.status == query["status"]) }))
        }
        var more: Link?
        if let next = found.next {
            more = Link(
                "Older mail",
                PagePath.make(
                    "trace",
                    query: [
                        "q": query["q"], "status": query["status"], "hours": query["hours"], "reading": found.reading.rawValue,
                        "before": next,
                    ]))
        }
        page.blocks.append(.table(table(found.rows, more: more)))
        let hidden = ["q": query["q"], "status": query["status"], "hours": query["hours"]]
        if !found.rows.isEmpty {
            page.blocks.append(
                .form(Form(act: "export", "Export as CSV", look: .inline, hidden: hidden, label: "Export what was found as CSV")))
        }
        page.blocks.append(
            .form(
                Form(
                    act: "save", "Save", title: "Save this search",
                    fields: [Field("name", "Name", isRequired: true), Field("shared", "For everyone who may see the trace", .flag)],
                    hidden: hidden,
                    isFolded: true)))
        if let known = saved.first(where: { $0.text == query["q"] && $0.status == query["status"] }) {
            page.blocks.append(
                .form(
                    .button(
                        "Forget this search", act: "forget", hidden: ["name": known.name], label: "Forget the saved search \(known.name)")))
        }
        return page
    }

    private static func rangeWords(_ found: TraceFinding) -> String {
        found.since.isEmpty ? "" : ", since \(PageTime.text(found.since))"
    }

    private static func searchForm(_ query: FormValues) -> Form {
        Form(
            act: nil, "Find", look: .row,
            fields: [
                Field(
                    "q", "Address, domain, Message-ID, number, reference or words", .input("search"), value: query["q"]),
                Field(
                    "status", "State", .select([Field.Option("", "all")] + statuses.map { Field.Option($0, $0) }), value: query["status"]),
                Field("hours", "How far back", .select(ranges.map { Field.Option($0.0, $0.1) }), value: query["hours"]),
            ])
    }

    private static func table(_ lines: [TraceLine], more: Link?) -> Table {
        Table(
            "Mail, newest first", ["Recipient", "State", "From", "Subject", "Time", "Last reply"],
            lines.map { line in
                [
                    Table.Cell(line.recipient.isEmpty ? "(no recipient)" : line.recipient, href: PagePath.make("trace", line.message)),
                    Table.Cell(line.status, tone: RoomWords.tone(status: line.status)), Table.Cell(line.sender), Table.Cell(line.subject),
                    .time(line.time), Table.Cell(RoomWords.short(line.reply), isCode: !line.reply.isEmpty),
                ]
            }, empty: "Nothing like that was found. Look further back, or for less.", more: more)
    }

    /// RFC 4180. What a spreadsheet would take for a formula is led by an apostrophe.
    private static func csv(_ lines: [TraceLine]) -> String {
        func field(_ text: String) -> String {
            let isFormula = text.first.map { "=+-@\t\r".contains($0) } ?? false
            return "\"\((isFormula ? "'\(text)" : text).replacing("\"", with: "\"\""))\""
        }
        let rows = lines.map { line in
            [line.time, line.id, line.sender, line.recipient, line.subject, line.status, "\(line.attempts)", line.reply, line.messageID]
                .map(field)
                .joined(separator: ",")
        }
        return (["time,id,sender,recipient,subject,state,attempts,reply,message_id"] + rows).map { "\($0)\r\n" }.joined()
    }
}
