import Campaigns
import Console
import InternetMessage
import MailModel
import OutboundPolicy

extension Rooms {
    var campaignRooms: [Room] {
        [campaigns, campaign, campaignEditor, campaignPreview, campaignCopy, campaignReportFile, campaignRecipients]
    }

    private var campaigns: Room {
        Room(
            "/campaigns", scopes(.campaignsRead),
            acts: [
                "add": Room.Act([CreateCampaign.scope.rawValue]) { request in
                    var fields = CampaignFields()
                    fields.from = request.form["from"]
                    let (starter, subject) = (request.form["starter"], request.form["subject"])
                    if !subject.isEmpty || starter.isEmpty { fields.subject = subject }
                    fields.postalAddress = request.form["postal"].replacing("\r\n", with: "\n")
                    return try await begin(fields, starter: starter, request)
                }
            ]
        ) { request in
            let rows = try await perform(ListCampaigns(), request)
            let table = Table(
                "Campaigns", ["Campaign", "List", "State", "From", "Made", "Started"],
                rows.map { row in
                    [
                        Table.Cell(row.campaign, href: PagePath.make("campaigns", row.campaign)), Table.Cell(row.list),
                        Table.Cell(row.state.rawValue, tone: Rooms.tone(row.state)), Table.Cell(row.from), .time(row.created),
                        row.started.isEmpty ? Table.Cell("") : .time(row.started),
                    ]
                }, empty: "No campaigns yet.")
            let lists = try await ifAllowed(ListLists(), request) ?? []
            let add = Form(
                act: "add", "Make the draft", title: "Begin a campaign",
                fields: Rooms.beginning(lists, request.query) + [
                    Field(
                        "starter", "Begin with",
                        .select(
                            [Field.Option("", "An empty text")]
                                + CampaignStarter.all.map { Field.Option($0.name, "\($0.name): \($0.purpose)") }),
                        value: request.query["starter"]),
                    Field(
                        "subject", "Subject", value: request.query["subject"],
                        hint: "Tags such as {{first name|you}} are filled in for each person. The text comes next."),
                    Field("postal", "Postal address", .area(3), hint: "The law of many countries wants it in the message."),
                    .reason(isRequired: false),
                ], isFolded: !rows.isEmpty && !request.query.holds("list"))
            return .page(Page("Campaigns", lead: "Mailings to lists: checked, tried out, paced.", blocks: [.table(table), .form(add)]))
        }
    }

    /// What every campaign begins with: its name, the list, and From.
    static func beginning(_ lists: [ListView], _ query: FormValues) -> [Field] {
        let options = lists.map { Field.Option($0.list, $0.title.isEmpty ? $0.list : "\($0.title) (\($0.subscribed.grouped))") }
        return [
            Field(
                "title", "What it is called", value: query["title"], hint: "Such as: Spring news. Its name is made from it.",
                isRequired: true),
            Field(
                "list", "List", .select(options + [Field.Option("", "A new one, named below")]),
                value: query["list"].isEmpty ? lists.first?.list ?? "" : query["list"]),
            Field("newList", "Title of the new list", hint: "Only for a new list; its people are imported next."),
            Field("from", "From", value: query["from"], hint: "Such as: Northwind News <news@example.org>.", isRequired: true),
        ]
    }

    /// Makes the draft, and before it the list where a new one is asked for. Leads on to what is missing.
    func begin(_ fields: CampaignFields, starter: String, _ request: PageRequest) async throws -> PageAnswer {
        let form = request.form
        let campaigns = try await administration.directory().campaigns
        guard let name = NameFromTitle.make(form["title"], isTaken: { campaigns[$0] != nil }) else {
            throw Problem.invalid([FieldProblem(.body, "/title", "holds nothing that a name could be made from")])
        }
        var list = form["list"]
        let isNew = list.isEmpty
        if isNew {
            guard let from = fields.from, Mailbox(from) != nil else {
                throw Problem.invalid([FieldProblem(.body, "/from", "is no mailbox, such as Northwind News <news@example.org>")])
            }
            list = try await listName("", title: form["newList"], field: "newList")
            _ = try await perform(AddList(list: list, title: form["newList"]), request)
        }
        let view: CampaignView
        do {
            view = try await perform(
                CreateCampaign(campaign: name, list: list, starter: starter.isEmpty ? nil : starter, fields: fields), request)
        } catch {
            // The form is filled in again: the next try makes the list anew.
            if isNew { _ = try? await perform(RemoveList(list: list), request) }
            throw error
        }
        return isNew
            ? .done(
                "The list \(list) and the draft \(view.campaign) are there; import the people, then write the text",
                to: PagePath.make("lists", list, "import"))
            : .done("The draft \(view.campaign) is there", to: PagePath.make("campaigns", view.campaign, "edit"))
    }

