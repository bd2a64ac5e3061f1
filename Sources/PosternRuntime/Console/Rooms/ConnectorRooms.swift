import Console
import MailModel
import OutboundPolicy

extension Rooms {
    var connectorRooms: [Room] { [connectors, connector] }

    private var connectors: Room {
        Room(
            "/connectors", scopes(.connectorsRead),
            acts: [
                "add": act({ request in
                    try request.input(
                        ConnectorInput.self, texts: ["name", "senderIdentity", "trafficClass", "route"],
                        lists: ["networks", "certificates", "grants"], flags: ["plaintext"]
                    ).operation
                }) { view, _ in .done("The connector \(view.name) is ready", to: PagePath.make("connectors", view.name)) }
            ]
        ) { request in
            let rows = try await perform(ListConnectors(), request)
            let table = Table(
                "Connectors", ["Name", "Comes from", "May send as", "Its sender is", "Class", "Rewrites"],
                rows.map { row in
                    [
                        Table.Cell(row.name, href: PagePath.make("connectors", row.name), note: row.disabled ? "disabled" : ""),
                        Table.Cell(Rooms.origins(row).joined(separator: ", "), note: row.plaintext ? "plaintext allowed" : ""),
                        Table.Cell(row.grants.joined(separator: ", ")), Table.Cell(row.senderIdentity), Table.Cell(row.trafficClass),
                        Table.Cell(row.rewriting.map { RoomWords.count($0.rules.count, "rule", "rules") } ?? ""),
                    ]
                }, empty: "There are no connectors. A printer or server that cannot sign in needs one.")
            return .page(
                Page(
                    "Connectors", lead: "Devices, programs and servers that submit without a password.",
                    blocks: [.table(table), .form(Rooms.connectorForm)]))
        }
    }

    private static func origins(_ row: ConnectorView) -> [String] {
        row.networks + row.certificates.map { "certificate \($0.prefix(12))…" }
    }

    private static let connectorForm = Form(
        act: "add", "Add", title: "Add a connector", intro: "A device or server that is known by its address or certificate.",
        fields: [
            Field("name", "Name", isRequired: true),
            Field("networks", "IP addresses or networks", .area(2), hint: "Such as 192.0.2.7 or 192.0.2.0/24, one a line."),
            Field("certificates", "SHA-256 of client certificates", .area(2)),
            Field("grants", "May send as", .area(2), hint: "Addresses, @domains or *, one a line.", isRequired: true),
            Field(
                "senderIdentity", "Its sender is",
                .select([
                    Field.Option("connector", "the connector itself"), Field.Option("envelope", "the envelope sender"),
                    Field.Option("from", "the From address"),
                ]), value: "connector", hint: "What limits and restrictions act on."),
            Field("trafficClass", "What it sends", .select(Rooms.classes), value: "application"),
            Field("plaintext", "May submit without TLS", .flag), .reason(isRequired: false),
        ], isFolded: true)

    private var connector: Room {
        Room(
            "/connectors/{connector}", scopes(.connectorsRead),
            acts: [
                "rewrite": rewrite(ConnectorRewriting.self, name: "connector"),
                "remove": act({ RemoveConnector(connector: $0["connector"]) }) { _, request in
                    .done("The connector \(request["connector"]) is gone", to: "/connectors")
                },
            ]
        ) { request in
            let seen = try await directoryVersion()
            guard let view = try await perform(ListConnectors(), request).first(where: { $0.name == request["connector"] }) else {
                throw Problem.notFound("There is no connector \(request["connector"].prefix(100)).")
            }
            let answer = try await rewritingTest(request, connector: view.name, route: view.route.isEmpty ? nil : view.route)
            var page = Page(view.name, lead: "Submits without a password.", back: Link("Connectors", "/connectors"))
            page.blocks =
                [.facts(Rooms.facts(view))] + Rooms.rewriting(view.rewriting, tried: (request.query["try"], answer), seen: seen) + [
                    .links([Link("What it has used of its limits", PagePath.make("limits", "connector:\(view.name)"))]),
                    .form(
                        .button("Remove the connector", act: "remove", tone: .bad, label: "Remove the connector \(view.name)")),
                ]
            return .page(page)
        }
    }

    private static func facts(_ view: ConnectorView) -> [Fact] {
        [
            Fact("State", view.disabled ? "disabled" : "in use", tone: view.disabled ? .neutral : .good),
            Fact("Comes from", origins(view).joined(separator: ", "), note: view.plaintext ? "plaintext allowed" : ""),
            Fact("May send as", view.grants.joined(separator: ", ")), Fact("Its sender is", view.senderIdentity),
            Fact("What it sends", view.trafficClass), Fact("Leaves by", view.route.isEmpty ? "the usual choice of routes" : view.route),
        ]
    }
}
