import Console
import MailModel
import OutboundPolicy

extension Rooms {
    var limitRooms: [Room] { [limits, limitsOfSender, serviceLimits, requests] }

    private var limits: Room {
        Room("/limits", scopes(.limitsRead)) { request in
            let rows = try await perform(TopLimits(limit: 50), request)
            let table = Table(
                "Nearest to a limit", ["Sender", "Limit", "Used", "Room again", "Policy"],
                rows.map { row in
                    [
                        Table.Cell(row.subject, href: PagePath.make("limits", row.subject)), Table.Cell(row.limit.name),
                        Table.Cell(
                            "\(row.limit.used.grouped) of \(row.limit.value.grouped)", tone: RoomWords.tone(percent: row.limit.percent),
                            note: row.limit.reachedAt.isEmpty ? "" : "full at \(PageTime.text(row.limit.reachedAt)) at this pace",
                            meter: row.limit.percent),
                        row.limit.freeAt.isEmpty ? Table.Cell("now") : .time(row.limit.freeAt), Table.Cell(row.policy),
                    ]
                }, empty: "Nobody has used anything of a limit, or no limits are set: Policies proposes the preset Standard.")
            return .page(
                Page(
                    "Near a limit", lead: "Who has used most of what may be sent in a window.",
                    blocks: [
                        .form(
                            Form(
                                act: nil, "Show", action: "/limits/of", look: .row,
                                fields: [Field("sender", "Sender", .input("search"), hint: "An address, connector:NAME or organisation.")])),
                        .live(id: "limits", [.table(table)]),
                        .links([Link("Service limits", "/service-limits"), Link("Ask what would happen", "/policies/test")]),
                    ]))
        }
    }

    private var limitsOfSender: Room {
        Room("/limits/{subject}", scopes(.limitsRead)) { request in
            if request["subject"] == "of", !request.query["sender"].isEmpty {
                return .redirect(PagePath.make("limits", request.query["sender"]))
            }
            let view = try await perform(ShowLimits(subject: request["subject"]), request)
            var page = Page(view.subject, lead: "What it has used of its limits.", back: Link("Near a limit", "/limits"))
            page.blocks = Rooms.state(view) + [.live(id: "limits", [.table(Rooms.table(view.limits))])]
            page.blocks.append(
                .links(
                    [
                        Link("Its mail", PagePath.make("trace", query: ["q": view.subject])),
                        Link("Its queue", PagePath.make("queue", query: ["sender": view.subject])),
                        Link("Restrict it", PagePath.make("restricted", query: ["entity": Rooms.entityText(view.subject)])),
                    ] + (EmailAddress(view.subject) == nil ? [] : [Link("Its account", PagePath.make("accounts", view.subject))])))
            return .page(page)
        }
    }

    static func entityText(_ subject: String) -> String {
        subject.hasPrefix("connector:") || subject == "organisation" ? subject : "sender:\(subject)"
    }

    static func state(_ view: SenderLimitsView) -> [Block] {
        var facts = [
            Fact(
                "Policy", view.policy.isEmpty ? "none" : view.policy,
                href: view.policy.isEmpty ? nil : PagePath.make("policies", view.policy))
        ]
        if !view.trafficClass.isEmpty { facts.append(Fact("Traffic class", view.trafficClass)) }
        var blocks: [Block] = []
        if !view.restricted.isEmpty {
            blocks.append(
                .notice(
                    Notice(
                        .bad, "Restricted: its mail is refused", text: "Reference \(view.restricted)",
                        link: Link("Evidence and release", PagePath.make("restricted", entityText(view.subject))))))
        }
        if !view.throttledUntil.isEmpty {
            blocks.append(
                .notice(Notice(.warning, "Throttled until \(PageTime.text(view.throttledUntil))", link: Link("Why", "/throttles"))))
        }
        return blocks + [.facts(facts)]
    }

    static func table(_ limits: [LimitView]) -> Table {
        Table(
            "Limits", ["Limit", "Used", "Over it", "Set by"],
            limits.map { limit in
                [
                    Table.Cell(limit.name),
                    Table.Cell(
                        "\(limit.used.grouped) of \(limit.value.grouped)",
                        tone: limit.percent >= 80 ? RoomWords.tone(percent: limit.percent) : nil, note: limit.text, meter: limit.percent),
                    Table.Cell(limit.action.rawValue), Table.Cell(limit.source),
                ]
            }, empty: "No limit is set for it.")
    }

