import Campaigns
import Console
import MailModel
import OutboundPolicy

extension Rooms {
    var campaignRooms: [Room] { [campaigns, campaign, campaignEditor, campaignPreview, campaignCopy, campaignReportFile] }

    private var campaigns: Room {
        Room(
            "/campaigns", scopes(.campaignsRead),
            acts: [
                "add": act({ request in
                    var fields = CampaignFields()
                    fields.from = request.form["from"]
                    let (starter, subject) = (request.form["starter"], request.form["subject"])
                    if !subject.isEmpty || starter.isEmpty { fields.subject = subject }
                    fields.postalAddress = request.form["postal"].replacing("\r\n", with: "\n")
                    return CreateCampaign(
                        campaign: request.form["name"], list: request.form["list"], starter: starter.isEmpty ? nil : starter,
                        fields: fields)
                }) { view, _ in .done("The draft \(view.campaign) is there", to: PagePath.make("campaigns", view.campaign, "edit")) }
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
                fields: [
                    Field("name", "Name", hint: "a to z, 0 to 9, - and _.", isRequired: true),
                    Field("list", "List", .select(lists.map { Field.Option($0.list, $0.list) }), isRequired: true),
                    Field("from", "From", hint: "Such as: Northwind News <news@example.org>.", isRequired: true),
                    Field(
                        "starter", "Begin with",
                        .select(
                            [Field.Option("", "An empty text")]
                                + CampaignStarter.all.map { Field.Option($0.name, "\($0.name): \($0.purpose)") })),
                    Field(
                        "subject", "Subject", hint: "Tags such as {{first name|you}} are filled in for each person. The text comes next."),
                    Field("postal", "Postal address", .area(3), hint: "The law of many countries wants it in the message."),
                    .reason(isRequired: false),
                ], isFolded: !rows.isEmpty)
            return .page(Page("Campaigns", lead: "Mailings to lists: checked, tried out, paced.", blocks: [.table(table), .form(add)]))
        }
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
        return Room.Question(
            "It goes to \(RoomWords.count(view.recipients, "person", "people")), to a small share first. The last one has it by "
                + "\(PageTime.text(view.finish)) UTC\(view.finishBy.isEmpty ? "" : ", by \(view.finishBy)"). What has left cannot be called back.",
            "Start sending")
    }

    private var campaign: Room {
        @Sendable func done(_ view: CampaignView, _ request: PageRequest) -> PageAnswer {
            .done("\(view.campaign) is \(view.state.rawValue)", to: PagePath.make("campaigns", view.campaign))
        }
        return Room(
            "/campaigns/{campaign}", scopes(.campaignsRead),
            acts: [
                "check": act({ CheckCampaign(campaign: $0["campaign"], accept: $0.form.all("accept")) }) { view, _ in
                    .done(
                        view.red + view.open == 0
                            ? "Nothing stands in the way"
                            : "Looked at: \(RoomWords.count(view.red, "error", "errors")), \(RoomWords.count(view.open, "open warning", "open warnings")) left",
                        to: PagePath.make("campaigns", view.campaign))
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
                page.blocks.append(.live(id: "progress", Rooms.blocks(of: report)))
                page.blocks.append(contentsOf: Rooms.blocks(of: report.responses))
            }
            if view.started.isEmpty, let checklist = try await ifAllowed(CheckCampaign(campaign: view.campaign, trial: true), request) {
                page.blocks.append(contentsOf: Rooms.blocks(of: checklist, view.state))
            }
            page.blocks.append(contentsOf: Rooms.acts(view).map { .form($0) })
            return .page(page)
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

    private static func blocks(of report: CampaignReport) -> [Block] {
        let sums = report.sums
        var blocks: [Block] = [
            .tiles([
                Tile("Recipients", report.recipients.grouped), Tile("Delivered", sums.delivered.grouped),
                Tile("To come", (sums.planned + sums.queued).grouped), Tile("Put off", sums.deferred.grouped),
                Tile("Bounced", sums.bounced.grouped, note: "\(report.hardBounces.grouped) do not exist"),
                Tile("Left the list", report.left.grouped), Tile("Complaints", report.complaints.grouped),
            ])
        ]
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
                Tile("Will get it", checklist.recipients.grouped), Tile("Errors", checklist.red.grouped),
                Tile("Open warnings", checklist.open.grouped),
            ]),
            .table(table),
        ]
        guard state == .draft || state == .checked else { return blocks }
        let open = checklist.lines.filter { $0.level == .amber && $0.acceptedBy.isEmpty }
        let fields =
            open.isEmpty
            ? [] : [Field("accept", "Warnings that you accept in your name", .checks(open.map { Field.Option($0.code, $0.title) }))]
        blocks.append(.form(Form(act: "check", "Check", title: "Check", fields: fields + [.reason(isRequired: false)])))
        return blocks
    }

    private static func acts(_ view: CampaignView) -> [Form] {
        func form(_ act: String, _ label: String, _ intro: String, _ fields: [Field] = [], tone: Tone = .neutral) -> Form {
            Form(
                act: act, label, title: label, intro: intro, fields: fields + [.reason(isRequired: false)], tone: tone,
                isFolded: tone == .bad)
        }
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
        case .pilot: return [form("start", "Start", "You have seen the pilot's mail, and it is right."), pilot, cancel]
        case .pilotApproved: return [form("start", "Start", "To a small share first, then to the rest."), cancel]
        case .canary, .rest: return [form("pause", "Pause", "Nothing of it leaves any more."), repeated, cancel]
        case .paused: return [form("resume", "Go on", "What stands still goes on."), cancel]
        case .done: return [repeated]
        case .cancelled: return []
        }
    }
}
