import Console
import MailModel
import OutboundPolicy
import Storage

extension Rooms {
    private static let alertPage = 50

    var alerts: Room {
        Room("/alerts", scopes(.alertsRead)) { request in
            let showsAll = request.query.isOn("all")
            var query = AlertQuery()
            query.isOpenOnly = !showsAll
            query.limit = Rooms.alertPage + 1
            if !request.query["before"].isEmpty {
                let parts = try Cursor.read(request.query["before"], count: 2)
                guard let time = Timestamp(rfc3339: parts[0]) else { throw Cursor.problem }
                query.before = AlertQuery.Key(lastAt: time, id: parts[1])
            }
            let lines = try await perform(ListAlerts(query: query), request)
            let shown = Array(lines.prefix(Rooms.alertPage))
            var more: Link?
            if lines.count > shown.count, let last = shown.last {
                let cursor = Cursor.make([last.last, last.id])
                more = Link("Older alerts", PagePath.make("alerts", query: ["all": showsAll ? "yes" : "", "before": cursor]))
            }
            let table = Table(
                showsAll ? "All alerts" : "Open alerts", ["Alert", "Severity", "State", "Times reported", "Since", "Last"],
                shown.map(row), empty: showsAll ? "There has been no alert." : "Nothing needs you now.", more: more)
            return .page(
                Page(
                    "Alerts", lead: "One incident is one alert, however often it is reported.",
                    blocks: [
                        .links([
                            Link("Open", "/alerts", isCurrent: !showsAll), Link("All", "/alerts?all=yes", isCurrent: showsAll),
                        ]),
                        .live(id: "alerts", [.table(table)]),
                    ]))
        }
    }

    func row(_ line: AlertLine) -> [Table.Cell] {
        [
            Table.Cell(line.text, href: PagePath.make("alerts", line.id), note: line.subject),
            Table.Cell(line.severity.rawValue, tone: RoomWords.tone(line.severity)),
            Table.Cell(line.state.rawValue, tone: line.state == .resolved ? .good : line.state == .acknowledged ? .info : .warning),
            .number(line.hits), .time(line.first), .time(line.last),
        ]
    }

    var alert: Room {
        let done = { @Sendable (line: AlertLine, request: PageRequest) in
            PageAnswer.done("The alert is \(line.state.rawValue)", to: request.path)
        }
        return Room(
            "/alerts/{id}", scopes(.alertsRead),
            acts: [
                "acknowledge": act({ AcknowledgeAlert(id: $0["id"]) }, done: done),
                "resolve": act({ ResolveAlert(id: $0["id"]) }, done: done),
            ]
        ) { request in
            let view = try await perform(ShowAlert(id: request["id"]), request)
            return .page(alertPage(view))
        }
    }

    private func alertPage(_ view: AlertView) -> Page {
        let line = view.alert
        var page = Page(line.text, lead: line.advice, back: Link("Alerts", "/alerts"))
        page.blocks = [
            .facts(
                [
                    Fact("Kind", line.kind.rawValue), Fact("About", line.subject, href: AlertSubject.path(line.subject)),
                    Fact("Severity", line.severity.rawValue, tone: RoomWords.tone(line.severity)), Fact("State", line.state.rawValue),
                    Fact("First reported", PageTime.text(line.first)), Fact("Last reported", PageTime.text(line.last)),
                    Fact("Times reported", line.hits.grouped),
                ] + (line.actor.isEmpty ? [] : [Fact("By", line.actor, note: line.reason)])
                    + (line.ended.isEmpty ? [] : [Fact("Ended", PageTime.text(line.ended), note: line.ending)]))
        ]
        if [AlertKind.senderRestricted, .connectorRestricted, .organisationRestricted].contains(line.kind) {
            page.blocks.append(.links([Link("Evidence and release", PagePath.make("restricted", line.subject))]))
        }
        if !view.findings.isEmpty {
            page.blocks.append(.heading("What was found"))
            page.blocks += RoomWords.sentences(view.findings).map { .text($0) }
        }
        if line.state == .new {
            page.blocks.append(
                .form(
                    Form(
                        act: "acknowledge", "I am on it", title: "Acknowledge",
                        intro: "No more notices of it are sent, unless it gets worse.", fields: [.reason(isRequired: false)])))
        }
        if line.state != .resolved {
            page.blocks.append(
                .form(
                    Form(
                        act: "resolve", "Resolve", title: "Resolve", intro: "If the condition comes again, that is another alert.",
                        fields: [.reason("What was done; kept in the audit log.")])))
        }
        page.blocks.append(
            .table(
                Table(
                    "Who was told", ["Channel", "Due", "Done", "Attempts", "Outcome"],
                    view.notices.map { notice in
                        [
                            Table.Cell(notice.channel), .time(notice.due), notice.done.isEmpty ? Table.Cell("not yet") : .time(notice.done),
                            .number(notice.attempts), Table.Cell(notice.outcome),
                        ]
                    }, empty: "Nobody is told of this kind of alert; see Administration, Notices.")))
        return page
    }
}

/// Where the subject of an alert has its own page.
enum AlertSubject {
    static func path(_ subject: String) -> String? {
        if subject.hasPrefix("route:") { return PagePath.make("routes", String(subject.dropFirst("route:".count))) }
        if subject.hasPrefix("sender:") { return PagePath.make("limits", String(subject.dropFirst("sender:".count))) }
        if subject == "organisation" || subject.hasPrefix("connector:") || EmailAddress(subject) != nil {
            return PagePath.make("limits", subject)
        }
        return nil
    }
}
