import Console
import MailModel
import OutboundPolicy

extension Rooms {
    /// `/sources/vienna/google`.
    static func path(_ view: WarmUpView) -> String { PagePath.make("sources", view.source, view.provider) }

    static func table(_ rows: [WarmUpView], caption: String) -> Table {
        Table(
            caption, ["Source", "For", "Calendar", "State", "Day", "Messages today", "Mail left last"],
            rows.map { row in
                [
                    Table.Cell(row.source, href: path(row)), Table.Cell(row.provider == "all" ? "all providers" : row.provider),
                    Table.Cell(row.plan), Table.Cell(row.state.rawValue, tone: tone(row.state), note: pause(row)),
                    Table.Cell("\(row.day) of \(row.days)"), Table.Cell(row.cap.map(\.grouped) ?? "no cap"), Table.Cell(row.lastUsed),
                ]
            }, empty: "No source is being warmed up.")
    }

    private static func tone(_ state: WarmUpView.State) -> Tone {
        switch state {
        case .new, .quiet: .neutral
        case .warming: .info
        case .paused: .warning
        case .warm: .good
        }
    }

    private static func pause(_ row: WarmUpView) -> String { row.pausedUntil.isEmpty ? "" : "until \(PageTime.text(row.pausedUntil))" }

    // MARK: - Fields

    static let providerField = Field(
        "provider", "For",
        .select([Field.Option("", "all providers together")] + MailProvider.allCases.map { Field.Option($0.rawValue, $0.rawValue) }))

    /// `view`: what is to be changed; nil for a new one.
    static func calendarFields(_ view: WarmUpView?) -> [Field] {
        [
            Field(
                "plan", "Calendar",
                .radio([
                    Field.Option("standard", "standard: 50 on the first day, 250,000 on the 30th"),
                    Field.Option("careful", "careful: half of that, each figure for two days"),
                    Field.Option("fast", "fast: for a source that was known, and away; 10 days"), Field.Option("", "days of one's own"),
                ]), value: view.map { $0.plan == "own" ? "" : $0.plan } ?? "standard"),
            Field(
                "caps", "Days of one's own", .area(2),
                value: view?.plan == "own" ? (view?.caps ?? []).map(String.init).joined(separator: ", ") : "",
                hint: "Messages of each day, such as 20, 40, 80."),
            Field(
                "day", "Day of the calendar that today is", .input("number"), hint: view == nil ? "Empty: the first." : "Empty: as it is."),
        ]
    }

    static func caps(_ request: PageRequest) throws -> [String: JSONValue] {
        guard request.form["plan"].isEmpty else { return [:] }
        let caps = try request.form.list("caps").map { text in
            guard let cap = Int64(text) else {
                throw Problem.invalid([FieldProblem(.body, "/caps", "are no whole numbers with commas between")])
            }
            return JSONValue.integer(cap)
        }
        return caps.isEmpty ? [:] : ["caps": .array(caps)]
    }

    // MARK: - The page

    private static func name(_ request: PageRequest) -> String { "\(request["source"]):\(request["provider"])" }

    /// `SetWarmUp` of what the page is about.
    private func change(_ request: PageRequest, day: Int?) throws -> SetWarmUp {
        let provider = MailProvider(rawValue: request["provider"])
        guard provider != nil || request["provider"] == "all" else { throw Problem.notFound("There is no such provider.") }
        return SetWarmUp(source: request["source"], provider: provider, day: day)
    }

    var warmUp: Room {
        let saved = { @Sendable (_: WarmUpView, request: PageRequest) in PageAnswer.done("Saved", to: request.path) }
        return Room(
            "/sources/{source}/{provider}", scopes(.routesRead),
            acts: [
                "pause": act({ PauseWarmUp(name: Rooms.name($0), seconds: try $0.number("hours", 1...8760) * 3600) }, done: saved),
                "resume": act({ PauseWarmUp(name: Rooms.name($0), seconds: 0) }, done: saved),
                "step-back": act({ try change($0, day: try $0.number("day", 1...WarmUp.capsMax)) }, done: saved),
                "set": act(
                    { request in
                        var wanted = try change(
                            request, day: request.form["day"].isEmpty ? nil : try request.number("day", 1...WarmUp.capsMax))
                        wanted.plan = WarmUpPlan(rawValue: request.form["plan"])
                        wanted.caps = try request.input(CapsInput.self, fixed: try Rooms.caps(request)).caps
                        return wanted
                    }, done: saved),
                "end": act({ RemoveWarmUp(name: Rooms.name($0)) }) { _, request in
                    .done("The warm-up has ended: the source has no cap of a day", to: PagePath.make("sources", request["source"]))
                },
            ]
        ) { request in
            .page(Rooms.page(try await perform(ShowWarmUp(name: Rooms.name(request)), request)))
        }
    }

    private struct CapsInput: Decodable {
        var caps: [Int]?
    }

