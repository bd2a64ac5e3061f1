import Campaigns
import Console
import MailModel
import OutboundPolicy

extension Rooms {
    var peopleRooms: [Room] { [lists, list, listPages, subscribers, subscriber, certificate, advice] + importRooms }

    private var lists: Room {
        Room(
            "/lists", scopes(.listsRead),
            acts: [
                "add": act({ request in
                    let title = request.form["title"]
                    return AddList(
                        list: try await listName(request.form["name"], title: title, field: "title"), title: title.isEmpty ? nil : title)
                }) { view, _ in .done("The list \(view.list) is made", to: PagePath.make("lists", view.list, "import")) }
            ]
        ) { request in
            let rows = try await perform(ListLists(), request)
            let table = Table(
                "Lists", ["List", "Title", "Subscribed", "Unsubscribed", "Made"],
                rows.map { row in
                    [
                        Table.Cell(row.list, href: PagePath.make("lists", row.list)), Table.Cell(row.title), .number(row.subscribed),
                        .number(row.unsubscribed), .time(row.created),
                    ]
                }, empty: "No lists yet. Make one, then import people.")
            let add = Form(
                act: "add", "Make the list", title: "Make a list",
                fields: [
                    Field("title", "Title", value: request.query["title"], hint: "As people read it."),
                    Field("name", "Name", hint: "a to z, 0 to 9, - and _. Empty: made from the title."),
                    .reason(isRequired: false),
                ], isFolded: !rows.isEmpty && !request.query.holds("title"))
            return .page(Page("Lists", lead: "Who gets campaigns, and what they agreed to.", blocks: [.table(table), .form(add)]))
        }
    }

    /// The name that was given, or one made from the title.
    func listName(_ name: String, title: String, field: String) async throws -> String {
        guard name.isEmpty else { return name }
        let lists = try await administration.directory().lists
        guard let made = NameFromTitle.make(title, isTaken: { lists[$0] != nil }) else {
            throw Problem.invalid([FieldProblem(.body, "/\(field)", "holds nothing that a name could be made from: give a name too")])
        }
        return made
    }

    private var list: Room {
        Room(
            "/lists/{list}", scopes(.listsRead),
            acts: [
                "remove": act({ RemoveList(list: $0["list"]) }) { outcome, request in
                    .done("The list \(request["list"]) is gone; it had \(outcome.count.grouped) people", to: "/lists")
                }
            ]
        ) { request in
            let view = try await perform(ShowList(list: request["list"]), request)
            var page = Page(view.title.isEmpty ? view.list : view.title, lead: "The list \(view.list).", back: Link("Lists", "/lists"))
            page.blocks.append(
                .tiles([
                    Tile("Subscribed", view.subscribed.grouped), Tile("Unsubscribed", view.unsubscribed.grouped),
                    Tile("Imports", view.imports.count.grouped),
                ]))
            if let open = view.imports.first(where: { $0.state == "under way" }) {
                page.blocks.append(
                    .notice(
                        Notice(
                            .warning, "The import of \(open.file) is not finished",
                            text:
                                "It is kept up to line \(open.line.grouped), and nobody of it is on the list. The same import again goes on with it."
                        )))
            }
            page.blocks.append(
                .links([
                    Link("Import people", PagePath.make("lists", view.list, "import")),
                    Link("Begin a campaign", PagePath.make("campaigns", query: ["list": view.list])),
                    Link("Pages on the web", PagePath.make("lists", view.list, "pages")),
                ]))
            page.blocks.append(contentsOf: try await segmentBlocks(view.list, request))
            page.blocks.append(contentsOf: try await peopleBlocks(view.list, request))
            page.blocks.append(.table(Rooms.importTable(view.imports)))
            page.blocks.append(
                .form(
                    Form(
                        act: "remove", "Remove the list", title: "Remove the list", intro: "Its people go with it.", fields: [.reason()],
                        tone: .bad,
                        isFolded: true)))
            return .page(page)
        }
    }

