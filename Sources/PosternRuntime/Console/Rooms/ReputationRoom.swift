import Console
import DeliveryPlanning
import MailModel
import OutboundPolicy

/// How our addresses and domains stand: lists, names, complaints, and what receivers say.
extension Rooms {
    private static let complaintDays = 30
    private static let historyMax = 50
    /// The picture has them all.
    private static let figuresShown = 10

    var reputation: Room {
        Room(
            "/reputation", scopes(.routesRead),
            acts: [
                "check": act({ _ in CheckReputation() }) { rows, _ in
                    let bad = rows.count { $0.state == .listed || $0.state == .wrong }
                    return .done(bad == 0 ? "Looked: nothing is listed or wrong" : "Looked: \(bad) to mend", to: "/reputation")
                },
                "enrol": act({ request in
                    guard let loop = FeedbackLoop(rawValue: request.form["loop"]),
                        let state = FeedbackEnrolment.State(rawValue: request.form["state"])
                    else { throw Problem.invalid([FieldProblem(.body, "/state", "is none of the states")]) }
                    return SetEnrolment(loop: loop, subject: request.form["subject"], state: state, note: request.form["note"])
                }) { view, _ in .done("\(view.title), \(view.subject): \(Rooms.words(view.state))", to: "/reputation") },
                "import": act({ request in
                    guard let source = ReputationFigure.Source(rawValue: request.form["source"]) else {
                        throw Problem.invalid([FieldProblem(.body, "/source", "is none of the sources")])
                    }
                    return ImportFigures(
                        source: source, csv: request.form.exactly("rows"),
                        domain: request.form["domain"].isEmpty ? nil : DomainName(request.form["domain"]))
                }) { answer, _ in
                    guard let first = answer.problems.first else {
                        return .done("\(answer.imported.grouped) lines imported", to: "/reputation")
                    }
                    let more = answer.problems.count > 1 ? " and \(answer.problems.count - 1) more" : ""
                    return .done("Nothing was imported: \(first)\(more)", to: "/reputation")
                },
            ]
        ) { request in
            let rows = try await perform(ListReputation(), request)
            var page = Page(
                "Reputation", lead: "Blocklists, reverse names, complaints, and what receivers say of our mail.",
                blocks: Rooms.listingNotices(rows) + Rooms.listingTables(rows))
            page.blocks.append(.form(Form(act: "check", "Ask the lists now", look: .row)))
            if let returns = try await ifAllowed(ShowReturns(days: Rooms.complaintDays), request) {
                page.blocks += Rooms.complaintBlocks(returns.rows, request.query["provider"], until: now())
            }
            for source in ReputationFigure.Source.allCases {
                page.blocks += Rooms.figureBlocks(source, try await perform(ListFigures(source: source), request))
            }
            page.blocks.append(.form(Rooms.importForm))
            page.blocks += Rooms.enrolmentBlocks(try await perform(ListEnrolments(), request))
            page.blocks.append(.table(Rooms.eventTable(try await perform(ListReputationEvents(limit: Rooms.historyMax), request))))
            page.blocks.append(.table(Rooms.blocklistTable(try await perform(ListBlocklists(), request))))
            return .page(page)
        }
    }

    // MARK: - Lists

    private static func listingNotices(_ rows: [ReputationView]) -> [Block] {
        rows.filter { $0.state == .listed || $0.state == .wrong }.map { row in
            let place = row.list.hasPrefix("replies:") ? "refused by \(row.list.dropFirst(8))" : "on \(row.list)"
            let title = row.state == .wrong ? "\(row.subject): its names are not as receivers want them" : "\(row.subject) is \(place)"
            return .notice(Notice(row.state == .wrong ? .warning : .bad, title, text: row.text, items: row.steps))
        }
    }

    private static func listingTables(_ rows: [ReputationView]) -> [Block] {
        let addresses = rows.filter { IPAddress($0.subject) != nil || $0.subject.hasPrefix("source:") }
        let domains = rows.filter { IPAddress($0.subject) == nil && !$0.subject.hasPrefix("source:") }
        return [
            .table(
                grid(
                    "Addresses", addresses,
                    empty: "No public address is known. Give sources theirs: postern sources public NAME ADDRESS.")),
            .table(grid("Domains", domains, empty: "There is no accepted domain and no domain with a DKIM key.")),
        ]
    }

