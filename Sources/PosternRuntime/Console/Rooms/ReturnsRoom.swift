import Console
import MailModel
import OutboundPolicy

/// What came back, by receiver and reason over time, and the rates that follow from it.
extension Rooms {
    var returns: Room {
        Room("/returns", scopes(.suppressionsRead)) { request in
            let days = Int(request.query["days"]).flatMap { [14, 30, 90].contains($0) ? $0 : nil } ?? 14
            let view = try await perform(ShowReturns(days: days), request)
            let providers = Set(view.rows.map(\.provider)).sorted()
            let provider = providers.contains(request.query["provider"]) ? request.query["provider"] : ""
            let rows = view.rows.filter { provider.isEmpty || $0.provider == provider }
            let rates = try await perform(ShowSendingRates(), request)
            var page = Page(
                "What came back", lead: "Bounces, complaints and deferrals, by receiver and reason.",
                blocks: [
                    .links([Link("Suppression list", "/suppressions"), Link("What came back", "/returns", isCurrent: true)]),
                    .form(
                        Form(
                            act: nil, "Show", look: .row,
                            fields: [
                                Field(
                                    "provider", "Receiver",
                                    .select([Field.Option("", "all")] + providers.map { Field.Option($0, $0) }), value: provider),
                                Field(
                                    "days", "Time", .select([14, 30, 90].map { Field.Option("\($0)", "\($0) days") }), value: "\(days)"),
                            ])),
                    .chart(Rooms.returnsChart(rows, days: days, until: now(), provider: provider)),
                    .table(Rooms.reasonTable(rows)), .table(Rooms.rateTable(rates)),
                ])
            if view.unproven > 0 {
                page.blocks.append(
                    .notice(
                        Notice(
                            .info, "\(view.unproven.grouped) more could not be proved",
                            text: "Nobody could show that they are about mail of this gate. They are counted, and count for nobody.")))
            }
            return .page(page)
        }
    }

    private static func returnGroup(_ event: String) -> Int? {
        guard let event = SendingEvent(event) else { return nil }
        switch event {
        case .deferred: return 3
        case .ended(.complaint): return 1
        case .ended(let bounceClass) where bounceClass.isHard: return 0
        case .ended(let bounceClass) where bounceClass.isBounce: return 2
        case .ended: return nil
        }
    }

    private static func returnsChart(_ rows: [ReturnsView.Row], days: Int, until now: Timestamp, provider: String) -> Chart {
        var totals: [String: [Int]] = [:]
        for row in rows {
            guard let group = returnGroup(row.event) else { continue }
            totals[row.date, default: [0, 0, 0, 0]][group] += row.count
        }
        let dates = (0..<days).reversed().map { String((now - .seconds($0 * 86_400)).rfc3339.prefix(10)) }
        return Chart(
            "What came back of mail to \(provider.isEmpty ? "all receivers" : provider), a day, last \(days) days",
            series: [
                Chart.Series("addresses that do not exist", .bad), Chart.Series("complaints", .info),
                Chart.Series("other bounces", .neutral), Chart.Series("deferred attempts", .warning),
            ], bars: dates.map { Chart.Bar($0, totals[$0] ?? [0, 0, 0, 0]) })
    }

    private static func reasonTable(_ rows: [ReturnsView.Row]) -> Table {
        let receivers = Set(rows.map(\.provider)).sorted()
        var totals: [String: [String: Int]] = [:]
        for row in rows { totals[row.event, default: [:]][row.provider, default: 0] += row.count }
        let sorted = totals.sorted { one, other in
            let (first, second) = (one.value.values.reduce(0, +), other.value.values.reduce(0, +))
            return first == second ? one.key < other.key : first > second
        }
        return Table(
            "By reason and receiver",
            [Table.Column("Reason"), Table.Column("In all", isNumber: true)] + receivers.map { Table.Column($0, isNumber: true) },
            sorted.map { event, counts in
                let words = BounceClass(rawValue: event)?.words ?? ""
                return [Table.Cell(event, note: words), .number(counts.values.reduce(0, +))]
                    + receivers.map { .number(counts[$0] ?? 0) }
            }, empty: "Nothing was sent in this time.")
    }

    private static func rateTable(_ rates: [SendingRateView]) -> Table {
        Table(
            "Rates now, the worst first",
            [
                Table.Column("Whose mail"), Table.Column("Messages", isNumber: true), Table.Column("Hard bounces", isNumber: true),
                Table.Column("Complaints", isNumber: true), Table.Column("Deferrals", isNumber: true), Table.Column("Level"),
            ],
            rates.prefix(100).map { view in
                [
                    Table.Cell(view.subject), .number(view.messages), Table.Cell("\(RatePolicy.text(view.hardBounces)) %"),
                    Table.Cell("\(RatePolicy.text(view.complaints)) %"), Table.Cell("\(RatePolicy.text(view.deferrals)) %"),
                    Table.Cell(
                        view.level.isEmpty ? "below" : view.level,
                        tone: view.level.isEmpty ? .good : view.level == "warn" ? .warning : .bad,
                        note: view.findings.first?.matched ?? ""),
                ]
            }, empty: "Nothing came back in the window of the rates.")
    }
}
