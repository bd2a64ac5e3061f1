import Console
import MailModel
import OutboundPolicy

/// How senders' addresses are written: on the pages of connectors and routes.
extension Rooms {
    /// What the `try` of a page's query becomes; nothing where nothing is asked.
    func rewritingTest(_ request: PageRequest, connector: String? = nil, route: String? = nil) async throws -> [Block] {
        let text = request.query["try"]
        guard !text.isEmpty else { return [] }
        guard let address = EmailAddress(text) else {
            return [.notice(Notice(.warning, "\"\(text.prefix(100))\" is no address, such as root@printer"))]
        }
        let test = try await ifAllowed(TestRewriting(address: address, connector: connector, route: route), request)
        return test.map { [Rooms.answer($0)] } ?? []
    }

    /// Puts the rules that the form has. `name`: of the path's piece that names the owner.
    func rewrite<Owner: RewritingOwner>(_ owner: Owner.Type, name: String) -> Room.Act {
        act(
            { request in
                let rules = try request.form.lines("rules").map { text in
                    guard let rule = AddressRewriteRule(text) else {
                        throw Problem.invalid([FieldProblem(.body, "/rules", "holds \"\(text.prefix(100))\", which is no PATTERN=ADDRESS")])
                    }
                    return rule
                }
                guard !rules.isEmpty else { return SetRewriting<Owner>(name: request[name], rules: []) }
                return SetRewriting<Owner>(
                    name: request[name], rules: rules, parts: request.form.all("parts").compactMap(AddressRewriting.Part.init),
                    original: AddressRewriting.Original(rawValue: request.form["original"]))
            }, done: { _, request in .done("Saved", to: request.path) })
    }

    /// `tried`: an address, and what it becomes. `seen`: the directory's version that is shown.
    static func rewriting(_ view: RewritingView?, tried: (address: String, answer: [Block]), seen: Int64) -> [Block] {
        let rows = (view?.rules ?? []).map { rule in
            let equals = rule.lastIndex(of: "=") ?? rule.endIndex
            return [Table.Cell(String(rule[..<equals]), isCode: true), Table.Cell(String(rule[equals...].dropFirst()), isCode: true)]
        }
        let parts = view?.parts ?? Array(AddressRewriting.partsStandard)
        let form = Form(
            act: "rewrite", "Save", title: "Change how addresses are written",
            intro: "Senders' addresses only; recipients are never rewritten.",
            fields: [
                Field(
                    "rules", "Rules", .area(4), value: view?.rules.joined(separator: "\n") ?? "",
                    hint:
                        "PATTERN=ADDRESS, one a line; the first that fits decides. A star stands for any text, and *@DOMAIN as address keeps "
                        + "the local part. None: as they come."),
                Field(
                    "parts", "Where", .checks(AddressRewriting.Part.allCases.map { Field.Option($0.rawValue, words($0)) }),
                    values: parts.map(\.rawValue)),
                Field(
                    "original", "From as it was", .select(AddressRewriting.Original.allCases.map { Field.Option($0.rawValue, words($0)) }),
                    value: (view?.original ?? .dropped).rawValue), .reason(isRequired: false),
            ], hidden: ["seen": "\(seen)"], isFolded: true)
        let ask = Form(
            act: nil, "Try it", look: .row,
            fields: [Field("try", "What would become of", value: tried.address, hint: "Such as root@printer.")], label: "Try an address")
        let table = Table(
            "How senders' addresses are written", ["That look like", "Are written as"], rows, empty: "They stay as they come.")
        return [.heading("Addresses"), .table(table), .form(ask)] + tried.answer + [.form(form)]
    }

    private static func answer(_ test: RewritingTestView) -> Block {
        let result = test.steps.last?.address ?? test.address
        let items = test.steps.map { "By \($0.by): \($0.address), \($0.rule.isEmpty ? "no rule fits" : "by \($0.rule)")." }
        return .notice(
            Notice(
                result == test.address ? .neutral : .info,
                result == test.address ? "\(test.address) stays" : "\(test.address) becomes \(result)",
                text: test.user.isEmpty ? "" : "Handed on as \(test.user).", items: items))
    }

    private static func words(_ part: AddressRewriting.Part) -> String {
        switch part {
        case .envelope: "the envelope sender (MAIL FROM)"
        case .from: "From and Sender"
        case .replyTo: "Reply-To"
        }
    }

    private static func words(_ original: AddressRewriting.Original) -> String {
        switch original {
        case .dropped: "is dropped"
        case .replyTo: "is kept in Reply-To, where the message has none"
        case .field: "is kept in X-Original-From"
        }
    }
}
