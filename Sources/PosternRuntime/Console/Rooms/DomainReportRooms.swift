import Console
import MailModel
import OutboundPolicy

/// Reports of others, as pictures: who sends as us and passes, and how others reach us by TLS.
extension Rooms {
    private static let spans = [14, 30, 90, 365]
    private static let reportsShown = 12

    var domainReports: Room {
        Room("/domain-reports", scopes(.domainsRead)) { request in
            let choice = try await choice(request)
            var page = Page("Domain reports", lead: "Who sends with our domains in From, by the DMARC reports of receivers.")
            guard let domain = choice.domain else {
                page.blocks = [.links(Rooms.domainLinks(nil, "/domain-reports")), .text("There are no own domains.")]
                return .page(page)
            }
            let source = request.query["source"]
            let view = try await perform(
                ShowReportSources(domain: domain, days: choice.days, source: source.isEmpty ? nil : source), request)
            let reports = try await perform(ListDomainReports(domain: domain, limit: Rooms.reportsShown), request)
            var form = choice.form
            form.fields.append(
                Field(
                    "source", "Source",
                    .select([Field.Option("", "all")] + view.sources.prefix(50).map { Field.Option($0.address, Rooms.name($0)) }),
                    value: source))
            page.blocks = [.links(Rooms.domainLinks(domain.text, "/domain-reports")), .form(form)]
            if view.messages > 0 {
                page.blocks.append(.tiles(Rooms.tiles(view)))
                page.blocks.append(.chart(Rooms.chart(view, source: source, days: choice.days, until: now())))
            }
            page.blocks += [.table(Rooms.sourceTable(view)), .table(Rooms.reportTable(reports))]
            return .page(page)
        }
    }

    var domainReport: Room {
        Room("/domain-reports/{id}", scopes(.domainsRead)) { request in
            let report = try await perform(ShowDomainReport(id: request["id"]), request)
            let isTLS = report.kind == "tls"
            let facts = [
                Fact("Domain", report.domain, href: PagePath.make("domain-health", report.domain)),
                Fact("From", report.organization), Fact("Its identifier", report.reportID),
                Fact("Time", "\(PageTime.text(report.begin)) to \(PageTime.text(report.end)) UTC"),
                Fact("Received", PageTime.text(report.receivedAt), note: "by \(report.way)"),
            ]
            let table = Table(
                "Rows",
                [
                    Table.Column(isTLS ? "Host" : "Source"), Table.Column(isTLS ? "Policy" : "From"),
                    Table.Column(isTLS ? "Sessions" : "Messages", isNumber: true), Table.Column(isTLS ? "TLS" : "DMARC"),
                    Table.Column(isTLS ? "Why" : "What the receiver did"),
                ],
                (report.rows ?? []).map { row in
                    [
                        Table.Cell(row.source.isEmpty ? "(not said)" : row.source), Table.Cell(row.about), .number(row.total),
                        Table.Cell(
                            row.passes ? "passed" : "failed", tone: row.passes ? .good : .bad,
                            note: isTLS ? "" : "DKIM \(row.dkim ? "pass" : "fail"), SPF \(row.spf ? "pass" : "fail")"),
                        Table.Cell(row.result),
                    ]
                }, empty: "The report has no rows.")
            return .page(
                Page(
                    "Report", lead: "What \(report.organization) says of \(report.domain).",
                    back: Link("Domain reports", "/domain-reports?domain=\(report.domain)"), blocks: [.facts(facts), .table(table)]))
        }
    }

    var tlsReports: Room {
        Room("/tls-reports", scopes(.domainsRead)) { request in
            let choice = try await choice(request)
            var page = Page("TLS reports", lead: "How others reach our domains by TLS, by their reports (RFC 8460).")
            guard let domain = choice.domain else {
                page.blocks = [.links(Rooms.domainLinks(nil, "/tls-reports")), .text("There are no own domains.")]
                return .page(page)
            }
            let view = try await perform(ShowReportedTLS(domain: domain, days: choice.days), request)
            page.blocks = [.links(Rooms.domainLinks(domain.text, "/tls-reports")), .form(choice.form)]
            if view.sessions > 0 {
                let days = Dictionary(view.days.map { ($0.date, [$0.good, $0.failed]) }) { first, _ in first }
                page.blocks.append(
                    .chart(
                        Chart(
                            "Sessions towards \(domain), a day, last \(choice.days) days",
                            series: [Chart.Series("good", .good), Chart.Series("failed", .bad)],
                            bars: Rooms.dates(choice.days, until: now()).map { Chart.Bar($0, days[$0] ?? [0, 0]) })))
            }
            page.blocks.append(
                .table(
                    Table(
                        "By host and reason",
                        [
                            Table.Column("Host"), Table.Column("What"), Table.Column("Sessions", isNumber: true), Table.Column("First"),
                            Table.Column("Last"),
                        ],
                        view.lines.map { line in
                            [
                                Table.Cell(line.host.isEmpty ? "all hosts" : line.host),
                                Table.Cell(
                                    line.failure.isEmpty ? "good" : line.failure, tone: line.failure.isEmpty ? .good : .bad),
                                .number(line.sessions), Table.Cell(line.firstDate), Table.Cell(line.lastDate),
                            ]
                        }, empty: "Nobody has reported. Name an address of reports.domain-addresses in _smtp._tls.\(domain)."))
            )
            return .page(page)
        }
    }

