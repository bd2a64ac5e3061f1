import Console
import Foundation
import MailModel
import OutboundPolicy

extension Rooms {
    var deliveryRooms: [Room] { [routes, route, dkim] + sourceRooms }

    private var routes: Room {
        Room(
            "/routes", scopes(.routesRead),
            acts: [
                "add": act({ request in
                    var fixed: [String: JSONValue] = [:]
                    try Rooms.checkHost(request.form)
                    fixed["host"] = try request.host()
                    fixed["disabled"] = .bool(!request.form.isOn("use"))
                    if !request.form.exactly("password").isEmpty { fixed["password"] = .string(request.form.exactly("password")) }
                    fixed["oauth"] = Rooms.oauth(request.form)
                    return try request.input(
                        RouteInput.self, texts: ["name", "kind"], lists: ["senderDomains", "recipientDomains"],
                        numbers: ["order", "connections"],
                        fixed: fixed
                    ).operation(at: now())
                }) { view, _ in
                    let path = PagePath.make("routes", view.name)
                    return view.disabled
                        ? .done("The route \(view.name) is there, and off: try it, then switch it on", to: path)
                        : .done("The route \(view.name) is there, and mail takes it", to: path)
                }
            ]
        ) { request in
            let rows = try await perform(ListRoutes(), request)
            let table = Table(
                "In the order in which they are tried", ["Route", "Kind", "To", "For", "TLS", "Connections", "State"],
                rows.map { row in
                    [
                        Table.Cell(row.name, href: PagePath.make("routes", row.name)), Table.Cell(row.kind),
                        Table.Cell(row.host.isEmpty ? "the recipient's MX" : row.host), Table.Cell(Rooms.scope(row)), Table.Cell(row.tls),
                        .number(row.connections), Rooms.state(row),
                    ]
                }, empty: "There are none: all mail goes to the built-in receiver, and none leaves the machine.")
            return .page(
                Page(
                    "Routes", lead: "Which way mail leaves.",
                    blocks: [
                        .live(id: "routes", [.table(table)]),
                        .links([
                            Link("What to set up at Microsoft 365 first", "/help/microsoft-365"),
                            Link("What to set up at Google first", "/help/google"),
                        ]), .form(Rooms.routeForm),
                    ]))
        }
    }

    /// Says at the field what a smarthost lacks.
    private static func checkHost(_ form: FormValues) throws {
        func missing(_ field: String, _ text: String) -> Problem { Problem.invalid([FieldProblem(.body, "/\(field)", text)]) }
        guard form["kind"] == "smarthost" else {
            for field in ["host", "user"] where !form[field].isEmpty {
                throw missing(field, "goes with a smarthost: choose that kind, or leave this empty")
            }
            return
        }
        if form["host"].isEmpty { throw missing("host", "is missing: give the smarthost, such as smtp.office365.com") }
        let hasPassword = !form.exactly("password").isEmpty
        if form["user"].isEmpty, hasPassword || !form["oauth"].isEmpty {
            throw missing("user", "is missing: give the mailbox to sign in as")
        }
        if !form["user"].isEmpty, !hasPassword, form["oauth"].isEmpty {
            throw missing("password", "is missing: give it, or choose tokens below")
        }
    }

    private static func scope(_ row: RouteView) -> String {
        let parts =
            (row.senderDomains.isEmpty ? [] : ["from \(row.senderDomains.joined(separator: ", "))"])
            + (row.recipientDomains.isEmpty ? [] : ["to \(row.recipientDomains.joined(separator: ", "))"])
        return parts.isEmpty ? "all mail" : parts.joined(separator: ", ")
    }

    private static func state(_ row: RouteView) -> Table.Cell {
        if let stop = row.stop { return Table.Cell("stopped: \(stop.cause)", tone: .bad, note: stop.advice) }
        return row.disabled ? Table.Cell("off", tone: .warning, note: "no mail takes it") : Table.Cell("open", tone: .good)
    }

    /// As `OAuthAccount` is read; nil where no tokens are wanted.
    private static func oauth(_ form: FormValues) -> JSONValue? {
        guard !form["oauth"].isEmpty else { return nil }
        var account: [String: JSONValue] = ["provider": .string(form["oauth"]), "secret": .string(form.exactly("secret"))]
        for name in ["tenant", "clientID", "tokenURL"] where !form[name].isEmpty { account[name] = .string(form[name]) }
        return .object(account)
    }

