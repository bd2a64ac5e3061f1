import Console
import MailModel
import OutboundPolicy
import Storage

extension Rooms {
    var overview: Room {
        Room("/", []) { request in
            guard request.viewer.may(scopes(.statusRead)) else { return .redirect("/me") }
            var page = Page("Overview")
            let (needs, facts) = try await (needs(request), flow(request))
            page.blocks = [.live(id: "needs", needs), .live(id: "flow", facts)]
            return .page(page)
        }
    }

    // MARK: - What needs somebody

    private func needs(_ request: PageRequest) async throws -> [Block] {
        var notices: [Block] = []
        let status = try await perform(ShowStatus(), request)
        if !status.problems.isEmpty { notices.append(.notice(Notice(.bad, "The gate is not ready", items: status.problems))) }
        for stop in status.stoppedRoutes {
            notices.append(
                .notice(
                    Notice(
                        .bad, "The route \(stop.route) is stopped: \(stop.text)", text: stop.advice,
                        link: Link("The route", PagePath.make("routes", stop.route)))))
        }
        for source in status.missingSources {
            notices.append(
                .notice(
                    Notice(
                        .warning, "No node has the egress source \(source.source)",
                        text: "\(RoomWords.count(source.recipients, "recipient waits", "recipients wait")) for it.",
                        link: Link("Sources", "/sources"))))
        }
        let pauses = try await ifAllowed(ListPauses(), request) ?? []
        if !pauses.isEmpty {
            notices.append(
                .notice(Notice(.warning, "Paused: \(pauses.map(\.scope).joined(separator: ", "))", link: Link("Stop button", "/pauses"))))
        }
        let ranks: [AlertSeverity] = [.high, .medium, .low]
        // The gravest first; of these the newest, as they come.
        let listed = try await ifAllowed(ListAlerts(), request) ?? []
        let alerts = ranks.flatMap { rank in listed.filter { $0.severity == rank } }
        if !alerts.isEmpty {
            notices.append(
                .table(
                    Table(
                        "Open alerts", ["Alert", "Severity", "State", "Times reported", "Since", "Last"], alerts.prefix(8).map(row),
                        empty: "",
                        more: alerts.count > 8 ? Link("All open alerts", "/alerts") : nil)))
        }
        if notices.isEmpty { notices.append(.notice(Notice(.good, "Mail is flowing, and nothing needs you now."))) }
        return try await notices + ahead(request)
    }

    // MARK: - What is coming

    private static let aheadShown = 12

    private func ahead(_ request: PageRequest) async throws -> [Block] {
        guard let items = try await ifAllowed(ShowDayAhead(), request), !items.isEmpty else { return [] }
        let rows = items.prefix(Rooms.aheadShown).map { item in
            [
                Table.Cell(item.text, href: Rooms.page(of: item), note: item.advice),
                Table.Cell(item.severity.rawValue, tone: RoomWords.tone(item.severity)),
                item.at.isEmpty ? Table.Cell("now") : .time(item.at),
            ]
        }
        let more = items.count - rows.count
        return [
            .table(Table("What is coming", ["What", "Severity", "When"], rows, empty: ""))
        ] + (more > 0 ? [.text("\(RoomWords.count(more, "line", "lines")) more: postern ahead.")] : [])
    }

    private static func page(of item: DayAheadView) -> String {
        switch item.kind {
        case .limit: PagePath.make("limits", item.subject)
        case .warmUp: PagePath.make("sources", String(item.subject.prefix { $0 != ":" }))
        case .certificate: "/nodes"
        case .apiKey: "/keys"
        case .account: PagePath.make("accounts", item.subject)
        case .domain: PagePath.make("domain-health", item.subject)
        case .listing: "/reputation"
        }
    }

    // MARK: - How mail flows

    private func flow(_ request: PageRequest) async throws -> [Block] {
        let status = try await perform(ShowStatus(), request)
        var blocks: [Block] = []
        if let ledger = try await ifAllowed(ShowLedger(verifies: false), request) {
            blocks.append(
                .tiles([
                    Tile("waiting", ledger.queued.grouped, note: "recipients", tone: .info, href: "/queue"),
                    Tile(
                        "held", ledger.held.grouped, note: "until a person decides", tone: ledger.held > 0 ? .warning : .neutral,
                        href: "/queue?state=held"),
                    Tile("attempts now", status.attemptsInFlight.grouped, note: "under way"),
                    Tile("connections", status.connections.grouped, note: "open for submission"),
                    Tile(
                        "delivered", ledger.delivered.grouped, note: "since the store was made", tone: .good,
                        href: "/trace?status=delivered"),
                    Tile(
                        "bounced", ledger.bounced.grouped, note: "since the store was made", tone: ledger.bounced > 0 ? .bad : .neutral,
                        href: "/trace?status=bounced"),
                ]))
        }
        blocks += try await statistics(request)
        if let near = try await ifAllowed(TopLimits(limit: 5), request), !near.isEmpty {
            blocks.append(
                .table(
                    Table(
                        "Senders nearest to a limit", ["Sender", "Limit", "Used"],
                        near.map {
                            [
                                Table.Cell($0.subject, href: PagePath.make("limits", $0.subject)), Table.Cell($0.limit.name),
                                Table.Cell(
                                    "\($0.limit.used.grouped) of \($0.limit.value.grouped)",
                                    tone: RoomWords.tone(percent: $0.limit.percent),
                                    meter: $0.limit.percent),
                            ]
                        }, empty: "")))
        }
        return blocks
    }
}
