import Console
import MailModel
import OutboundPolicy
import Storage

/// Figures over time and by destination, as pictures with their tables.
extension Rooms {
    func statistics(_ request: PageRequest) async throws -> [Block] {
        guard let view = try await ifAllowed(ShowStatistics(top: 8), request) else { return [] }
        let series = [
            Chart.Series("delivered", .good), Chart.Series("deferred attempts", .warning), Chart.Series("bounced or expired", .bad),
            Chart.Series("refused", .neutral),
        ]
        let bars = view.steps.map { step in
            let figures = step.figures
            return Chart.Bar(
                String(PageTime.text(step.time).dropFirst(view.by == .day ? 0 : 11).prefix(view.by == .day ? 10 : 5)),
                [figures.delivered, figures.deferred, figures.bounced + figures.expired, figures.refused])
        }
        let unit = view.by == .day ? "a day" : view.by == .hour ? "an hour" : "five minutes"
        return [
            .chart(Chart("Recipients in \(unit), since \(PageTime.text(view.since))", series: series, bars: bars)),
            .table(Rooms.destinations(view)),
        ]
    }

    private static func destinations(_ view: StatisticsView) -> Table {
        func row(_ name: String, _ figures: TrafficFigures, href: String?) -> [Table.Cell] {
            let ended = figures.delivered + figures.bounced + figures.expired
            let failed = figures.bounced + figures.expired
            return [
                Table.Cell(name, href: href), .number(figures.accepted), .number(figures.delivered), .number(figures.deferred),
                Table.Cell(
                    failed.grouped, tone: ended > 0 && failed * 20 > ended ? .bad : nil,
                    note: ended > 0 && failed > 0 ? "\(failed * 100 / ended) %" : ""),
            ]
        }
        let rows =
            view.destinations.map { row($0.destination, $0.figures, href: PagePath.make("trace", query: ["q": "@\($0.destination)"])) }
            + (view.others.map { [row("others", $0, href: nil)] } ?? [])
        return Table(
            "By destination, recipients since \(PageTime.text(view.since))",
            [
                Table.Column("Destination"), Table.Column("Accepted", isNumber: true), Table.Column("Delivered", isNumber: true),
                Table.Column("Deferred attempts", isNumber: true), Table.Column("Bounced or expired", isNumber: true),
            ], rows, empty: "Nothing was sent in this time.")
    }

    func queueShape(_ request: PageRequest) async throws -> [Block] {
        guard let view = try await ifAllowed(ShowQueueShape(top: 15), request), !view.destinations.isEmpty else { return [] }
        return [.live(id: "shape", [.table(Rooms.shape(view))])]
    }
}

extension Rooms {
    /// As qshape shows a queue: destinations by age.
    private static func shape(_ view: QueueShapeView) -> Table {
        let ages = view.ages.map { $0 < 60 ? "\($0) min" : "\($0 / 60) h" }
        let columns =
            [Table.Column("Destination"), Table.Column("In all", isNumber: true), Table.Column("Held", isNumber: true)]
            + ages.map { Table.Column("to \($0)", isNumber: true) } + [Table.Column("older", isNumber: true), Table.Column("Oldest came")]
        func row(_ name: String, _ row: QueueShapeView.Row) -> [Table.Cell] {
            let href = row.destination.isEmpty ? nil : PagePath.make("queue", query: ["domain": row.destination])
            return [Table.Cell(name, href: href), .number(row.total), .number(row.held)]
                + row.counts.map { $0 == 0 ? Table.Cell("·") : .number($0) } + [.time(row.oldest)]
        }
        let rows =
            [row("all", view.total)] + view.destinations.map { row($0.destination, $0) } + (view.others.map { [row("others", $0)] } ?? [])
        return Table("Open recipients by destination and by age of the message", columns, rows, empty: "")
    }
}