    private static func grid(_ caption: String, _ rows: [ReputationView], empty: String) -> Table {
        var lists: [String] = []
        var subjects: [String] = []
        for row in rows {
            if !lists.contains(row.list) { lists.append(row.list) }
            if !subjects.contains(row.subject) { subjects.append(row.subject) }
        }
        let cells = Dictionary(rows.map { ([$0.subject, $0.list], $0) }) { first, _ in first }
        return Table(
            caption, [caption == "Domains" ? "Domain" : "Address"] + lists.map(column),
            subjects.map { subject in
                let sources = rows.first { $0.subject == subject }?.sources.joined(separator: ", ") ?? ""
                return [Table.Cell(subject, note: sources)] + lists.map { chip(cells[[subject, $0]]) }
            }, empty: empty)
    }

    private static func column(_ list: String) -> String {
        if list == ReputationCheck.Key.identity { return "PTR and EHLO" }
        return list.hasPrefix("replies:") ? "Replies of \(list.dropFirst(8))" : list
    }

    private static func chip(_ row: ReputationView?) -> Table.Cell {
        guard let row else { return Table.Cell("none") }
        let since = row.since.isEmpty ? "" : "since \(PageTime.text(row.since).prefix(10))"
        switch row.state {
        case .clear: return Table.Cell(row.list == ReputationCheck.Key.identity ? "right" : "clear", tone: .good, note: row.unknown)
        case .listed: return Table.Cell("listed", tone: .bad, note: since)
        case .wrong: return Table.Cell("wrong", tone: .warning, note: since)
        case .unknown: return Table.Cell("not known", tone: .neutral, note: row.unknown)
        }
    }

    private static func eventTable(_ rows: [ReputationEventView]) -> Table {
        Table(
            "What changed", ["Time", "Address or domain", "List", "What", "It said"],
            rows.map { row in
                [
                    .time(row.time), Table.Cell(row.subject), Table.Cell(column(row.list)),
                    Table.Cell(row.bad ? "became bad" : "is over", tone: row.bad ? .bad : .good), Table.Cell(row.text),
                ]
            }, empty: "Nothing has changed yet.")
    }

    private static func blocklistTable(_ rows: [BlocklistView]) -> Table {
        Table(
            "The lists, and what their owners allow", ["List", "Of", "Asked", "A listing", "Terms", "Page"],
            rows.map { row in
                [
                    Table.Cell(row.name, note: row.zone), Table.Cell(row.subject == "address" ? "addresses" : "domains"),
                    Table.Cell(row.enabled ? "yes" : "no"), Table.Cell(row.moves ? "moves mail, and alerts" : "alerts"),
                    Table.Cell(row.terms), Table.Cell(row.page),
                ]
            }, empty: "There are none.")
    }

    // MARK: - Complaints

    private static func complaintBlocks(_ rows: [ReturnsView.Row], _ wanted: String, until now: Timestamp) -> [Block] {
        let providers = Set(rows.filter { $0.event == BounceClass.delivered.rawValue && $0.count > 0 }.map(\.provider)).sorted()
        let provider = providers.contains(wanted) ? wanted : ""
        var delivered: [String: Int] = [:]
        var complaints: [String: Int] = [:]
        for row in rows where provider.isEmpty || row.provider == provider {
            if row.event == BounceClass.delivered.rawValue { delivered[row.date, default: 0] += row.count }
            if row.event == BounceClass.complaint.rawValue { complaints[row.date, default: 0] += row.count }
        }
        let dates = (0..<complaintDays).reversed().map { String((now - .seconds($0 * 86_400)).rfc3339.prefix(10)) }
        let bars = dates.map { date -> Chart.Bar in
            let mail = delivered[date] ?? 0
            return Chart.Bar(date, [mail == 0 ? 0 : min(10_000, (complaints[date] ?? 0) * 10_000 / mail)])
        }
        return [
            .form(
                Form(
                    act: nil, "Show", look: .row,
                    fields: [
                        Field(
                            "provider", "Receiver", .select([Field.Option("", "all")] + providers.map { Field.Option($0, $0) }),
                            value: provider)
                    ])),
            .chart(
                Chart(
                    "Complaints in percent of what was delivered to \(provider.isEmpty ? "all receivers" : provider), a day",
                    series: [Chart.Series("complaints, %", .info)], bars: bars, marks: complaintMarks, unit: 100)),
        ]
    }

    /// Gmail and Yahoo ask bulk senders to stay below the first, and never to reach the second.
    private static let complaintMarks = [Chart.Mark("0.1 %: stay below", 10, .warning), Chart.Mark("0.3 %: mail is refused", 30, .bad)]

    // MARK: - Receivers' figures

