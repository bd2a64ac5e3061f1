import Console
import MailModel
import OutboundPolicy

extension Rooms {
    var shapingRooms: [Room] { [shaping, shapingPolicy] }

    private static let texts = ["name", "provider", "domain", "route", "source"]
    private static let rates = ["newConnections", "messages", "recipients"]
    private static let numbers = ["connections", "messagesPerConnection", "recipientsPerMessage"]

    /// Puts the policy that the form describes.
    private func setShaping(name: String?) -> Room.Act {
        act(
            { request in
                try request.input(
                    ShapingInput.self, texts: Rooms.texts, lists: Rooms.rates + ["hosts"], lines: ["hours"], numbers: Rooms.numbers,
                    flags: ["eachSite", "eachSource"], fixed: name.map { ["name": .string(request[$0])] } ?? [:]
                ).operation(at: now())
            }, done: { view, _ in .done("The policy \(view.name) is in force", to: PagePath.make("shaping", view.name)) })
    }

    /// Gives a route the limits of its provider. `route`: nil where the form names it.
    func shapingPreset(route: String?) -> Room.Act {
        act(
            { request in
                guard let preset = ShapingPreset(rawValue: request.form["preset"]) else {
                    throw Problem.invalid([FieldProblem(.body, "/preset", "is no preset")])
                }
                return ApplyShapingPreset(preset: preset, route: route.map { request[$0] } ?? request.form["route"])
            }, done: { view, request in .done("The limits of \(view.route) are in force", to: route == nil ? "/shaping" : request.path) })
    }

    private var shaping: Room {
        Room("/shaping", scopes(.routesRead), acts: ["set": setShaping(name: nil), "preset": shapingPreset(route: nil)]) { request in
            let status = try await perform(ShowShaping(), request)
            let routes = try await perform(ListRoutes(), request).map(\.name)
            var page = Page("Shaping", lead: "How fast mail is handed on, and what receivers want less of.")
            page.blocks = [
                .live(id: "status", Rooms.heldBack(status)), .table(Rooms.table(status.policies)),
                .form(
                    Form(
                        act: "preset", "Apply", title: "Limits of a provider's account",
                        intro: "Puts a policy of the route's name with what the provider allows an account.",
                        fields: [
                            Field("route", "Route", .select(routes.map { Field.Option($0, $0) })), Rooms.presetField,
                            .reason(isRequired: false),
                        ], isFolded: true)),
                .form(
                    Form(
                        act: "set", "Add", title: "Add a policy",
                        fields: [Field("name", "Name", isRequired: true)] + Rooms.shapingFields(nil, routes: routes)
                            + [.reason(isRequired: false)], isFolded: true)),
                .links([Link("What replies lead to: delivery rules", "/rules")]),
            ]
            return .page(page)
        }
    }

    static let presetField = Field(
        "preset", "Account", .radio(ShapingPreset.allCases.map { Field.Option($0.rawValue, $0.explanation) }),
        value: ShapingPreset.allCases.first?.rawValue ?? "")

    private static func heldBack(_ status: ShapingStatus) -> [Block] {
        let slowed = Table(
            "Destinations that take less now, as this node has learnt",
            [
                Table.Column("Destination"), Table.Column("From source"), Table.Column("State"),
                Table.Column("Connections", isNumber: true), Table.Column("Messages a minute", isNumber: true), Table.Column("It said"),
            ],
            status.slowed.map { row in
                let state =
                    row.dead
                    ? Table.Cell("does not answer", tone: .bad, note: rest(row.restsUntil))
                    : row.restsUntil.isEmpty
                        ? Table.Cell(row.comesBackSince.isEmpty ? "in use" : "comes back", tone: .info, note: since(row.comesBackSince))
                        : Table.Cell("rests", tone: .warning, note: rest(row.restsUntil))
                return [
                    Table.Cell(row.destination), Table.Cell(row.source), state,
                    Table.Cell(row.connections.map(\.grouped) ?? "as set"), Table.Cell(row.messagesPerMinute.map(\.grouped) ?? "as set"),
                    Table.Cell(RoomWords.short(row.reply), isCode: !row.reply.isEmpty),
                ]
            }, empty: "None: every receiver takes what it is given.")
        let holds = Table(
            "Held back by rules", ["What", "Rule", "Since", "Until", "It said"],
            status.holds.map { row in
                [
                    Table.Cell(row.subject, tone: .warning), Table.Cell(row.rule, href: PagePath.make("rules", row.rule)),
                    .time(row.since), .time(row.until), Table.Cell(RoomWords.short(row.reply), isCode: true),
                ]
            }, empty: "Nothing.")
        return [.table(slowed), .table(holds)]
    }

    private static func since(_ time: String) -> String { time.isEmpty ? "" : "since \(PageTime.text(time))" }
    private static func rest(_ until: String) -> String { until.isEmpty ? "" : "until \(PageTime.text(until))" }

