import Console
import DeliveryPlanning
import Foundation
import MailModel
import OutboundPolicy

/// What receivers' replies lead to. A rule is tried on what was recorded before it is put.
extension Rooms {
    var ruleRooms: [Room] { [rules, replay, rule] }

    private var rules: Room {
        Room("/rules", scopes(.routesRead), acts: ["check": checkRule(name: nil), "put": putRule]) { request in
            let query = request.query
            let rows = try await perform(ListDeliveryRules(), request)
            let proof = try await perform(TestDeliveryRules(), request)
            var page = Page("Delivery rules", lead: "What is done when a receiver's reply says something. The first that fits decides.")
            if !proof.mistakes.isEmpty {
                page.blocks.append(
                    .notice(Notice(.bad, "The set is not proved", items: proof.mistakes.map { "\($0.rule): \($0.text)" })))
            }
            page.blocks.append(
                .form(
                    Form(
                        act: nil, "Test", title: "Test this reply",
                        fields: [
                            Field("text", "The receiver's reply", .area(2), value: query["text"]),
                            Rooms.providerField("Whose hosts said it", query["provider"]),
                        ])))
            if !query["text"].isEmpty {
                page.blocks += try await tested(query["text"], provider: MailProvider(rawValue: query["provider"]), request)
            }
            page.blocks.append(.links([Link("Decide recorded replies again", "/rules/replay"), Link("What is held back now", "/shaping")]))
            page.blocks.append(.form(Rooms.ruleForm(nil)))
            page.blocks.append(.table(Rooms.table(rows)))
            return .page(page)
        }
    }

    private func tested(_ text: String, provider: MailProvider?, _ request: PageRequest) async throws -> [Block] {
        let view = try await perform(TestDeliveryRules(text: text, provider: provider), request)
        guard !view.rule.isEmpty else { return [.notice(Notice(.neutral, "No rule fits", text: "The code alone decides."))] }
        let lasts = view.seconds > 0 ? "\(view.action) for \(RoomWords.duration(seconds: view.seconds))" : view.action
        return [
            .notice(
                Notice(.info, "The rule \(view.rule) decides", text: lasts, link: Link("The rule", PagePath.make("rules", view.rule))))
        ]
    }

    private static func table(_ rows: [DeliveryRuleView]) -> Table {
        Table(
            "In the order in which they are tried", ["Rule", "Replies of", "Fits", "Does", "When", "State"],
            rows.map { row in
                let rule = row.rule
                return [
                    Table.Cell(rule.name, href: PagePath.make("rules", rule.name)), Table.Cell(rule.provider?.rawValue ?? "anybody"),
                    Table.Cell(pattern(rule), isCode: true), Table.Cell(action(rule)), Table.Cell(trigger(rule)),
                    Table.Cell(
                        rule.isDisabled ? "off" : row.own ? "own" : "default",
                        tone: rule.isDisabled ? .warning : row.own ? .info : nil),
                ]
            }, empty: "There are none.")
    }

    private static func pattern(_ rule: DeliveryRule) -> String {
        let codes = rule.codes.map { $0 < 10 ? "\($0)xx" : "\($0)" } + rule.enhanced
        return [codes.joined(separator: "|"), rule.words].filter { !$0.isEmpty }.joined(separator: " ")
    }

    private static func action(_ rule: DeliveryRule) -> String {
        rule.action.lasts ? "\(rule.action.rawValue) for \(RoomWords.duration(seconds: rule.seconds))" : rule.action.rawValue
    }

    private static func trigger(_ rule: DeliveryRule) -> String {
        rule.trigger.count > 1
            ? "\(rule.trigger.count) times in \(RoomWords.duration(seconds: rule.trigger.seconds))" : "at once"
    }

    // MARK: - One rule

