import Console
import MailModel
import OutboundPolicy

extension Rooms {
    var policyRooms: [Room] { [policies, policyTest, policy] }

    private static let scopeFields = ["senders", "groups", "domains", "exceptSenders", "exceptGroups", "exceptDomains"]
    private static let numberFields = ["priority", "externalPerHour", "internalPerHour", "recipientsPerDay"]

    private var policies: Room {
        Room(
            "/policies", scopes(.policiesRead),
            acts: [
                "preset": act({ request in
                    let input = try request.input(PresetInput.self, texts: ["preset", "timeZone"], numbers: ["licences"], flags: ["trial"])
                    return ApplyPreset(
                        preset: input.preset, licences: input.licences, isTrial: input.trial ?? false, timeZone: input.timeZone)
                }) { outcome, _ in .done("The preset \(outcome.preset.rawValue) is in force", to: "/policies") },
                "add": act({ request in
                    try request.input(
                        PolicyInput.self, texts: ["name", "action", "forwarding"], lists: Rooms.scopeFields, numbers: Rooms.numberFields
                    ).operation
                }) { view, _ in .done("The policy \(view.name) is in force", to: PagePath.make("policies", view.name)) },
            ]
        ) { request in
            let rows = try await perform(ListPolicies(), request)
            let table = Table(
                "In order; the first that matches counts",
                ["Policy", "For", "External an hour", "Internal an hour", "In a day", "Over it", "State"],
                rows.map { row in
                    [
                        Table.Cell(row.name, href: PagePath.make("policies", row.name)),
                        Table.Cell(row.isDefault ? "everybody else" : row.text),
                        Table.Cell(row.externalPerHour == 0 ? "service" : row.externalPerHour.grouped),
                        Table.Cell(row.internalPerHour == 0 ? "service" : row.internalPerHour.grouped),
                        Table.Cell(row.recipientsPerDay == 0 ? "service" : row.recipientsPerDay.grouped), Table.Cell(row.action.rawValue),
                        Table.Cell(row.disabled ? "off" : "on", tone: row.disabled ? .neutral : .good),
                    ]
                }, empty: "Nothing is limited yet. The preset Standard is a good beginning.")
            let preset = Form(
                act: "preset", "Apply", title: "Preset",
                intro: "Limits as Exchange Online's Standard and Strict have them; none takes all away.",
                fields: [
                    Field(
                        "preset", "Preset",
                        .radio([
                            Field.Option("standard", "Standard: 500 external and 1000 internal an hour, 1000 a day"),
                            Field.Option("strict", "Strict: 400 external and 800 internal an hour, 800 a day"),
                            Field.Option("none", "None: nothing is limited"),
                        ]), value: "standard"),
                    Field("licences", "Licences", .input("number"), hint: "For the organisation's own limit (TERRL formula)."),
                    Field("trial", "A new organisation on trial", .flag), Field("timeZone", "Time zone", hint: "Such as Europe/Berlin."),
                    .reason(isRequired: false),
                ])
            let add = Form(
                act: "add", "Add", title: "Add a policy",
                fields: [Field("name", "Name", isRequired: true)] + Rooms.policyFields(nil) + [.reason(isRequired: false)], isFolded: true)
            return .page(
                Page(
                    "Outbound policies", lead: "How much people may send, and what happens past that.",
                    blocks: [
                        .table(table),
                        .links([Link("Ask what would happen", "/policies/test"), Link("Service limits", "/service-limits")]),
                        .form(preset), .form(add),
                    ]))
        }
    }

    private static func policyFields(_ view: PolicyView?) -> [Field] {
        func lines(_ name: String, _ label: String, _ values: [String]?, _ hint: String = "") -> Field {
            Field(name, label, .area(2), value: values?.joined(separator: "\n") ?? "", hint: hint)
        }
        func number(_ name: String, _ label: String, _ value: Int?) -> Field {
            Field(name, label, .input("number"), value: value.map(String.init) ?? "", hint: "0 leaves it to the service limits.")
        }
        var fields = [
            number("externalPerHour", "External recipients an hour", view?.externalPerHour),
            number("internalPerHour", "Internal recipients an hour", view?.internalPerHour),
            number("recipientsPerDay", "Recipients a day", view?.recipientsPerDay),
            Field(
                "action", "Over any of them", .select(LimitAction.allCases.map { Field.Option($0.rawValue, $0.rawValue) }),
                value: view?.action.rawValue ?? LimitAction.restrictToday.rawValue),
            Field(
                "forwarding", "Forwarded mail to external recipients",
                .select(ForwardingMode.allCases.map { Field.Option($0.rawValue, $0.rawValue) }),
                value: view?.forwarding.rawValue ?? ForwardingMode.automatic.rawValue),
        ]
        guard view?.isDefault != true else { return fields }
        fields.insert(
            Field("priority", "Place", .input("number"), value: view.map { "\($0.priority)" } ?? "", hint: "0 comes first."), at: 0)
        return fields + [
            lines("senders", "Only these senders", view?.senders, "From addresses, one a line. All empty: everybody."),
            lines("groups", "Only members of these groups", view?.groups),
            lines("domains", "Only these domains", view?.domains, "With their subdomains."),
            lines("exceptSenders", "But not these senders", view?.exceptSenders),
            lines("exceptGroups", "But not members of these groups", view?.exceptGroups),
            lines("exceptDomains", "But not these domains", view?.exceptDomains),
        ]
    }