    private static func importTable(_ imports: [ListImportView]) -> Table {
        Table(
            "Imports, newest first", ["Import", "File", "Source", "Said by", "State", "Rows", "Taken", "Risk"],
            imports.map { run in
                [
                    Table.Cell("\(run.number)", time: ""), Table.Cell(run.file, note: run.started), Table.Cell(run.source),
                    Table.Cell(run.attestedBy),
                    Table.Cell(run.state, tone: run.state == "done" ? .good : run.state == "dropped" ? .neutral : .warning),
                    .number(run.rows),
                    .number(run.taken), Table.Cell(run.risk, tone: Rooms.tone(risk: run.risk)),
                ]
            }, empty: "Nobody was imported yet.")
    }

    private static func tone(risk: String) -> Tone? {
        switch risk {
        case "low": .good
        case "medium": .warning
        case "high": .bad
        default: nil
        }
    }

    private func segmentBlocks(_ list: String, _ request: PageRequest) async throws -> [Block] {
        let text = request.query["segment"]
        var blocks: [Block] = [
            .form(
                Form(
                    act: nil, "Count", look: .row,
                    fields: [Field("segment", "Segment", value: text, hint: "Such as: city = London and consent is valid.")]))
        ]
        guard !text.isEmpty else { return blocks }
        do {
            let view = try await perform(CountSegment(list: list, segment: text), request)
            blocks.append(.text("\(view.matching.grouped) of \(view.subscribed.grouped) people are in this segment."))
        } catch let error as AdministrationError where error.kind == .invalid {
            blocks.append(.notice(Notice(.warning, error.problem, text: error.advice)))
        }
        return blocks
    }