    private static func tone(_ state: Campaign.State) -> Tone {
        switch state {
        case .draft, .checked, .approved, .pilot, .pilotApproved: .neutral
        case .canary, .rest, .done: .good
        case .paused: .warning
        case .cancelled: .neutral
        }
    }

    /// To how many it goes, and when the last one has it.
    @Sendable private func startQuestion(_ request: PageRequest) async throws -> Room.Question? {
        let view = try await perform(CheckCampaign(campaign: request["campaign"], trial: true), request)
        let by = view.finishBy.isEmpty ? "" : ", by \(view.finishBy)"
        return Room.Question(
            "\(Rooms.startFigures(view)) The last one has it by \(PageTime.text(view.finish)) UTC\(by). What has left cannot be called back.",
            "Start sending")
    }

    /// How many get it now, and how many from when on.
    private static func startFigures(_ view: ChecklistView) -> String {
        let rest = view.recipients - view.canary
        guard rest > 0, !view.restFrom.isEmpty else { return "To \(RoomWords.count(view.recipients, "person", "people")) now." }
        let first = RoomWords.count(view.canary, "person", "people")
        return "To \(first) now; to \(rest.grouped) from \(PageTime.text(view.restFrom)) UTC on, unless too many come back."
    }

    private var campaign: Room {
        @Sendable func done(_ view: CampaignView, _ request: PageRequest) -> PageAnswer {
            .done("\(view.campaign) is \(view.state.rawValue)", to: PagePath.make("campaigns", view.campaign))
        }
        return Room(
            "/campaigns/{campaign}", scopes(.campaignsRead),
            acts: [
                "check": act({ CheckCampaign(campaign: $0["campaign"], accept: $0.form.all("accept")) }) { view, _ in
                    // What stands in the way is said by the page itself, and not in green.
                    let page = PagePath.make("campaigns", view.campaign)
                    return view.red + view.open == 0 ? .done("Nothing stands in the way", to: page) : .redirect(page)
                },
                "approve": act({ ApproveCampaign(campaign: $0["campaign"]) }, done: done),
                "pilot": act({ PilotCampaign(campaign: $0["campaign"], recipients: try $0.addresses("to")) }, done: done),
                "start": act({ StartCampaign(campaign: $0["campaign"]) }, done: done).asking(startQuestion),
                "pause": act({ PauseCampaign(campaign: $0["campaign"]) }, done: done),
                "resume": act({ ResumeCampaign(campaign: $0["campaign"]) }, done: done),
                "cancel": act({ CancelCampaign(campaign: $0["campaign"]) }, done: done),
                "repeat": act({
                    RepeatCampaign(campaign: $0["campaign"], every: $0.form["every"], trigger: $0.form["trigger"])
                }) { view, _ in
                    .done(
                        view.repeats.isEmpty ? "\(view.campaign) does not go out anew" : "\(view.campaign) goes out \(view.repeats)",
                        to: PagePath.make("campaigns", view.campaign))
                },
            ]
        ) { request in
            let view = try await perform(ShowCampaign(campaign: request["campaign"]), request)
            var page = Page(
                view.campaign, lead: "\(view.state.rawValue), to the list \(view.list), from \(view.from).",
                back: Link("Campaigns", "/campaigns"))
            page.blocks.append(.links(Rooms.links(of: view, request.viewer)))
            if !view.pauseReason.isEmpty { page.blocks.append(.notice(Notice(.warning, "It stands still", text: view.pauseReason))) }
            if !view.repeatProblem.isEmpty {
                page.blocks.append(.notice(Notice(.warning, "It did not go out anew the last time", text: view.repeatProblem)))
            }
            if !view.started.isEmpty || !view.pilot.isEmpty {
                let report = try await perform(ReportCampaign(campaign: view.campaign), request)
                page.blocks.append(
                    .live(id: "progress", try await pilotBlocks(view, request) + Rooms.blocks(of: report, isLinked: maySee(request))))
                page.blocks.append(contentsOf: Rooms.blocks(of: report.responses))
            }
            var checklist: ChecklistView?
            if view.started.isEmpty {
                checklist = try await ifAllowed(CheckCampaign(campaign: view.campaign, trial: true), request)
                if let checklist { page.blocks.append(contentsOf: Rooms.blocks(of: checklist, view.state)) }
            }
            page.blocks.append(contentsOf: Rooms.acts(view, checklist).map { .form($0) })
            return .page(page)
        }
    }