    private static let oauthFields = [
        Field(
            "oauth", "Signs in",
            .radio([
                Field.Option("", "with the password, or not at all"), Field.Option("microsoft", "with tokens from Microsoft"),
                Field.Option("google", "with tokens from Google"),
            ])),
        Field("tenant", "Directory (tenant) id", hint: "At Microsoft.", autocomplete: "off"),
        Field("clientID", "Application (client) id", hint: "At Microsoft, and at Google with a refresh token.", autocomplete: "off"),
        Field(
            "secret", "Secret for tokens", .secretArea(4),
            hint:
                "Microsoft: the client secret's value, or PEM with private key and certificate. Google: the service account's JSON key, or client secret and refresh token, a line each. Kept sealed; never shown again.",
            autocomplete: "off"),
        Field("tokenURL", "Token endpoint", hint: "Only for national clouds."),
    ]

    private static let routeForm = Form(
        act: "add", "Add", title: "Add a route",
        fields: [
            Field("name", "Name", isRequired: true),
            Field(
                "kind", "Kind",
                .radio([
                    Field.Option("mx", "To the recipient's own mail servers (MX)"),
                    Field.Option("smarthost", "To one host that hands it on (smarthost)"),
                    Field.Option("built-in", "To the built-in receiver: nothing leaves the machine"),
                ]), value: "mx"),
            Field("host", "Smarthost", hint: "Such as smtp.office365.com."),
            Field("port", "Port", .input("number"), hint: "Empty: 587 where it signs in, as Microsoft 365 and Google want it; else 25."),
            Field("user", "User name", autocomplete: "off"),
            Field("password", "Password", .input("password"), hint: "Kept sealed; never shown again.", autocomplete: "new-password"),
        ] + oauthFields + [
            Field("senderDomains", "Only from these domains", .area(2)), Field("recipientDomains", "Only to these domains", .area(2)),
            Field("order", "Order", .input("number"), hint: "Lower is tried first."),
            Field("connections", "Connections at a time", .input("number")),
            Field(
                "use", "Let mail use it at once", .flag,
                hint: "Else it is off until it was tried. A route for all domains takes all mail that no other route takes before it."),
            .reason(isRequired: false),
        ], isFolded: true)

    private var route: Room {
        Room(
            "/routes/{route}", scopes(.routesRead),
            acts: [
                "test": Room.Act(scopes(.routesTest)) { request in
                    let recipient = request.form["recipient"].isEmpty ? nil : try request.address("recipient")
                    let sender = request.form["sender"].isEmpty ? nil : try request.address("sender")
                    let steps = try await perform(PreflightRoute(route: request["route"], sender: sender, recipient: recipient), request)
                    let isOff = try await perform(ListRoutes(), request).first { $0.name == request["route"] }?.disabled ?? false
                    return .page(Rooms.testPage(request["route"], steps, isOff: isOff, back: request.path))
                },
                "preset": shapingPreset(route: "route"), "rewrite": rewrite(RouteRewriting.self, name: "route"),
                "identity": setIdentity, "remove-identity": removeIdentity,
                // The route, or one of its mailboxes.
                "probe": act({ ProbeRoute(route: $0.form["mailbox"].isEmpty ? $0["route"] : "\($0["route"]):\($0.form["mailbox"])") }) {
                    _, request in .done("One message is let through", to: request.path)
                },
                "sources": act({ SetRouteSources(route: $0["route"], sources: $0.form.list("sources")) }) { _, request in
                    .done("Saved", to: request.path)
                },
                "remove": act({ RemoveRoute(route: $0["route"]) }) { _, request in
                    .done("The route \(request["route"]) is gone", to: "/routes")
                }.asking { request in
                    Room.Question(
                        "The route \(request["route"]) goes, with its password or secret. Mail that waits for it takes another route; where there is none, it stays with the built-in receiver.",
                        "Remove the route")
                },
                "change": act({ try Rooms.routeChange($0) }) { _, request in .done("Saved", to: request.path) },
                "switch": act({ ChangeRoute(route: $0["route"], enabled: $0.form["to"] == "on") }) { view, request in
                    view.disabled
                        ? .done("The route is off: no mail takes it", to: request.path) : .done("Mail takes the route", to: request.path)
                }.asking(switchQuestion),
            ]
        ) { request in
            let seen = try await directoryVersion()
            guard let view = try await perform(ListRoutes(), request).first(where: { $0.name == request["route"] }) else {
                throw Problem.notFound("There is no route \(request["route"].prefix(100)).")
            }
            var page = Rooms.routePage(view, seen: seen)
            page.blocks += Rooms.limits(of: view, try await perform(ListShaping(), request).filter { $0.route == view.name })
            let answer = try await rewritingTest(request, route: view.name)
            page.blocks +=
                Rooms.rewriting(view.rewriting, tried: (request.query["try"], answer), seen: seen) + Rooms.identities(view, seen: seen)
            page.blocks.append(.form(Rooms.changeForm(view, seen: seen)))
            page.blocks.append(.form(.button("Remove the route", act: "remove", tone: .bad, label: "Remove the route \(view.name)")))
            return .page(page)
        }
    }