    private var rule: Room {
        Room(
            "/rules/{rule}", scopes(.routesRead),
            acts: [
                "check": checkRule(name: "rule"), "put": putRule,
                "remove": act({ RemoveDeliveryRule(name: $0["rule"]) }) { _, request in
                    .done("Your rule \(request["rule"]) is gone", to: "/rules")
                },
            ]
        ) { request in
            guard let row = try await perform(ListDeliveryRules(), request).first(where: { $0.rule.name == request["rule"] }) else {
                throw Problem.notFound("There is no rule \(request["rule"].prefix(100)).")
            }
            let rule = row.rule
            var page = Page(
                rule.name, lead: row.own ? "Your own rule." : "Comes with Postern; a changed one stands in for it.",
                back: Link("Delivery rules", "/rules"))
            page.blocks = [
                .facts([
                    Fact("Replies of", rule.provider?.rawValue ?? "anybody"), Fact("Fits", Rooms.pattern(rule), isCode: true),
                    Fact("Does", Rooms.action(rule)), Fact("When", Rooms.trigger(rule)),
                    Fact("State", rule.isDisabled ? "off" : "on", tone: rule.isDisabled ? .warning : .good),
                ]), .table(Rooms.samples(rule)), .form(Rooms.ruleForm(rule)),
            ]
            if row.own {
                page.blocks.append(.form(.button("Remove your rule", act: "remove", tone: .bad, label: "Remove your rule \(rule.name)")))
            }
            return .page(page)
        }
    }

    private static func samples(_ rule: DeliveryRule) -> Table {
        Table(
            "What proves it", ["Text", "It must"],
            rule.matches.map { [Table.Cell($0, isCode: true), Table.Cell("match", tone: .good)] }
                + rule.differs.map { [Table.Cell($0, isCode: true), Table.Cell("not match", tone: .neutral)] },
            empty: "Nothing.")
    }

    /// No field is called as a method of a form is (`matches`): in a browser it would stand in its place.
    private static func ruleForm(_ rule: DeliveryRule?) -> Form {
        let isNew = rule == nil
        let fields = [
            Rooms.providerField("Replies of", rule?.provider?.rawValue ?? ""),
            Field(
                "codes", "Codes", value: rule?.codes.map(String.init).joined(separator: " ") ?? "",
                hint: "Such as 421 450, or 4 for all of them."),
            Field(
                "enhanced", "Enhanced codes", value: rule?.enhanced.joined(separator: " ") ?? "",
                hint: "Such as 4.7.28, or 4.7. for all of these."),
            Field(
                "words", "Words", value: rule?.words ?? "",
                hint: "Lower case: … for anything between, {a|b} for either, # for a number, ^ for the beginning."),
            Field(
                "action", "Does", .select(DeliveryRule.Action.allCases.map { Field.Option($0.rawValue, $0.rawValue) }),
                value: rule?.action.rawValue ?? ""),
            Field("seconds", "For seconds", .input("number"), value: rule.map { $0.seconds > 0 ? "\($0.seconds)" : "" } ?? ""),
            Field("triggerCount", "When it came so many times", .input("number"), value: rule.map { "\($0.trigger.count)" } ?? "1"),
            Field(
                "triggerSeconds", "Within seconds", .input("number"),
                value: rule.map { $0.trigger.count > 1 ? "\($0.trigger.seconds)" : "" } ?? ""),
            Field(
                "mustMatch", "Replies that it must match", .area(3), value: rule?.matches.joined(separator: "\n") ?? "",
                hint: "A line each.",
                isRequired: true),
            Field(
                "mustNotMatch", "Replies that look like it, and are not meant", .area(3),
                value: rule?.differs.joined(separator: "\n") ?? "",
                hint: "A line each.", isRequired: true),
            Field("disabled", "Switched off", .flag, values: rule?.isDisabled == true ? ["yes"] : []),
        ]
        return Form(
            act: "check", "Prove it", title: isNew ? "Write a rule" : "Change",
            intro: "Nothing is put yet: it is proved, and tried on recorded replies.",
            fields: (isNew ? [Field("name", "Name", isRequired: true)] : []) + fields, isFolded: true)
    }