    private static func page(_ view: WarmUpView) -> Page {
        let whom = view.provider == "all" ? "all providers" : view.provider
        var page = Page(
            "Warm-up of \(view.source) for \(whom)", lead: lead(view), back: Link("The source", PagePath.make("sources", view.source)))
        if !view.pausedUntil.isEmpty {
            page.blocks.append(
                .notice(Notice(.warning, "Nothing leaves by it until \(PageTime.text(view.pausedUntil)) UTC", text: "Why: \(view.reason)")))
        }
        page.blocks += [
            .live(id: "calendar", [.facts(facts(view)), .calendar(calendar(view)), .table(happenings(view))]),
            .form(
                view.pausedUntil.isEmpty
                    ? Form(
                        act: "pause", "Pause", title: "Pause it",
                        intro: "Its mail takes the route's other sources, where these are warm; else it waits.",
                        fields: [Field("hours", "For how many hours", .input("number"), value: "24", isRequired: true), .reason()],
                        isFolded: true)
                    : Form(act: "resume", "Let it go on", title: "Let it go on", fields: [.reason()], isFolded: true)),
        ]
        if view.day > 1, view.state != .new, view.state != .quiet {
            page.blocks.append(
                .form(
                    Form(
                        act: "step-back", "Step back", title: "Step back",
                        intro: "Today gets what an earlier day of the calendar has; the days after it follow from there.",
                        fields: [
                            Field(
                                "day", "To day", .input("number"), value: "\(max(1, view.day - WarmUp.stepsBack))",
                                hint: "Today is day \(view.day) of \(view.days).", isRequired: true), .reason(),
                        ], isFolded: true)))
        }
        page.blocks += [
            .form(
                Form(
                    act: "set", "Save", title: "Another calendar", intro: "The day that it has reached stays, unless you name one.",
                    fields: calendarFields(view) + [.reason(isRequired: false)], isFolded: true)),
            .form(
                Form(
                    act: "end", "End the warm-up", title: "End it", intro: "The source then sends without a cap of a day.",
                    fields: [.reason()],
                    tone: .bad, isFolded: true)),
        ]
        return page
    }

    private static func lead(_ view: WarmUpView) -> String {
        switch view.state {
        case .new: "Nothing has left yet; the calendar begins with the first message."
        case .warming: "Day \(view.day) of \(view.days): at most \(view.cap.map(\.grouped) ?? "") messages in any 24 hours."
        case .paused: "Paused."
        case .warm: "Over: receivers know the source. It begins anew after 30 days without mail."
        case .quiet: "Nothing has left for more than 30 days; the calendar begins anew."
        }
    }

    private static func facts(_ view: WarmUpView) -> [Fact] {
        let own = view.plan == "own" ? "days of one's own" : view.plan
        return [
            Fact("State", view.state.rawValue, tone: tone(view.state)), Fact("Calendar", own), Fact("Day", "\(view.day) of \(view.days)"),
            Fact("Messages in 24 hours", view.cap.map(\.grouped) ?? "no cap"),
            Fact("Mail left last", view.lastUsed.isEmpty ? "never" : view.lastUsed),
        ] + (view.reason.isEmpty ? [] : [Fact("Last pause or set-back", view.reason)])
    }

    private static func calendar(_ view: WarmUpView) -> DayCalendar {
        DayCalendar(
            "Messages a day: what left, of what may leave (UTC)",
            (view.calendar ?? []).map { day in
                let (tone, word) = look(day)
                let isToday = day.state == .today
                let number = (Timestamp(rfc3339: "\(day.date)T00:00:00Z")?.seconds ?? 0) / 86_400
                return DayCalendar.Day(
                    number, limit: day.cap, used: day.sent, tone: tone,
                    word: isToday ? ["today", word].filter { !$0.isEmpty }.joined(separator: ", ") : word, texts: day.texts,
                    isToday: isToday)
            })
    }

    private static func look(_ day: WarmUpView.Day) -> (Tone, String) {
        if day.texts.contains(where: { $0.hasPrefix("set back") }) { return (.bad, "set back") }
        if day.texts.contains(where: { $0.hasPrefix("paused") }) { return (.warning, "paused") }
        switch day.state {
        case .today: return (.info, day.texts.isEmpty ? "" : "changed")
        case .past: return day.texts.isEmpty ? (.good, "") : (.info, "changed")
        case .unused: return (.neutral, "no mail")
        case .paused: return (.warning, "paused")
        case .coming: return (.neutral, "")
        case .warm: return (.good, "no cap")
        }
    }

    /// The newest first.
    private static func happenings(_ view: WarmUpView) -> Table {
        let rows = (view.calendar ?? []).reversed().flatMap { day in
            day.texts.reversed().map { [Table.Cell(day.date), Table.Cell($0)] }
        }
        return Table("Pauses, set-backs and changes", ["Day", "What happened"], rows, empty: "None.")
    }
}