    /// Nil where it takes no more than somebody said in its conditions.
    @Sendable private func switchQuestion(_ request: PageRequest) async throws -> Room.Question? {
        guard let view = try await perform(ListRoutes(), request).first(where: { $0.name == request["route"] }) else { return nil }
        guard request.form["to"] == "on" else {
            return Room.Question("No mail takes the route \(view.name) any more; what waits for it takes another.", "Switch it off")
        }
        guard view.senderDomains.isEmpty, view.recipientDomains.isEmpty else { return nil }
        return Room.Question(
            "The route \(view.name) is for all domains: all mail that no other route takes before it goes this way from now on.",
            "Let mail use it")
    }

    private static func routeChange(_ request: PageRequest) throws -> ChangeRoute {
        let form = request.form
        func domains(_ name: String) throws -> [DomainName] {
            try form.list(name).map { text in
                guard let domain = DomainName(text) else {
                    throw Problem.invalid([FieldProblem(.body, "/\(name)", "holds \"\(text.prefix(100))\", which is no domain")])
                }
                return domain
            }
        }
        var change = ChangeRoute(
            route: request["route"], senderDomains: try domains("senderDomains"), recipientDomains: try domains("recipientDomains"))
        if !form["order"].isEmpty { change.order = try request.number("order", 0...1_000_000) }
        if !form["connections"].isEmpty { change.connections = try request.number("connections", 1...1000) }
        guard form.holds("host") else { return change }
        if form["host"].isEmpty { throw Problem.invalid([FieldProblem(.body, "/host", "is missing: give the smarthost")]) }
        (change.host, change.user) = (form["host"], form["user"])
        if !form["port"].isEmpty { change.port = try request.number("port", 1...65_535) }
        if !form.exactly("password").isEmpty { change.password = form.exactly("password") }
        if let account = oauth(form) {
            change.oauth = try JSONDecoder().decode(OAuthAccount.self, from: account.json)
        }
        return change
    }

    /// What is kept of a secret stays where nothing is given in its place.
    private static func changeForm(_ view: RouteView, seen: Int64) -> Form {
        var fields: [Field] = []
        if let hostName = view.hostName {
            fields += [
                Field("host", "Smarthost", value: hostName, hint: "Another host wants the password or secret again.", isRequired: true),
                Field("port", "Port", .input("number"), value: view.port.map { "\($0)" } ?? ""),
                Field("user", "User name", value: view.user ?? "", hint: "Empty: it does not sign in.", autocomplete: "off"),
                Field(
                    "password", "Password", .input("password"), hint: "Empty: as it is. Kept sealed; never shown again.",
                    autocomplete: "new-password"),
            ]
            fields += oauthFields
        }
        fields += [
            Field("senderDomains", "Only from these domains", .area(2), value: view.senderDomains.joined(separator: "\n")),
            Field("recipientDomains", "Only to these domains", .area(2), value: view.recipientDomains.joined(separator: "\n")),
            Field("order", "Order", .input("number"), value: "\(view.order)", hint: "Lower is tried first."),
            Field("connections", "Connections at a time", .input("number"), value: "\(view.connections)"), .reason(isRequired: false),
        ]
        return Form(
            act: "change", "Save", title: "Change the route",
            intro: "What is kept of a password or secret stays, unless another is given here.", fields: fields, hidden: ["seen": "\(seen)"],
            isFolded: true)
    }

    private static func limits(of view: RouteView, _ limits: [ShapingView]) -> [Block] {
        guard view.kind == "smarthost" else { return limits.isEmpty ? [] : [.table(table(limits))] }
        var table = table(limits)
        table.caption = "Limits of this route"
        table.empty = "None beside its connections. Where the host is a provider's account, give it the limits of that."
        let form = Form(
            act: "preset", "Apply", title: "Limits of a provider's account",
            intro: "Puts the shaping policy \(view.name).", fields: [presetField, .reason(isRequired: false)], isFolded: true)
        return [.table(table), .form(form)]
    }

