import Console
import MailModel
import OutboundPolicy

extension Rooms {
    var sourceRooms: [Room] { [sources, source, warmUp] }

    private var sources: Room {
        Room(
            "/sources", scopes(.routesRead),
            acts: [
                "add": act({ request in
                    var fixed: [String: JSONValue] = [:]
                    fixed["proxy"] = try Rooms.proxy(request)
                    return try request.input(SourceInput.self, texts: ["name", "ipv4", "ipv6", "helloName"], fixed: fixed)
                        .operation(at: now())
                }) { view, _ in .done("The source \(view.name) is there; let routes use it", to: PagePath.make("sources", view.name)) }
            ]
        ) { request in
            let rows = try await perform(ListSources(), request)
            let table = Table(
                "Egress sources", ["Name", "Address", "EHLO", "State", "Nodes", "Routes", "Waiting", "Steps aside for"],
                rows.map { row in
                    [
                        Table.Cell(row.name, href: PagePath.make("sources", row.name)),
                        Table.Cell([row.ipv4, row.ipv6].filter { !$0.isEmpty }.joined(separator: ", "), note: row.proxy),
                        Table.Cell(row.helloName), Rooms.state(row), Table.Cell(row.nodes.joined(separator: ", ")),
                        Table.Cell(row.routes.joined(separator: ", ")), .number(row.waiting), Rooms.stepsAside(row),
                    ]
                }, empty: "Mail leaves from the nodes' own addresses.")
            let warmUps = Rooms.table(try await perform(ListWarmUps(), request), caption: "Warm-ups")
            return .page(
                Page(
                    "Sources", lead: "Addresses that mail leaves from, and those that receivers do not know yet.",
                    blocks: [.live(id: "sources", [.table(table), .table(warmUps)]), .form(Rooms.sourceForm)]))
        }
    }

    private static func state(_ row: SourceView) -> Table.Cell {
        let tone: Tone =
            switch row.state {
            case .available: .good
            case .unreachable: .bad
            case .disabled: .neutral
            }
        return Table.Cell(row.state.rawValue, tone: tone, note: row.lastSeen.isEmpty ? "" : "last seen \(PageTime.text(row.lastSeen))")
    }

    private static func stepsAside(_ row: SourceView) -> Table.Cell {
        guard let first = row.stepsAside.first else { return Table.Cell("") }
        let more = row.stepsAside.count - 1
        return Table.Cell(
            "\(first.destination) until \(PageTime.text(first.until))", tone: .warning, note: more == 0 ? "" : "and \(more) more")
    }

    private static func proxy(_ request: PageRequest) throws -> JSONValue? {
        guard !request.form["proxyKind"].isEmpty else { return nil }
        var proxy: [String: JSONValue] = [
            "kind": .string(request.form["proxyKind"]), "address": .string(request.form["proxyAddress"]),
            "port": .integer(Int64(try request.number("proxyPort", 1...65_535))),
        ]
        if !request.form["proxyUser"].isEmpty { proxy["user"] = .string(request.form["proxyUser"]) }
        let password = request.form.exactly("proxyPassword")
        if !password.isEmpty { proxy["password"] = .string(password) }
        return .object(proxy)
    }

    private static let sourceForm = Form(
        act: "add", "Add", title: "Add a source",
        fields: [
            Field("name", "Name", isRequired: true), Field("ipv4", "IPv4 address"), Field("ipv6", "IPv6 address"),
            Field("helloName", "EHLO name", hint: "As the address's PTR record has it."),
            Field(
                "proxyKind", "Connects through",
                .radio([Field.Option("", "no proxy"), Field.Option("socks5", "SOCKS5"), Field.Option("haproxy", "HAProxy")])),
            Field("proxyAddress", "IP address of the proxy"), Field("proxyPort", "Port of the proxy", .input("number")),
            Field("proxyUser", "User name at the proxy", hint: "SOCKS5 only.", autocomplete: "off"),
            Field(
                "proxyPassword", "Password at the proxy", .input("password"), hint: "Kept sealed; never shown again.",
                autocomplete: "new-password"), .reason(isRequired: false),
        ], isFolded: true)

    // MARK: - One source

