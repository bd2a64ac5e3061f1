import Console
import MailModel
import OutboundPolicy
import Storage

/// Who is not written to, and what came back.
extension Rooms {
    private static let suppressionPage = 100
    private static let importLinesMax = 2000
    private static let exportMax = 100_000

    var suppressionRooms: [Room] { [suppressions, returns] }

    private var suppressions: Room {
        Room(
            "/suppressions", scopes(.suppressionsRead),
            acts: [
                "add": act({ request in
                    AddSuppression(
                        address: try request.address("address"), place: try Rooms.suppressionScope(request.form["place"]),
                        cause: SuppressionReason(rawValue: request.form["cause"]),
                        days: request.form["days"].isEmpty ? nil : try request.number("days", AddSuppression.daysRange))
                }) { view, _ in
                    .done("\(view.address) is on the list", to: PagePath.make("suppressions", query: ["address": view.address]))
                },
                "remove": act({ RemoveSuppression(address: try $0.address("address")) }) { _, request in
                    .done(
                        "\(request.form["address"]) is off the list",
                        to: PagePath.make("suppressions", query: ["address": request.form["address"]]))
                },
                "restore": act({ RestoreSuppression(address: try $0.address("address")) }) { _, request in
                    .done(
                        "\(request.form["address"]) is on the list again",
                        to: PagePath.make("suppressions", query: ["address": request.form["address"]]))
                },
                "import": act({ try Rooms.suppressionImport($0) }) { view, _ in
                    .done("\(view.changed.grouped) addresses were added", to: "/suppressions")
                },
                "export": Room.Act(scopes(.suppressionsRead)) { request in
                    .file(
                        name: "suppressions.csv", contentType: "text/csv; charset=utf-8", bytes: try await exportedSuppressions(request))
                },
            ]
        ) { request in
            var query = SuppressionQuery()
            query.pattern = request.query["q"].isEmpty ? nil : request.query["q"]
            query.reason = SuppressionReason(rawValue: request.query["cause"])
            query.includesRemoved = request.query.isOn("all")
            query.before = Int64(request.query["before"])
            query.limit = Rooms.suppressionPage
            var page = Page(
                "Suppression list", lead: "Addresses that are not written to. Every recipient is looked up right before an attempt.",
                blocks: [.links(Rooms.suppressionLinks("/suppressions"))])
            if let address = EmailAddress(request.query["address"]) {
                page.blocks += Rooms.checkBlocks(try await perform(CheckSuppression(address: address), request))
            }
            page.blocks.append(.form(Rooms.suppressionSearch(request)))
            page.blocks.append(.table(Rooms.suppressionTable(try await perform(ListSuppressions(query: query), request), request)))
            page.blocks += Rooms.suppressionForms
            return .page(page)
        }
    }

    private static func suppressionLinks(_ current: String) -> [Link] {
        [
            Link("Suppression list", "/suppressions", isCurrent: current == "/suppressions"),
            Link("What came back", "/returns", isCurrent: current == "/returns"),
        ]
    }

    private static func suppressionSearch(_ request: PageRequest) -> Form {
        let reasons = [Field.Option("", "any")] + SuppressionReason.allCases.map { Field.Option($0.rawValue, $0.rawValue) }
        return Form(
            act: nil, "Show", look: .row,
            fields: [
                Field("q", "Domain, or beginning of an address", .input("search"), value: request.query["q"]),
                Field("cause", "Reason", .select(reasons), value: request.query["cause"]),
                Field("all", "Taken off and ended too", .flag, value: request.query.isOn("all") ? "yes" : ""),
            ])
    }

    private static func suppressionTable(_ rows: [SuppressionView], _ request: PageRequest) -> Table {
        let more =
            rows.count < suppressionPage
            ? nil
            : rows.last.map { last in
                Link(
                    "Next page",
                    PagePath.make(
                        "suppressions",
                        query: [
                            "q": request.query["q"], "cause": request.query["cause"], "all": request.query.isOn("all") ? "yes" : "",
                            "before": "\(last.stamp)",
                        ]))
            }
        return Table(
            "Entries, the last changed first", ["Address", "Reason", "Keeps back", "Since", "Until", "Put there by"],
            rows.map(suppressionRow),
            empty: "No entries. Addresses that do not exist, and people who complain or unsubscribe, are put here by themselves.",
            more: more)
    }

    private static func suppressionRow(_ view: SuppressionView) -> [Table.Cell] {
        let until: Table.Cell =
            if !view.removed.isEmpty {
                Table.Cell("ended \(PageTime.text(view.removed))")
            } else if view.until.isEmpty {
                Table.Cell("for ever")
            } else {
                .time(view.until)
            }
        return [
            view.address.isEmpty
                ? Table.Cell("erased", note: String(view.hash.prefix(16)))
                : Table.Cell(view.address, href: PagePath.make("suppressions", query: ["address": view.address])),
            Table.Cell(view.reason.rawValue, tone: view.removed.isEmpty ? tone(view.reason) : .neutral), Table.Cell(scopeWords(view.scope)),
            .time(view.since), until, Table.Cell(view.source, note: view.note),
        ]
    }