    private static func routePage(_ view: RouteView, seen: Int64) -> Page {
        var page = Page(view.name, lead: scope(view), back: Link("Routes", "/routes"))
        if let stop = view.stop {
            page.blocks.append(
                .notice(
                    Notice(
                        .bad, stop.text, text: stop.advice,
                        items: [
                            "It said: \(stop.reply)",
                            "Since \(PageTime.text(stop.since)), \(RoomWords.count(stop.failedProbes, "probe", "probes")) failed",
                            stop.probing ? "A probe is under way" : "The next probe is at \(PageTime.text(stop.probeAt))",
                        ])))
            page.blocks.append(.form(.button("Let one message through now", act: "probe", label: "Probe the route \(view.name) now")))
        }
        if view.disabled {
            page.blocks.append(
                .notice(Notice(.warning, "The route is off: no mail takes it", text: "Try it below, then let mail use it.")))
        }
        page.blocks.append(
            .form(
                view.disabled
                    ? .button("Let mail use it", act: "switch", hidden: ["to": "on"], label: "Let mail use the route \(view.name)")
                    : .button("Switch it off", act: "switch", hidden: ["to": "off"], label: "Switch the route \(view.name) off")))
        if let notice = view.notice { page.blocks.append(.notice(Notice(.warning, "Sign-in by password ends", text: notice))) }
        page.blocks.append(
            .facts(
                [
                    Fact("Kind", view.kind), Fact("Goes to", view.host.isEmpty ? "the recipient's MX" : view.host), Fact("TLS", view.tls),
                    Fact("Connections at a time", view.connections.grouped), Fact("Order", "\(view.order)"),
                    Fact("State", view.stop != nil ? "stopped" : view.disabled ? "off" : "open", tone: view.stop != nil ? .bad : .good),
                ] + signIn(view)))
        page.blocks.append(
            .form(
                Form(
                    act: "test", "Try it", title: "Preflight", intro: "Walks the way up to a recipient. No message is sent.",
                    fields: [
                        Field("recipient", "A recipient to ask for", .input("email"), hint: "RCPT TO is said, and then RSET."),
                        Field(
                            "sender", "A sender to ask for", .input("email"),
                            hint: "Who the mail is from; empty: the name as which the route signs in."),
                    ])))
        page.blocks.append(
            .form(
                Form(
                    act: "sources", "Save", title: "Egress sources",
                    fields: [
                        Field(
                            "sources", "May leave from", .area(2), value: view.sources.joined(separator: "\n"),
                            hint: "Names, in order; empty: the node's own address."), .reason(isRequired: false),
                    ], hidden: ["seen": "\(seen)"])))
        return page
    }

    private static func signIn(_ view: RouteView) -> [Fact] {
        let facts = [
            ("Signs in", view.signIn), ("As", view.user), ("Application (client) id", view.clientID),
            ("Directory (tenant) id", view.tenant),
        ]
        return facts.compactMap { name, value in value.map { Fact(name, $0) } }
    }

    private static func result(_ step: RouteTestStep) -> Table.Cell {
        guard step.ok else { return Table.Cell("failed", tone: .bad) }
        return step.warning == true ? Table.Cell("warning", tone: .warning) : Table.Cell("well", tone: .good)
    }

    private static func testPage(_ name: String, _ steps: [RouteTestStep], isOff: Bool, back: String) -> Page {
        let isGood = steps.allSatisfy(\.ok) && !steps.isEmpty
        var page = Page(
            "Preflight of \(name)", back: Link("The route", back),
            blocks: [
                .notice(
                    Notice(
                        isGood ? .good : .bad, isGood ? "The way is open" : "The way is not open",
                        text: steps.last { !$0.ok }.map { $0.advice ?? $0.text } ?? "")),
                .table(
                    Table(
                        "Stages", ["Stage", "Came out", "What was found", "Missing step"],
                        steps.map {
                            [
                                Table.Cell($0.stage), Rooms.result($0),
                                Table.Cell($0.text, isCode: true), Table.Cell($0.advice ?? ""),
                            ]
                        }, empty: "No gate runs here, or the route has no host to try.")),
            ])
        if isOff, isGood {
            page.blocks.append(
                .form(
                    .button(
                        "Let mail use it", act: "switch", action: back, hidden: ["to": "on"], label: "Let mail use the route \(name)")))
        }
        return page
    }
}
