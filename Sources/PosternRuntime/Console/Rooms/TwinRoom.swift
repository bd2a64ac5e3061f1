import Console
import MailModel
import OutboundPolicy

/// The twin of Exchange Online that `./run` starts beside the gate: what it thinks, and what can be done to it.
extension Rooms {
    var tryingOutRooms: [Room] { [simulations, simulation, twin] }

    private var twin: Room {
        Room("/twin", scopes(.statusRead), acts: ["act": controlTwin]) { request in
            let view = try await perform(ShowTwin(), request)
            var page = Page(
                "Twin", lead: "A provider to try things on: it answers as Exchange Online does, and nothing leaves the machine.")
            guard let state = view.state else {
                page.blocks = [
                    .notice(
                        Notice(
                            .neutral, "No twin runs with this gate",
                            text: "./run starts one as its outside world. Without it: postern twin exchange-online."))
                ]
                return .page(page)
            }
            page.blocks = [
                .live(id: "state", [.tiles(Rooms.tiles(state)), .table(Rooms.mailboxes(state)), .table(Rooms.alerts(state))]),
                .form(Rooms.jumpForm), .form(Rooms.rightForm(state)), .form(Rooms.policyForm(state)),
                .live(id: "arrived", [.table(Rooms.arrived(view.messages))]),
            ]
            if let own = view.page { page.blocks.append(.text("Its own page: \(own)")) }
            return .page(page)
        }
    }

    private var controlTwin: Room.Act {
        act(
            { request in
                ControlTwin(
                    try request.input(
                        TwinAct.self, texts: ["act", "mailbox", "address", "action"],
                        numbers: ["seconds", "externalPerHour", "internalPerHour", "recipientsPerDay"],
                        flags: request.form["on"].isEmpty && request.form["off"].isEmpty ? [] : ["on"]))
            }, done: { _, request in .done("Done to the twin", to: request.path) })
    }

    private static func tiles(_ state: TwinStateView) -> [Tile] {
        let stopped = state.mailboxes.count { $0.restriction != nil || $0.throttle != nil }
        let policy = state.policy
        return [
            Tile("Its clock", Rooms.clock(state.now), note: "\(state.now.prefix(10)) UTC, \(state.clock)"),
            Tile(
                "External recipients in 24 hours", state.tenant.externalOfDay.grouped,
                note: "of \(state.tenant.quota.grouped) of the tenant",
                tone: RoomWords.tone(percent: state.tenant.externalOfDay * 100 / max(1, state.tenant.quota))),
            Tile(
                "Throttled or restricted", stopped.grouped, note: RoomWords.count(state.mailboxes.count, "mailbox", "mailboxes"),
                tone: stopped > 0 ? .bad : .good),
            Tile(
                "External an hour", policy.externalPerHour == 0 ? "no limit" : policy.externalPerHour.grouped,
                note: "for each mailbox, then \(policy.action)"),
        ]
    }

    private static func mailboxes(_ state: TwinStateView) -> Table {
        let policy = state.policy
        let limits = (hour: policy.externalPerHour, day: state.settings["recipientsPerDay"] ?? 0)
        func used(_ count: Int, of limit: Int) -> Table.Cell {
            guard limit > 0 else { return .number(count) }
            let percent = min(100, count * 100 / limit)
            return Table.Cell("\(count.grouped) of \(limit.grouped)", tone: RoomWords.tone(percent: percent), meter: percent)
        }
        return Table(
            "Mailboxes of \(state.tenant.domains.first ?? "")",
            [
                Table.Column("Mailbox"), Table.Column("State"), Table.Column("External, hour", isNumber: true),
                Table.Column("Recipients, 24 h", isNumber: true), Table.Column("Taken", isNumber: true),
                Table.Column("Refused", isNumber: true),
                Table.Column("Acts"),
            ],
            state.mailboxes.map { box in
                let words = box.words
                return [
                    Table.Cell(box.address, note: box.sendAs.isEmpty ? "" : "may send as \(box.sendAs.joined(separator: ", "))"),
                    Table.Cell(words.isEmpty ? "sends" : words.joined(separator: "; "), tone: words.isEmpty ? .good : .bad),
                    used(box.externalOfHour, of: limits.hour), used(box.recipientsOfDay, of: limits.day), .number(box.accepted),
                    .number(box.refused), .acts(acts(box)),
                ]
            }, empty: "There are none.")
    }