    // MARK: - What is looked at

    private struct Choice {
        /// Nil where there are no own domains.
        var domain: DomainName?
        var days: Int
        var form: Form
    }

    private func choice(_ request: PageRequest) async throws -> Choice {
        let domains = try await perform(ListDomainHealth(), request).map(\.domain)
        let days = Int(request.query["days"]).flatMap { Rooms.spans.contains($0) ? $0 : nil } ?? 30
        let chosen = domains.contains(request.query["domain"]) ? request.query["domain"] : domains.first
        let form = Form(
            act: nil, "Show", look: .row,
            fields: [
                Field("domain", "Domain", .select(domains.map { Field.Option($0, $0) }), value: chosen ?? ""),
                Field("days", "Time", .select(Rooms.spans.map { Field.Option("\($0)", "\($0) days") }), value: "\(days)"),
            ])
        return Choice(domain: chosen.flatMap { DomainName($0) }, days: days, form: form)
    }

    private static func dates(_ days: Int, until now: Timestamp) -> [String] {
        (0..<days).reversed().map { String((now - .seconds($0 * 86_400)).rfc3339.prefix(10)) }
    }

    // MARK: - Who sends as us

    private static func name(_ source: ReportSourcesView.Source) -> String {
        source.address.isEmpty ? "the rest" : source.ours.map { "\(source.address) (\($0))" } ?? source.address
    }

    private static func tiles(_ view: ReportSourcesView) -> [Tile] {
        let others = view.sources.filter { $0.ours == nil && $0.passing < $0.messages }
        let percent = view.passing * 1000 / max(view.messages, 1)
        return [
            Tile("Messages", view.messages.grouped, note: "as receivers counted"),
            Tile(
                "Passed DMARC", "\(percent / 10).\(percent % 10) %", note: "\(view.passing.grouped) messages",
                tone: percent >= 980 ? .good : percent >= 900 ? .warning : .bad),
            Tile(
                "Sources that are not ours and fail", others.count.grouped,
                note: "\(others.reduce(0) { $0 + $1.messages - $1.passing }.grouped) messages"),
        ]
    }

    private static func chart(_ view: ReportSourcesView, source: String, days: Int, until now: Timestamp) -> Chart {
        let found = Dictionary(view.days.map { ($0.date, $0) }) { first, _ in first }
        return Chart(
            "Messages from \(source.isEmpty ? "all sources" : source) with \(view.domain) in From, a day, last \(days) days",
            series: [
                Chart.Series("our sources, passed", .good), Chart.Series("others, passed", .info),
                Chart.Series("our sources, failed", .warning), Chart.Series("others, failed", .bad),
            ],
            bars: dates(days, until: now).map { date in
                let day = found[date]
                return Chart.Bar(date, [day?.ownPassing ?? 0, day?.otherPassing ?? 0, day?.ownFailing ?? 0, day?.otherFailing ?? 0])
            })
    }

    private static func sourceTable(_ view: ReportSourcesView) -> Table {
        Table(
            "Sources, the most mail first",
            [
                Table.Column("Source"), Table.Column("Whose"), Table.Column("Messages", isNumber: true), Table.Column("DMARC"),
                Table.Column("DKIM", isNumber: true), Table.Column("SPF", isNumber: true), Table.Column("Quarantined", isNumber: true),
                Table.Column("Rejected", isNumber: true), Table.Column("Last"),
            ],
            view.sources.map { source in
                let failed = source.messages - source.passing
                return [
                    Table.Cell(source.address.isEmpty ? "the rest" : source.address),
                    Table.Cell(
                        source.ours.map { "ours: \($0)" } ?? source.names.first ?? "no name known", tone: source.ours == nil ? nil : .info),
                    .number(source.messages),
                    Table.Cell(
                        failed == 0 ? "passes" : source.passing == 0 ? "fails" : "passes in part",
                        tone: failed == 0 ? .good : source.passing == 0 ? .bad : .warning,
                        note: failed == 0 || source.passing == 0 ? "" : "\(failed.grouped) failed"), .number(source.dkim),
                    .number(source.spf), .number(source.quarantined), .number(source.rejected), Table.Cell(source.lastDate),
                ]
            },
            empty: "No reports in this time. Name an address of reports.domain-addresses in rua of the DMARC record.")
    }

    private static func reportTable(_ reports: [KeptReportView]) -> Table {
        Table(
            "The last reports",
            [
                Table.Column("From"), Table.Column("Kind"), Table.Column("Begins"), Table.Column("Count", isNumber: true),
                Table.Column("Passed", isNumber: true), Table.Column("Received"),
            ],
            reports.map { report in
                [
                    Table.Cell(
                        report.organization.isEmpty ? report.id : report.organization, href: PagePath.make("domain-reports", report.id)),
                    Table.Cell(report.kind), Table.Cell(String(report.begin.prefix(10))), .number(report.total), .number(report.passing),
                    .time(report.receivedAt),
                ]
            }, empty: "None was received.")
    }
}