    static func table(_ policies: [ShapingView]) -> Table {
        Table(
            "Policies; every one that covers an attempt must allow it", ["Policy", "Where", "Limits", "Hours", "State"],
            policies.map { row in
                [
                    Table.Cell(row.name, href: PagePath.make("shaping", row.name)), Table.Cell(scope(row)),
                    Table.Cell(limits(row).joined(separator: ", ")),
                    Table.Cell(row.hours.isEmpty ? "always" : row.hours.joined(separator: "; ")),
                    Table.Cell(row.disabled ? "off" : "on", tone: row.disabled ? .neutral : .good),
                ]
            },
            empty: "None: a route's own number of connections is the only limit. What receivers ask for is done in any case.")
    }

    private static func scope(_ row: ShapingView) -> String {
        let parts = [
            row.route.isEmpty ? "" : "by route \(row.route)", row.provider.isEmpty ? "" : "to \(row.provider)",
            row.hosts.isEmpty ? "" : "to hosts in \(row.hosts.joined(separator: ", "))", row.domain.isEmpty ? "" : "to \(row.domain)",
            row.source.isEmpty ? "" : "from \(row.source)", row.eachSite ? "each site by itself" : "",
            row.eachSource ? "each source by itself" : "",
        ].filter { !$0.isEmpty }
        return parts.isEmpty ? "all mail" : parts.joined(separator: ", ")
    }

    private static func limits(_ row: ShapingView) -> [String] {
        let numbers = [
            row.connections.map { "\($0) connections" }, row.messagesPerConnection.map { "\($0) messages a connection" },
            row.recipientsPerMessage.map { "\($0) recipients a message" },
        ]
        return numbers.compactMap(\.self) + row.rates
    }

    // MARK: - One policy

    private var shapingPolicy: Room {
        Room(
            "/shaping/{policy}", scopes(.routesRead),
            acts: [
                "set": setShaping(name: "policy"),
                "remove": act({ RemoveShaping(name: $0["policy"]) }) { _, request in
                    .done("The policy \(request["policy"]) is gone", to: "/shaping")
                },
            ]
        ) { request in
            let seen = try await directoryVersion()
            guard let view = try await perform(ListShaping(), request).first(where: { $0.name == request["policy"] }) else {
                throw Problem.notFound("There is no shaping policy \(request["policy"].prefix(100)).")
            }
            let routes = try await perform(ListRoutes(), request).map(\.name)
            var page = Page(view.name, lead: Rooms.scope(view), back: Link("Shaping", "/shaping"))
            page.blocks = [
                .form(
                    Form(
                        act: "set", "Save", title: "Change",
                        fields: Rooms.shapingFields(view, routes: routes) + [.reason(isRequired: false)], hidden: ["seen": "\(seen)"])),
                .form(.button("Remove the policy", act: "remove", tone: .bad, label: "Remove the policy \(view.name)")),
            ]
            return .page(page)
        }
    }

    private static func shapingFields(_ view: ShapingView?, routes: [String]) -> [Field] {
        func choice(_ name: String, _ label: String, _ values: [String], _ value: String?) -> Field {
            // What a policy names and is no longer there stays chosen.
            let known = values.contains(value ?? "") ? values : values + [value ?? ""].filter { !$0.isEmpty }
            return Field(
                name, label, .select([Field.Option("", "any")] + known.map { Field.Option($0, $0) }), value: value ?? "")
        }
        func number(_ name: String, _ label: String, _ value: Int?) -> Field {
            Field(name, label, .input("number"), value: value.map(String.init) ?? "")
        }
        func rates(_ name: String, _ label: String, _ values: [String]?, _ hint: String = "") -> Field {
            Field(name, label, value: values?.joined(separator: ", ") ?? "", hint: hint)
        }
        return [
            choice("route", "By route", routes, view?.route),
            choice("provider", "To provider", MailProvider.allCases.map(\.rawValue), view?.provider),
            Field(
                "hosts", "To hosts within these domains", .area(2), value: view?.hosts.joined(separator: "\n") ?? "",
                hint: "Every MX host has to be within one of them."),
            Field("domain", "To recipients of this domain", value: view?.domain ?? ""),
            Field("source", "From egress source", value: view?.source ?? ""),
            Field("eachSite", "Each site has the limits to itself", .flag, values: view?.eachSite == true ? ["yes"] : []),
            Field("eachSource", "Each source has the limits to itself", .flag, values: view?.eachSource == true ? ["yes"] : []),
            number("connections", "Connections at a time", view?.connections),
            rates("newConnections", "Connections begun", view?.newConnections, "Such as 60/min."),
            number("messagesPerConnection", "Messages before a connection is closed", view?.messagesPerConnection),
            rates(
                "messages", "Messages", view?.messages,
                "Such as 30/min, 600/h:20: never more in any such window, and spaced. 20 of the 600 may go at once."),
            rates("recipients", "Recipients", view?.recipients, "Such as 10000/d."),
            number("recipientsPerMessage", "Recipients in one transaction", view?.recipientsPerMessage),
            Field(
                "hours", "Hours", .area(2), value: view?.hours.joined(separator: "\n") ?? "",
                hint: "Such as Mon,Tue,Wed,Thu,Fri 20:00-06:00, a line each; empty: always."),
        ]
    }
}