    private static func scopeWords(_ scope: String) -> String {
        switch SuppressionScope(scope) {
        case .organisation: "all mail"
        case .tenant: "mail of the tenant"
        case .list(let name): "mail of the list \(name)"
        case .stream(let name): "\(name) mail"
        case nil: scope
        }
    }

    private static func tone(_ reason: SuppressionReason) -> Tone {
        switch reason.group {
        case .dead, .complaint: .bad
        case .soft: .warning
        case .unsubscribe, .manual: .info
        }
    }

    private static func checkBlocks(_ view: SuppressionCheckView) -> [Block] {
        let keeps = view.keeps.isEmpty ? "Mail of no list goes to it." : "No \(view.keeps.joined(separator: ", ")) mail goes to it."
        var blocks: [Block] = [
            .heading(view.address), .notice(Notice(view.keeps.isEmpty ? .good : .warning, keeps)),
            .table(
                Table(
                    "What is known of it", ["Address", "Reason", "Keeps back", "Since", "Until", "Put there by"],
                    view.entries.map(suppressionRow), empty: "Nothing.")),
        ]
        if view.entries.contains(where: { $0.removed.isEmpty }) {
            blocks.append(.form(suppressionForm("remove", "Take off the list", view.address, tone: .warning)))
        } else if !view.entries.isEmpty {
            blocks.append(.form(suppressionForm("restore", "Put back", view.address, tone: nil)))
        }
        return blocks
    }

    private static func suppressionForm(_ act: String, _ title: String, _ address: String, tone: Tone?) -> Form {
        Form(act: act, title, title: title, fields: [.reason()], hidden: ["address": address], tone: tone, label: "\(title): \(address)")
    }

    private static var suppressionForms: [Block] {
        let reasons: [SuppressionReason] = [.manual, .unsubscribe, .complaint, .addressDead]
        return [
            .form(
                Form(
                    act: "add", "Add", title: "Add an address",
                    fields: [
                        Field("address", "Address", .input("email"), isRequired: true),
                        Field("cause", "Reason of the entry", .select(reasons.map { Field.Option($0.rawValue, $0.rawValue) })),
                        Field("place", "Which mail", hint: "organisation (all), tenant, list:NAME or stream:campaign. Empty: all."),
                        Field("days", "For how many days", .input("number"), hint: "Empty: for ever."), .reason(),
                    ], isFolded: true)),
            .form(
                Form(
                    act: "import", "Import", title: "Import CSV",
                    intro: "Up to \(importLinesMax.grouped) lines; postern suppressions import takes files of any length.",
                    fields: [
                        Field(
                            "rows", "Lines", .area(8),
                            hint: "An address a line, or columns by name: address, hash, scope, reason, note, since, until.",
                            isRequired: true), .reason(),
                    ], isFolded: true)),
            .form(
                Form(
                    act: "export", "Export", title: "Export CSV",
                    intro: "The first \(exportMax.grouped) entries; postern suppressions export writes all of them.", isFolded: true)),
        ]
    }

    private static func suppressionScope(_ text: String) throws -> SuppressionScope? {
        guard !text.isEmpty else { return nil }
        guard let scope = SuppressionScope(text) else {
            throw Problem.invalid([FieldProblem(.body, "/place", "is none of organisation, tenant, list:NAME, stream:NAME")])
        }
        return scope
    }

    private static func suppressionImport(_ request: PageRequest) throws -> ImportSuppressions {
        var reader = SuppressionFile()
        let (first, last) = (reader.take(request.form["rows"].utf8), reader.finish())
        let (rows, problems) = (first.rows + last.rows, first.problems + last.problems)
        guard problems.isEmpty else {
            let words = problems.prefix(10).map(\.description).joined(separator: "; ")
            throw Problem.invalid([FieldProblem(.body, "/rows", "\(words). Nothing was imported.")])
        }
        guard (1...importLinesMax).contains(rows.count) else {
            throw Problem.invalid([FieldProblem(.body, "/rows", "holds \(rows.count) rows; 1 to \(importLinesMax) can be imported here")])
        }
        return ImportSuppressions(rows: rows, file: "console", isFirst: true)
    }

    private func exportedSuppressions(_ request: PageRequest) async throws -> [UInt8] {
        var text = SuppressionFile.heading
        var count = 0
        var after: String?
        repeat {
            let part = try await perform(ExportSuppressions(after: after), request)
            for row in part.rows { text += SuppressionFile.line(row) }
            count += part.rows.count
            after = part.next
        } while after != nil && count < Rooms.exportMax
        return Array(text.utf8)
    }
}