    private func peopleBlocks(_ list: String, _ request: PageRequest) async throws -> [Block] {
        let after = request.query["after"]
        guard let page = try await ifAllowed(ListSubscribers(list: list, after: after.isEmpty ? nil : after, limit: 50), request) else {
            return []
        }
        let table = Table(
            "People", ["Address", "State", "Known of them", "Added"],
            page.items.map { row in
                [
                    Table.Cell(row.address, href: PagePath.make("subscribers", row.address)),
                    Table.Cell(row.subscribed ? "subscribed" : "unsubscribed", tone: row.subscribed ? .good : .neutral),
                    Table.Cell(row.attributes.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", ")),
                    .time(row.added),
                ]
            }, empty: "Nobody is on this list.",
            more: page.next.map { Link("Next page", PagePath.make("lists", list, query: ["after": $0])) })
        return [.table(table)]
    }

    static func blocks(of outcome: ImportOutcome) -> [Block] {
        let report = outcome.report
        let rows = report.findings.prefix(100).map { finding in
            [
                Table.Cell("\(finding.line)"), Table.Cell(finding.title), Table.Cell(finding.value, isCode: true),
                Table.Cell(finding.problem, tone: finding.rule.isError ? .bad : .warning), Table.Cell(finding.advice),
            ]
        }
        var blocks: [Block] = [
            .tiles([
                Tile("Can be written to", report.taken.grouped, tone: report.taken > 0 ? .good : .bad),
                Tile("Errors", report.errors.grouped, note: "left out", tone: report.errors > 0 ? .bad : .neutral),
                Tile("Left out", (report.leftOut ?? 0).grouped, note: "as you chose"),
                Tile("Twice", report.count(.duplicate).grouped, note: "taken once"), Tile("Rows", report.rows.grouped),
                Tile(
                    "Risk", outcome.risk.level.rawValue, note: "first mail to \(outcome.canary.grouped)",
                    tone: tone(risk: outcome.risk.level.rawValue) ?? .neutral),
            ])
        ]
        if !outcome.risk.reasons.isEmpty {
            blocks.append(
                .notice(Notice(outcome.risk.level == .high ? .bad : .warning, "Why there is a risk", items: outcome.risk.reasons)))
        }
        if let warnings = outcome.warnings {
            blocks.append(.notice(Notice(.warning, "Not all lists count that addresses are held against", items: warnings)))
        }
        blocks.append(
            .table(Table("At their cells", ["Line", "Column", "Cell", "Problem", "What to do"], rows, empty: "Nothing is wrong with it.")))
        return blocks
    }

    private var subscribers: Room {
        Room("/subscribers", scopes(.subscribersRead)) { request in
            let text = request.query["address"]
            if let address = EmailAddress(text) { return .done("", to: PagePath.make("subscribers", address.description)) }
            var page = Page("Subscribers", lead: "Find a person: lists, and what the person agreed to.")
            if !text.isEmpty { page.blocks.append(.notice(Notice(.warning, "That is no address"))) }
            page.blocks.append(
                .form(Form(act: nil, "Find", look: .row, fields: [Field("address", "Address", .input("search"), value: text)])))
            return .page(page)
        }
    }

    private var subscriber: Room {
        Room(
            "/subscribers/{address}", scopes(.subscribersRead),
            acts: [
                "set": act({ request in
                    SetSubscription(
                        list: request.form["list"], address: try request.pathAddress("address"), subscribed: request.form["to"] == "on")
                }) { _, request in .done("Done", to: PagePath.make("subscribers", request["address"])) },
                "consent": act(Rooms.consent) { view, _ in
                    .done("The ledger has \(view.consent.count) entries", to: PagePath.make("subscribers", view.address))
                },
                "erase": act({ EraseSubscriber(address: try $0.pathAddress("address")) }) { _, _ in
                    .done("The person is forgotten", to: "/lists")
                },
            ]
        ) { request in
            .page(Rooms.page(try await perform(ShowSubscriber(address: try request.pathAddress("address")), request)))
        }
    }

    /// What is known of a person.
    private static func page(_ person: PersonView) -> Page {
        var page = Page(
            person.address, lead: "Lists, and the consent ledger: entries are added and never changed.",
            back: Link("Subscribers", "/subscribers"))
        let lists = person.lists.map { row in
            [
                Table.Cell(row.list, href: PagePath.make("lists", row.list)),
                Table.Cell(row.subscribed ? "subscribed" : "unsubscribed", tone: row.subscribed ? .good : .neutral),
                Table.Cell(row.consent, tone: row.consent == "valid" ? .good : .warning), Table.Cell(row.trackingConsent),
                Table.Cell(row.broughtBy),
                Table.Cell.acts([
                    .button(
                        row.subscribed ? "Unsubscribe" : "Subscribe", act: "set",
                        hidden: ["list": row.list, "to": row.subscribed ? "off" : "on"],
                        label: row.subscribed ? "Take \(person.address) off \(row.list)" : "Put \(person.address) back on \(row.list)")
                ]),
            ]
        }
        page.blocks.append(
            .table(Table("Lists", ["List", "State", "Consent to mail", "To tracking", "Brought by", "Act"], lists, empty: "On no list.")))
        for row in person.lists where !row.attributes.isEmpty {
            page.blocks.append(.heading("Known on \(row.list)"))
            page.blocks.append(.facts(row.attributes.sorted { $0.key < $1.key }.map { Fact($0.key, $0.value) }))
        }
        page.blocks.append(.heading("Consent ledger"))
        page.blocks.append(.links([Link("Consent certificate, to print", PagePath.make("subscribers", person.address, "certificate"))]))
        page.blocks.append(.timeline(Rooms.moments(person.consent)))
        page.blocks.append(.form(Rooms.consentForm(person)))
        page.blocks.append(
            .form(
                Form(
                    act: "erase", "Forget this person", title: "Forget this person", intro: "Off all lists, and out of the ledger.",
                    fields: [.reason()], tone: .bad, isFolded: true)))
        return page
    }
}