    private var policy: Room {
        Room(
            "/policies/{policy}", scopes(.policiesRead),
            acts: [
                "change": act({ request in
                    // A list that was emptied takes everything away.
                    let empty = Rooms.scopeFields.filter { request.form.holds($0) && request.form.list($0).isEmpty }
                    var fixed = Dictionary(uniqueKeysWithValues: empty.map { ($0, JSONValue.array([])) })
                    fixed["policy"] = .string(request["policy"])
                    let input = try request.input(
                        PolicyChangesInput.self, texts: ["action", "forwarding"], lists: Rooms.scopeFields, numbers: Rooms.numberFields,
                        fixed: fixed)
                    return ChangePolicy(policy: input.policy, changes: input.fields)
                }) { view, request in .done("Saved; the next message is counted by it", to: request.path) },
                "switch": act({ SetPolicyEnabled(policy: $0["policy"], isEnabled: $0.form["to"] == "on") }) { view, request in
                    .done("The policy is \(view.disabled ? "off" : "on")", to: request.path)
                },
                "remove": act({ RemovePolicy(policy: $0["policy"]) }) { _, request in
                    .done("The policy \(request["policy"]) is gone", to: "/policies")
                },
            ]
        ) { request in
            let seen = try await directoryVersion()
            guard let view = try await perform(ListPolicies(), request).first(where: { $0.name == request["policy"] }) else {
                throw Problem.notFound("There is no policy \(request["policy"]).")
            }
            var page = Page(view.name, lead: view.text, back: Link("Outbound policies", "/policies"))
            page.blocks = [
                .form(
                    Form(
                        act: "change", "Save", title: "Change", fields: Rooms.policyFields(view) + [.reason(isRequired: false)],
                        hidden: ["seen": "\(seen)"]))
            ]
            if !view.isDefault {
                page.blocks.append(
                    .form(
                        Form(
                            act: "switch", view.disabled ? "Switch on" : "Switch off", look: .inline,
                            hidden: ["to": view.disabled ? "on" : "off"], label: "Switch the policy \(view.disabled ? "on" : "off")")))
                page.blocks.append(
                    .form(Form(act: "remove", "Remove", look: .inline, tone: .bad, label: "Remove the policy \(view.name)")))
            }
            return .page(page)
        }
    }

    private var policyTest: Room {
        Room("/policies/test", scopes(.limitsRead)) { request in
            let query = request.query
            var page = Page(
                "What would happen?", lead: "Asks the gate, by what counts now. Nothing is sent or counted.",
                back: Link("Outbound policies", "/policies"))
            page.blocks = [
                .form(
                    Form(
                        act: nil, "Ask",
                        fields: [
                            Field("sender", "Sender", value: query["sender"], hint: "An address, connector:NAME or api-key:NAME."),
                            Field(
                                "from", "From address", .input("email"), value: query["from"],
                                hint: "Chooses the policy; the sender's own otherwise."),
                            Field(
                                "external", "External recipients", .input("number"),
                                value: query["external"].isEmpty ? "1" : query["external"]),
                            Field("internal", "Internal recipients", .input("number"), value: query["internal"]),
                            Field("firstTime", "Of the external ones, met for the first time", .input("number"), value: query["firstTime"]),
                        ]))
            ]
            guard !query["sender"].isEmpty else { return .page(page) }
            var asked = request
            asked.form = query
            let view = try await perform(
                asked.input(PolicyTestInput.self, texts: ["sender", "from"], numbers: ["external", "internal", "firstTime"]).operation,
                request)
            let isTaken = view.reply.isEmpty
            page.blocks.append(
                .notice(
                    Notice(
                        isTaken ? .good : .bad, "\(view.decision.rawValue): \(view.text)", text: view.reply, items: view.warnings)))
            page.blocks += RoomWords.sentences(view.findings).map { .text($0) }
            page.blocks.append(.table(Rooms.table(view.limits)))
            return .page(page)
        }
    }
}