    private func maySee(_ request: PageRequest) -> Bool { request.viewer.scopes.contains(ListCampaignRecipients.scope.rawValue) }

    /// What became of the pilot, person by person, before anything else is sent.
    private func pilotBlocks(_ view: CampaignView, _ request: PageRequest) async throws -> [Block] {
        guard view.started.isEmpty, !view.pilot.isEmpty,
            let page = try await ifAllowed(ListCampaignRecipients(campaign: view.campaign, pilot: true), request)
        else { return [] }
        return [.table(Rooms.recipientTable("Pilot", page.items, more: nil))]
    }

    private static func recipientTable(_ title: String, _ people: [CampaignRecipientView], more: Link?) -> Table {
        Table(
            title, ["Address", "State", "Why", "Since"],
            people.map { person in
                [
                    Table.Cell(
                        person.address, href: person.message.isEmpty ? nil : PagePath.make("trace", person.message)),
                    Table.Cell(
                        person.state, tone: RoomWords.tone(status: person.state), note: person.complained ? "called it spam" : ""),
                    Table.Cell(person.reason), .time(person.changed),
                ]
            }, empty: "Nobody.", more: more)
    }

    /// Its recipients, those in one state where that is asked for, page by page.
    private var campaignRecipients: Room {
        Room("/campaigns/{campaign}/recipients", scopes(.subscribersRead)) { request in
            let (name, query) = (request["campaign"], request.query)
            let (status, isPilot) = (query["status"], query.isOn("pilot"))
            let shown = try await perform(
                ListCampaignRecipients(
                    campaign: name, status: status.isEmpty ? nil : status, pilot: isPilot, after: query["after"], limit: ListPage<Int>.size),
                request)
            let states = CampaignRecipientState.allCases.map { Field.Option($0.name, $0.name) }
            let filter = Form(
                act: nil, "Filter", look: .row,
                fields: [
                    Field("status", "State", .select([Field.Option("", "All")] + states), value: status),
                    Field("pilot", "Those of the pilot", .flag, value: query["pilot"]),
                ])
            let more = shown.next.map { next in
                Link(
                    "Next page",
                    PagePath.make(
                        "campaigns", name, "recipients", query: ["status": status, "pilot": isPilot ? "yes" : "", "after": next]))
            }
            return .page(
                Page(
                    "Recipients of \(name)", lead: "In order of their addresses, each with the state and the receiver's last words.",
                    back: Link(name, PagePath.make("campaigns", name)),
                    blocks: [.form(filter), .table(Rooms.recipientTable("Recipients", shown.items, more: more))]))
        }
    }

    private static func links(of view: CampaignView, _ viewer: Viewer) -> [Link] {
        var links = [Link("Preview", PagePath.make("campaigns", view.campaign, "preview"))]
        let isOpen = [Campaign.State.draft, .checked, .approved, .pilot, .pilotApproved].contains(view.state)
        if isOpen, viewer.scopes.contains(AccessScope.campaignsWrite.rawValue) {
            links.append(Link("Edit", PagePath.make("campaigns", view.campaign, "edit")))
        }
        if !view.started.isEmpty { links.append(Link("Report as CSV", PagePath.make("campaigns", view.campaign, "report.csv"))) }
        return links
    }