    private var source: Room {
        Room(
            "/sources/{source}", scopes(.routesRead),
            acts: [
                "switch": act({ SetSourceEnabled(source: $0["source"], isEnabled: $0.form["to"] == "on") }) { _, request in
                    .done("Saved", to: request.path)
                },
                "remove": act({ RemoveSource(source: $0["source"]) }) { _, request in
                    .done("The source \(request["source"]) is gone", to: "/sources")
                },
                "warm-up": act({ request in
                    try request.input(
                        SetWarmUp.self, texts: ["provider", "plan"], numbers: ["day"],
                        fixed: ["source": .string(request["source"])].merging(try Rooms.caps(request)) { first, _ in first })
                }) { view, _ in .done("The warm-up \(view.name) begins", to: Rooms.path(view)) },
            ]
        ) { request in
            let view = try await sourceView(request)
            let warmUps = try await perform(ListWarmUps(), request).filter { $0.source == view.name }
            var page = Page(view.name, lead: Rooms.lead(view), back: Link("Sources", "/sources"))
            page.blocks = [
                .live(
                    id: "source", [.facts(Rooms.facts(view)), .table(Rooms.holds(view)), .table(Rooms.table(warmUps, caption: "Warm-ups"))]),
                .form(
                    Form(
                        act: "warm-up", "Begin", title: "Warm it up",
                        intro:
                            "Lets a source that receivers do not know send a little more each day. What is over the day's cap leaves from "
                            + "the other sources of its route, where these are warm; else it waits.",
                        fields: [Rooms.providerField] + Rooms.calendarFields(nil) + [.reason(isRequired: false)], isFolded: true)),
            ]
            if view.name != EgressSource.standardName {
                let to = view.disabled ? "on" : "off"
                page.blocks += [
                    .form(.button("Switch \(to)", act: "switch", hidden: ["to": to], label: "Switch the source \(view.name) \(to)")),
                    .form(.button("Remove the source", act: "remove", tone: .bad, label: "Remove the source \(view.name)")),
                ]
            }
            return .page(page)
        }
    }

    private func sourceView(_ request: PageRequest) async throws -> SourceView {
        guard let view = try await perform(ListSources(), request).first(where: { $0.name == request["source"] }) else {
            throw Problem.notFound("There is no source \(request["source"].prefix(100)).")
        }
        return view
    }

    private static func lead(_ view: SourceView) -> String {
        if view.disabled { return "Switched off: its mail leaves from the other sources of its routes, or waits." }
        if view.state == .unreachable { return "No running node has it; mail that may leave from nowhere else waits." }
        return view.name == EgressSource.standardName ? "Each node's own address." : "An address that mail leaves from."
    }

    private static func facts(_ view: SourceView) -> [Fact] {
        func all(_ texts: [String]) -> String { texts.isEmpty ? "none" : texts.joined(separator: ", ") }
        return [
            Fact("State", view.state.rawValue, tone: view.state == .available ? .good : view.disabled ? .neutral : .bad),
            Fact("IPv4 address", view.ipv4.isEmpty ? "the system picks" : view.ipv4),
            Fact("IPv6 address", view.ipv6.isEmpty ? "the system picks" : view.ipv6),
            Fact("Name in EHLO", view.helloName.isEmpty ? "each node's own" : view.helloName),
            Fact("Connects through", view.proxy.isEmpty ? "no proxy" : view.proxy), Fact("Nodes that have it", all(view.nodes)),
            Fact("Routes that allow it", all(view.routes)), Fact("Recipients that wait for it", view.waiting.grouped),
        ]
    }

    private static func holds(_ view: SourceView) -> Table {
        Table(
            "Steps aside for", ["Destination", "Until", "Its mail", "Rule", "It said"],
            view.stepsAside.map { row in
                [
                    Table.Cell(row.destination, tone: .warning), .time(row.until),
                    Table.Cell(row.otherSources ? "takes the route's other sources" : "waits"),
                    Table.Cell(row.rule, href: PagePath.make("rules", row.rule)), Table.Cell(RoomWords.short(row.reply), isCode: true),
                ]
            }, empty: "No receiver has asked for that.")
    }
}