    private static func providerField(_ label: String, _ value: String) -> Field {
        Field(
            "provider", label,
            .select([Field.Option("", "anybody")] + MailProvider.allCases.map { Field.Option($0.rawValue, $0.rawValue) }), value: value)
    }

    // MARK: - Trying and putting

    /// Proves the rule that the form describes, and shows what it would change. `name`: the field of the path that names it; nil where the
    /// form does.
    private func checkRule(name: String?) -> Room.Act {
        Room.Act(scopes(.routesWrite)) { request in
            var fixed = name.map { ["name": JSONValue.string(request[$0])] } ?? [:]
            fixed["codes"] = .array(
                try request.form.list("codes").map { text in
                    guard let code = Int64(text) else {
                        throw Problem.invalid([FieldProblem(.body, "/codes", "holds \"\(text.prefix(40))\", which is no number")])
                    }
                    return .integer(code)
                })
            fixed["matches"] = .array(request.form.lines("mustMatch").map(JSONValue.string))
            fixed["differs"] = .array(request.form.lines("mustNotMatch").map(JSONValue.string))
            let rule = try request.input(
                RuleInput.self, texts: ["name", "provider", "words", "action"], lists: ["enhanced"],
                numbers: ["triggerCount", "triggerSeconds", "seconds"], flags: ["disabled"], fixed: fixed
            ).rule
            let rows = try await perform(ReplayDeliveryRules(changed: [rule]), request)
            let changed = rows.filter(\.changed)
            var page = Page("The rule \(rule.name)", lead: "It is proved, and not put yet.", back: Link("Delivery rules", "/rules"))
            page.blocks = [
                .notice(
                    Notice(
                        changed.isEmpty ? .neutral : .info,
                        changed.isEmpty
                            ? "No recorded reply would have been decided otherwise"
                            : "\(RoomWords.count(changed.reduce(0) { $0 + $1.count }, "recipient's reply", "recipients' replies")) would have been decided otherwise",
                        text: "It does: \(Rooms.action(rule)), \(Rooms.trigger(rule)).")),
                .table(Rooms.table(changed, empty: "None of the trace's last 10 000 recipients got a reply that it changes.")),
                .form(
                    Form(
                        act: "put", "Put the rule", title: "Let it decide", fields: [.reason(isRequired: false)],
                        hidden: ["rule": try JSONText.encode(rule)], cancel: Link("Not now", "/rules"))),
            ]
            return .page(page)
        }
    }

    private var putRule: Room.Act {
        act(
            { request in
                guard let rule = try? JSONText.decode(DeliveryRule.self, from: Data(request.form["rule"].utf8)) else {
                    throw Problem.invalid("This is no rule; please check it once more.")
                }
                return SetDeliveryRule(rule: rule)
            }, done: { view, _ in .done("The rule \(view.rule.name) decides from now on", to: PagePath.make("rules", view.rule.name)) })
    }

    private var replay: Room {
        Room("/rules/replay", scopes(.traceRead)) { request in
            let rows = try await perform(ReplayDeliveryRules(), request)
            return .page(
                Page(
                    "Recorded replies",
                    lead: "How the set as it is decides what receivers said to the last 10 000 recipients of the trace.",
                    back: Link("Delivery rules", "/rules"),
                    blocks: [.table(Rooms.table(Array(rows.prefix(200)), empty: "No receiver has refused anything lately."))]))
        }
    }

    private static func table(_ rows: [RuleReplayView], empty: String) -> Table {
        Table(
            "Replies",
            [Table.Column("Reply"), Table.Column("Recipients", isNumber: true), Table.Column("Now"), Table.Column("With the change")],
            rows.prefix(200).map { row in
                [
                    Table.Cell(
                        row.reply, href: PagePath.make("explain", query: ["text": row.reply]),
                        note: row.provider.isEmpty ? "" : "said by \(row.provider)"), .number(row.count),
                    Table.Cell(row.before.isEmpty ? "no rule" : row.before),
                    Table.Cell(row.after.isEmpty ? "no rule" : row.after, tone: row.changed ? .info : nil),
                ]
            }, empty: empty)
    }
}