    /// By receiver first: that is where mail is taken or refused.
    private static func receivers(of report: CampaignReport) -> [Block] {
        guard !report.providers.isEmpty else { return [] }
        let series = [
            Chart.Series("delivered", .good), Chart.Series("put off", .warning), Chart.Series("bounced", .bad),
            Chart.Series("complained", .info),
        ]
        let isHourly = Set(report.steps.map { $0.at.prefix(10) }).count < report.steps.count || report.steps.count == 1
        let bars = report.steps.map { step in
            let label = isHourly ? String(step.at.dropFirst(5).prefix(11)).replacing("T", with: " ") : String(step.at.prefix(10))
            return Chart.Bar(label, [step.delivered, step.deferrals, step.bounced, step.complaints])
        }
        return [
            .table(
                Table(
                    "By receiver", ["Receiver", "Delivered", "Put off", "Bounced", "Complained", "Why it bounced"],
                    report.providers.map { row in
                        [
                            Table.Cell(row.provider), .number(row.delivered), .number(row.deferrals), .number(row.bounced),
                            .number(row.complaints),
                            Table.Cell(row.reasons.map { "\($0.reason) \($0.count.grouped)" }.joined(separator: ", ")),
                        ]
                    }, empty: "Nothing yet.")),
            .chart(Chart("Copies by the \(isHourly ? "hour" : "day") (UTC)", series: series, bars: bars)),
        ]
    }

    /// `isLinked`: figures lead to the recipients behind them.
    private static func blocks(of report: CampaignReport, isLinked: Bool) -> [Block] {
        let sums = report.sums
        func people(_ status: String) -> String? {
            isLinked ? PagePath.make("campaigns", report.campaign, "recipients", query: ["status": status]) : nil
        }
        var blocks: [Block] = [
            .tiles([
                Tile("Recipients", report.recipients.grouped, href: people("")),
                Tile("Delivered", sums.delivered.grouped, href: people("delivered")),
                Tile("To come", (sums.planned + sums.queued).grouped, href: people("planned")),
                Tile("Put off", sums.deferred.grouped, href: people("deferred")),
                Tile("Bounced", sums.bounced.grouped, note: "\(report.hardBounces.grouped) do not exist", href: people("bounced")),
                Tile("Left the list", report.left.grouped), Tile("Complaints", report.complaints.grouped),
            ])
        ]
        if let canary = report.canary {
            let from =
                canary.restFrom.isEmpty
                ? "" : " From \(PageTime.text(canary.restFrom)) UTC on \(sums.planned.grouped) more get it, unless too many come back."
            blocks.append(
                .notice(Notice(.info, "The first \(canary.size.grouped) come before the rest", text: "\(canary.waitsFor)\(from)")))
        }
        if !report.finish.isEmpty {
            let finish = report.finish.prefix(16).replacing("T", with: " ")
            let isOver = report.state == .done || report.state == .cancelled
            blocks.append(
                .text(isOver ? "It ended at \(finish)." : "The last one has it by \(finish), at \(report.perHour.grouped) an hour."))
        }
        let rest = [
            ("held", sums.held), ("expired", sums.expired), ("suppressed", sums.suppressed), ("unsubscribed", sums.unsubscribed),
            ("cancelled", sums.cancelled), ("refused", sums.refused), ("skipped", sums.skipped),
        ].filter { $0.1 > 0 }.map { "\($0.1.grouped) \($0.0)" }
        if !rest.isEmpty { blocks.append(.text("The others: \(rest.joined(separator: ", ")).")) }
        if report.pilot.delivered + report.pilot.queued > 0 {
            blocks.append(.text("Pilot: \(report.pilot.delivered.grouped) delivered, \(report.pilot.queued.grouped) queued."))
        }
        if let subjects = report.subjects {
            blocks.append(
                .text("Two subjects: \(subjects.words)\(subjects.winner.isEmpty ? "" : " The rest gets \(subjects.winner.uppercased()).")"))
            if let words = subjects.clickWords { blocks.append(.text(words)) }
        }
        blocks += receivers(of: report)
        blocks.append(
            .table(
                Table(
                    "By domain", ["Domain", "Recipients", "Delivered", "Put off", "Bounced", "To come"],
                    report.domains.map { row in
                        [
                            Table.Cell(row.domain), .number(row.recipients), .number(row.sums.delivered), .number(row.sums.deferred),
                            .number(row.sums.bounced), .number(row.sums.planned + row.sums.queued),
                        ]
                    }, empty: "Nobody yet.")))
        return blocks
    }