    private var serviceLimits: Room {
        Room(
            "/service-limits", scopes(.limitsRead),
            acts: [
                "set": act({ request in
                    let input = try request.input(
                        ServiceLimitInput.self, texts: ["limit", "action"], flags: ["failsOpen"],
                        fixed: ["value": Rooms.value(request.form["value"])])
                    return SetServiceLimit(
                        limit: input.limit, value: input.value, action: input.action, failsOpen: input.failsOpen)
                }) { view, _ in .done("\(view.name): \(view.value)", to: "/service-limits") }
            ]
        ) { request in
            let rows = try await perform(ListServiceLimits(), request)
            let table = Table(
                "Service limits", ["Name", "Value", "Over it", "Meaning"],
                rows.map { row in
                    [
                        Table.Cell(row.name, isCode: true), Table.Cell("\(row.value)"),
                        Table.Cell(row.action?.rawValue ?? "", note: row.failsOpen ? "open where the store is down" : ""),
                        Table.Cell(row.text),
                    ]
                }, empty: "None.")
            let form = Form(
                act: "set", "Save", title: "Set one",
                fields: [
                    Field("limit", "Name", .select(rows.map { Field.Option($0.name, "\($0.name) (now \($0.value))") })),
                    Field("value", "Value", hint: "0 is no limit.", isRequired: true),
                    Field(
                        "action", "What happens over it",
                        .select([Field.Option("", "as it is")] + LimitAction.allCases.map { Field.Option($0.rawValue, $0.rawValue) })),
                    Field("failsOpen", "Let mail through where the store cannot count", .flag), .reason(isRequired: false),
                ], isFolded: true)
            return .page(
                Page(
                    "Service limits", lead: "Limits of the service beside the outbound policies.", back: Link("Near a limit", "/limits"),
                    blocks: [.table(table), .form(form)]))
        }
    }

    /// Numbers and yes or no as what they are, all else as text.
    static func value(_ text: String) -> JSONValue {
        if let number = Int64(text) { return .integer(number) }
        return text == "true" || text == "false" ? .bool(text == "true") : .string(text)
    }

    private var requests: Room {
        Room(
            "/requests", scopes(.requestsRead),
            acts: [
                "approve": act({ request in
                    guard let until = try request.time("until") else {
                        throw Problem.invalid([FieldProblem(.body, "/until", "is missing")])
                    }
                    return ApproveLimitRequest(id: request.form["id"], until: until)
                }) { view, _ in .done("Granted to \(view.sender) until \(PageTime.text(view.until))", to: "/requests") },
                "refuse": act({ RefuseLimitRequest(id: $0.form["id"]) }) { view, _ in
                    .done("Refused; \(view.sender) sees the reason", to: "/requests")
                },
            ]
        ) { request in
            let showsAll = request.query.isOn("all")
            let rows = try await perform(ListLimitRequests(all: showsAll), request)
            let open = rows.filter { $0.state == "open" || $0.state == "asked" }
            let table = Table(
                showsAll ? "All requests" : "Requests", ["Sender", "Wish", "State", "Reason", "Asked", "Until", "Decision"],
                rows.map { row in
                    [
                        Table.Cell(row.sender, href: PagePath.make("limits", row.sender)), Table.Cell(row.text), Table.Cell(row.state),
                        Table.Cell(row.reason, note: row.askedBy), .time(row.asked), .time(row.until),
                        Table.Cell(row.decidedBy, note: row.decisionReason),
                    ]
                }, empty: "Nobody asks for a higher limit.")
            var page = Page(
                "Requests for higher limits", lead: "Who asks to send more than it may, and what was granted.",
                blocks: [
                    .links([
                        Link("Open and granted", "/requests", isCurrent: !showsAll), Link("All", "/requests?all=yes", isCurrent: showsAll),
                    ]), .table(table),
                ])
            if !open.isEmpty {
                let which = Field("id", "Which", .select(open.map { Field.Option($0.id, "\($0.sender): \($0.text)") }))
                page.blocks.append(
                    .form(
                        Form(
                            act: "approve", "Grant", title: "Grant",
                            fields: [which, Field("until", "Until", .input("date"), isRequired: true), .reason(isRequired: false)])))
                page.blocks.append(
                    .form(
                        Form(act: "refuse", "Refuse", title: "Refuse", fields: [which, .reason("The sender sees it.")], tone: .bad)))
            }
            return .page(page)
        }
    }
}
