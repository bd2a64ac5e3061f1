import Console
import MailModel
import OutboundPolicy

/// Plans on a simulated clock: what they come to, as a picture over time, and the better plan.
extension Rooms {
    var simulations: Room {
        Room("/simulations", scopes(.policiesRead), acts: ["start": startSimulation]) { request in
            let jobs = try await perform(ListSimulations(), request)
            let table = Table(
                "Simulations of this node", ["Plan", "State", "Asked for", "By"],
                jobs.map { job in
                    [
                        Table.Cell(job.name, href: PagePath.make("simulations", job.id)),
                        Table.Cell(
                            job.state.rawValue, tone: Rooms.tone(job), note: job.isOver ? "" : "\(job.percent) %",
                            meter: job.state == .running ? job.percent : nil),
                        .time(job.at), Table.Cell(job.by),
                    ]
                }, empty: "None yet: choose a plan below.")
            return .page(
                Page(
                    "Simulation", lead: "The gate's own decisions against models of providers, on a clock of its own. No mail is sent.",
                    blocks: [
                        .live(id: "jobs", [.table(table)]),
                        .form(
                            Form(
                                act: "start", "Run it", title: "Run an example",
                                fields: [
                                    Field(
                                        "plan", "Plan", .radio(SimulationExample.all.map { Field.Option($0.yaml, $0.title) }),
                                        value: SimulationExample.all.first?.yaml ?? "")
                                ])),
                        .form(
                            Form(
                                act: "start", "Run it", title: "Write a plan",
                                fields: [
                                    Field(
                                        "plan", "Plan, YAML", .area(16), value: SimulationExample.all.first?.yaml ?? "",
                                        hint: "docs/simulate.md has the fields.", isRequired: true)
                                ], isFolded: true)),
                    ]))
        }
    }

    private var startSimulation: Room.Act {
        act(
            { StartSimulation(plan: $0.form["plan"].replacing("\r\n", with: "\n")) },
            done: { job, _ in .done("The simulation has begun", to: PagePath.make("simulations", job.id)) })
    }

    private static func tone(_ job: SimulationJobView) -> Tone {
        switch job.state {
        case .waiting: .neutral
        case .running: .info
        case .done: .good
        case .stopped: .warning
        case .failed: .bad
        }
    }

    var simulation: Room {
        Room(
            "/simulations/{id}", scopes(.policiesRead),
            acts: [
                "start": startSimulation,
                "stop": act({ StopSimulation(id: $0["id"]) }) { _, request in .done("The simulation was stopped", to: request.path) },
            ]
        ) { request in
            let job = try await perform(ShowSimulation(id: request["id"]), request)
            var page = Page(job.name, lead: "", back: Link("Simulations", "/simulations"))
            guard let outcome = job.outcome else {
                page.blocks = Rooms.progress(job)
                return .page(page)
            }
            // In the place of the progress, so that who follows it sees this come.
            page.blocks = [.live(id: "progress", Rooms.outcome(outcome)), .heading("The plan"), .code(job.plan)]
            return .page(page)
        }
    }

    private static func progress(_ job: SimulationJobView) -> [Block] {
        if let problem = job.problem { return [.notice(Notice(.bad, "It failed", text: problem)), .code(job.plan)] }
        guard !job.isOver else { return [.notice(Notice(.warning, "It was stopped")), .code(job.plan)] }
        let left = job.secondsLeft.map { "about \($0) s to go" } ?? "no estimate yet"
        let state = job.state == .waiting ? "It waits for another one to end." : "\(job.percent) %, \(left)"
        return [
            .live(
                id: "progress",
                [
                    .tiles([Tile("State", job.state.rawValue, note: state, tone: tone(job))]),
                    .links([Link("See what it has come to", PagePath.make("simulations", job.id))]),
                ]),
            .form(.button("Stop it", act: "stop", tone: .bad, label: "Stop the simulation \(job.name)")),
        ]
    }