    private static func blocks(of checklist: ChecklistView, _ state: Campaign.State) -> [Block] {
        func order(_ level: ChecklistLine.Level) -> Int { level == .red ? 0 : level == .amber ? 1 : 2 }
        let lines = checklist.lines.sorted { order($0.level) < order($1.level) }
        let tones: [ChecklistLine.Level: Tone] = [.red: .bad, .amber: .warning, .green: .good]
        let table = Table(
            "Launch checklist", ["Rule", "", "Why", "What to do"],
            lines.map { line in
                [
                    Table.Cell(line.title, note: line.code),
                    Table.Cell(line.acceptedBy.isEmpty ? line.level.rawValue : "accepted", tone: tones[line.level]),
                    Table.Cell(line.why, note: line.acceptedBy), Table.Cell(line.fix),
                ]
            }, empty: "Nothing.")
        var blocks: [Block] = [
            .tiles([
                Tile("Will get it", checklist.recipients.grouped, note: "\(checklist.canary.grouped) of them first"),
                Tile("Errors", checklist.red.grouped, tone: checklist.red > 0 ? .bad : .good),
                Tile("Open warnings", checklist.open.grouped, tone: checklist.open > 0 ? .warning : .good),
                Tile("The last one, started now", PageTime.text(checklist.finish), note: "UTC"),
            ])
        ]
        if checklist.red + checklist.open > 0 {
            let errors = RoomWords.count(checklist.red, "error", "errors")
            let warnings = RoomWords.count(checklist.open, "open warning", "open warnings")
            blocks.append(
                .notice(
                    Notice(
                        checklist.red > 0 ? .bad : .warning, "\(errors), \(warnings)",
                        text: "Errors are mended; warnings are mended, or accepted in somebody's name. Then check it again.")))
        }
        blocks.append(.table(table))
        guard state == .draft || state == .checked else { return blocks }
        let open = checklist.lines.filter { $0.level == .amber && $0.acceptedBy.isEmpty }
        let fields =
            open.isEmpty
            ? [] : [Field("accept", "Warnings that you accept in your name", .checks(open.map { Field.Option($0.code, $0.title) }))]
        blocks.append(.form(Form(act: "check", "Check", title: "Check", fields: fields + [.reason(isRequired: false)])))
        return blocks
    }

    private static func acts(_ view: CampaignView, _ checklist: ChecklistView?) -> [Form] {
        func form(_ act: String, _ label: String, _ intro: String, _ fields: [Field] = [], tone: Tone = .neutral) -> Form {
            Form(
                act: act, label, title: label, intro: intro, fields: fields + [.reason(isRequired: false)], tone: tone,
                isFolded: tone == .bad)
        }
        let figures = checklist.map(startFigures) ?? "To a small share first, then to the rest."
        let to = Field("to", "To", .area(3), hint: "One address a line.", isRequired: true)
        let pilot = form("pilot", "Send the pilot", "To named people, before anybody else.", [to])
        let repeated = Form(
            act: "repeat", "Keep it", title: "Send it anew by itself",
            intro: "Each time as a campaign of its own, with the same design; the checklist is looked at again before.",
            fields: [
                Field(
                    "every", "When", value: view.repeats,
                    hint: "daily 09:00, weekly Mon,Thu 09:00 or monthly 1 09:00, by the campaign's clocks. Empty: no more."),
                Field(
                    "trigger", "To whom", value: view.trigger,
                    hint: "subscribed 3, date birthday or date renewal 14, with daily. Empty: to everybody."),
                .reason(isRequired: false),
            ], isFolded: view.repeats.isEmpty)
        let cancel = form("cancel", "Cancel the campaign", "Who has it has it; all others do not get it.", tone: .bad)
        switch view.state {
        case .draft: return [cancel]
        case .checked: return [form("approve", "Approve", "You agree that it may be sent."), pilot, cancel]
        case .approved: return [pilot, cancel]
        case .pilot: return [form("start", "Start", "You have seen the pilot's mail, and it is right. \(figures)"), pilot, cancel]
        case .pilotApproved: return [form("start", "Start", figures), cancel]
        case .canary, .rest: return [form("pause", "Pause", "Nothing of it leaves any more."), repeated, cancel]
        case .paused: return [form("resume", "Go on", "What stands still goes on."), cancel]
        case .done: return [repeated]
        case .cancelled: return []
        }
    }
}