    private static func figureBlocks(_ source: ReputationFigure.Source, _ rows: [FigureView]) -> [Block] {
        let title = source == .postmaster ? "Google Postmaster Tools" : "Microsoft SNDS"
        guard let first = rows.map(\.date).min(), !rows.isEmpty else {
            return [
                .notice(
                    Notice(
                        .info, "\(title): nothing was imported",
                        text: "postern reputation import \(source.rawValue) FILE, or the form below."))
            ]
        }
        // The worst of a day, over all domains or addresses.
        var worst: [String: Int] = [:]
        for row in rows {
            guard let percent = row.figure.complaintPercent else { continue }
            worst[row.date] = max(worst[row.date] ?? 0, Int((percent * 100).rounded()))
        }
        return [
            .chart(
                Chart(
                    "\(title): complaints in percent, the worst of each day since \(first)",
                    series: [Chart.Series("complaints, %", .info)],
                    bars: worst.sorted { $0.key < $1.key }.map { Chart.Bar($0.key, [$0.value]) },
                    marks: complaintMarks, unit: 100)),
            .table(figureTable(title, rows)),
        ]
    }

    private static func figureTable(_ title: String, _ rows: [FigureView]) -> Table {
        Table(
            "\(title), the newest first",
            [
                Table.Column("Date"), Table.Column("Domain or address"), Table.Column("Messages", isNumber: true),
                Table.Column("Complaints", isNumber: true), Table.Column("Verdict"), Table.Column("Trap hits", isNumber: true),
            ],
            rows.prefix(Rooms.figuresShown).map { row in
                let figure = row.figure
                return [
                    Table.Cell(row.date), Table.Cell(figure.subject), figure.messages.map { .number($0) } ?? Table.Cell(""),
                    Table.Cell(figure.complaintPercent.map { "\($0) %" } ?? ""),
                    Table.Cell(figure.verdict, tone: tone(verdict: figure.verdict)),
                    figure.trapHits.map { .number($0) } ?? Table.Cell(""),
                ]
            }, empty: "Nothing was imported.")
    }

    private static func tone(verdict: String) -> Tone? {
        switch verdict {
        case "green", "high": .good
        case "yellow", "medium", "low": .warning
        case "red", "bad": .bad
        default: nil
        }
    }

    private static var importForm: Form {
        Form(
            act: "import", "Import", title: "Import figures",
            intro:
                "Postmaster Tools: a line of names with Date, and Domain, Spam rate, SPF, DKIM, DMARC as far as they are there. SNDS: its 14 columns as they come.",
            fields: [
                Field(
                    "source", "From",
                    .select([Field.Option("postmaster", "Google Postmaster Tools"), Field.Option("snds", "Microsoft SNDS")])),
                Field("domain", "Domain", hint: "Where the file of Postmaster Tools does not name it."),
                Field("rows", "Lines", .area(8), isRequired: true), .reason(),
            ], isFolded: true)
    }

    // MARK: - Feedback loops

    private static func words(_ state: FeedbackEnrolment.State) -> String { state == .notBegun ? "not begun" : state.rawValue }

    private static func enrolmentBlocks(_ rows: [EnrolmentView]) -> [Block] {
        let table = Table(
            "Who tells us of complaints", ["Programme", "Domain or address", "State", "Since", "By", "Where, and what to do"],
            rows.enumerated().map { number, row in
                // What to do stands once for each programme.
                let isFirst = number == 0 || rows[number - 1].loop != row.loop
                return [
                    Table.Cell(row.title), Table.Cell(row.subject),
                    Table.Cell(
                        words(row.state),
                        tone: row.state == .active ? .good : row.state == .refused ? .bad : row.state == .applied ? .info : .neutral,
                        note: row.note), row.since.isEmpty ? Table.Cell("") : .time(row.since), Table.Cell(row.by),
                    isFirst ? Table.Cell(row.page, note: row.loop.todo) : Table.Cell(""),
                ]
            }, empty: "There is no public address and no domain of ours.")
        guard !rows.isEmpty else { return [.table(table)] }
        let subjects = Set(rows.map(\.subject)).sorted()
        return [
            .table(table),
            .form(
                Form(
                    act: "enrol", "Save", title: "Say how far one has come",
                    fields: [
                        Field("loop", "Programme", .select(FeedbackLoop.allCases.map { Field.Option($0.rawValue, $0.title) })),
                        Field("subject", "Domain or address", .select(subjects.map { Field.Option($0, $0) })),
                        Field("state", "State", .select(FeedbackEnrolment.State.allCases.map { Field.Option($0.rawValue, words($0)) })),
                        Field("note", "Note", hint: "A case number, or why it was refused."), .reason(),
                    ], isFolded: true)),
        ]
    }
}