    private static func acts(_ box: TwinMailboxView) -> [Form] {
        func button(_ text: String, _ act: String, isOn: Bool?, _ label: String) -> Form {
            var hidden = ["act": act, "mailbox": box.address]
            if let isOn { hidden[isOn ? "on" : "off"] = "yes" }
            return .button(text, act: "act", hidden: hidden, label: "\(label) \(box.address)")
        }
        var forms = [
            button(box.full ? "Empty" : "Fill", "full", isOn: !box.full, box.full ? "Empty the mailbox" : "Fill the mailbox"),
            button(
                box.licensed ? "Take licence" : "Give licence", "licensed", isOn: !box.licensed,
                box.licensed ? "Take the licence of" : "Give a licence to"),
        ]
        if box.restriction != nil { forms.append(button("Unblock", "release", isOn: nil, "Unblock")) }
        return forms
    }

    private static func alerts(_ state: TwinStateView) -> Table {
        Table(
            "What its administrators are told", ["Alert", "Severity", "About", "Times", "At"],
            state.alerts.prefix(20).map { alert in
                [
                    Table.Cell(alert.name), Table.Cell(alert.severity), Table.Cell(alert.entity), .number(alert.hits), .time(alert.at),
                ]
            }, empty: "Nothing so far.")
    }

    private static func arrived(_ messages: [TwinMessageView]) -> Table {
        Table(
            "What arrived, newest first", ["Subject", "From", "To", "Accepted", "Leaves by"],
            messages.map { message in
                let more = message.recipients.count > 3 ? " …" : ""
                return [
                    Table.Cell(message.subject.isEmpty ? "(none)" : message.subject),
                    Table.Cell(message.sender.isEmpty ? "<>" : message.sender),
                    Table.Cell(message.recipients.prefix(3).joined(separator: ", ") + more), .time(message.acceptedAt),
                    Table.Cell(
                        "\(message.pool) pool", tone: message.pool == "normal" ? .good : .warning, note: message.left ? "" : "delayed"),
                ]
            }, empty: "Nothing yet.")
    }

    private static let jumpForm = Form(
        act: "act", "Move on", title: "Move its clock on",
        fields: [
            Field(
                "seconds", "By",
                .select([
                    Field.Option("60", "a minute"), Field.Option("3600", "an hour"), Field.Option("86400", "a day"),
                    Field.Option("604800", "a week"),
                ]), value: "3600", hint: "Throttles and limits pass; the gate's own clock stays as it is.")
        ], hidden: ["act": "jump"], isFolded: true)

    private static func rightForm(_ state: TwinStateView) -> Form {
        Form(
            act: "act", "Change", title: "Send As rights",
            fields: [
                Field("mailbox", "Mailbox", .select(state.mailboxes.map { Field.Option($0.address, $0.address) })),
                Field("address", "May send as", .input("email"), isRequired: true),
                Field("act", "Right", .radio([Field.Option("grant", "granted"), Field.Option("revoke", "revoked")]), value: "grant"),
            ], isFolded: true)
    }

    private static func policyForm(_ state: TwinStateView) -> Form {
        Form(
            act: "act", "Change", title: "Outbound policy",
            fields: [
                Field(
                    "externalPerHour", "External recipients an hour", .input("number"), value: "\(state.policy.externalPerHour)",
                    hint: "0: no limit."),
                Field("internalPerHour", "Internal recipients an hour", .input("number"), value: "\(state.policy.internalPerHour)"),
                Field("recipientsPerDay", "Recipients a day", .input("number"), value: "\(state.policy.recipientsPerDay)"),
                Field(
                    "action", "Then",
                    .select(["Alert", "BlockUserForToday", "BlockUser"].map { Field.Option($0, $0) }), value: state.policy.action),
            ], hidden: ["act": "policy"], isFolded: true)
    }
}