    /// `09:45` of RFC 3339.
    static func clock(_ rfc3339: String) -> String { String(rfc3339.dropFirst(11).prefix(5)) }

    private static func outcome(_ view: SimulationView) -> [Block] {
        var blocks: [Block] = [
            .tiles([
                Tile(
                    "Delivered", view.delivered.grouped, note: "of \(RoomWords.count(view.submitted, "recipient", "recipients"))",
                    tone: view.good ? .good : .warning),
                Tile("Failed", view.failed.grouped, note: "recipients", tone: view.failed > 0 ? .bad : .good),
                Tile("Refusals", view.refusals.grouped, note: "answers of 4xx and 5xx", tone: view.refusals > 0 ? .bad : .good),
                Tile(
                    "Done", view.finishedAt.map { Rooms.clock($0) } ?? "not in time",
                    note: view.finishedAt.map { "\($0.prefix(10)), began \(PageTime.text(view.startedAt))" }
                        ?? "began \(PageTime.text(view.startedAt))"),
            ])
        ]
        for entity in view.restricted {
            blocks.append(
                .notice(Notice(.bad, "\(entity.entity) is restricted at \(PageTime.text(entity.at))", text: entity.reason)))
        }
        for stop in view.stops {
            blocks.append(.notice(Notice(.warning, "Postern stops the route at \(PageTime.text(stop.at))", text: stop.reason)))
        }
        for answer in view.refusedBefore {
            blocks.append(.notice(Notice(.warning, "Postern itself refuses \(answer.count.grouped) messages", text: answer.reply)))
        }
        blocks += charts(view.series, "")
        blocks.append(
            .table(
                Table(
                    "What it answers", [Table.Column("Answer"), Table.Column("Times", isNumber: true), Table.Column("First")],
                    view.answers.map { [Table.Cell($0.reply, isCode: true), .number($0.count), .time($0.firstAt)] }, empty: "Nothing.")))
        if !view.alerts.isEmpty {
            blocks.append(
                .table(Table("Alerts", ["Alert"], view.alerts.prefix(20).map { [Table.Cell($0)] }, empty: "")))
        }
        guard let better = view.proposal else { return blocks }
        blocks += [.heading("A better plan"), .text(better.words)] + charts(better.series, ", the better plan")
        blocks.append(
            .form(.button("Run the better plan", act: "start", hidden: ["plan": better.plan], tone: .good, label: "Run the better plan")))
        return blocks
    }

    /// At most so many bars: two or more intervals become one.
    private static let barsMax = 60

    private static func charts(_ points: [SimulationView.Point], _ title: String) -> [Block] {
        guard let first = points.first else { return [] }
        let width = max(1, (points.count + barsMax - 1) / barsMax)
        let groups = stride(from: 0, to: points.count, by: width).map { points[$0..<min(points.count, $0 + width)] }
        let isOneDay = points.last.map { $0.at.prefix(10) == first.at.prefix(10) } ?? true
        func label(_ point: SimulationView.Point) -> String {
            let text = PageTime.text(point.at)
            return String(isOneDay ? text.dropFirst(11).prefix(5) : text.dropFirst(5).prefix(11))
        }
        let flow = groups.map { group in
            Chart.Bar(
                group.first.map(label) ?? "",
                [group.reduce(0) { $0 + $1.delivered }, group.reduce(0) { $0 + $1.refused }])
        }
        let depth = groups.map { group in Chart.Bar(group.first.map(label) ?? "", [group.map(\.waiting).max() ?? 0]) }
        let queue = Chart("Recipients in the queue\(title)", series: [Chart.Series("waiting", .info)], bars: depth)
        return [
            .chart(
                Chart(
                    "Recipients delivered and refusals over time\(title)",
                    series: [Chart.Series("delivered", .good), Chart.Series("refusals", .bad)],
                    bars: flow))
        ] + (points.contains { $0.waiting > 0 } ? [.chart(queue)] : [])
    }
}
