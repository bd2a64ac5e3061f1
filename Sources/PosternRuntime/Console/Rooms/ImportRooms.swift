import Campaigns
import Console
import MailModel
import OutboundPolicy

/// The import of a file, step by step: upload, columns, errors at their cells, where the addresses come from, and how far it is.
extension Rooms {
    var importRooms: [Room] { [listImport, importDraft] }

    private var listImport: Room {
        Room(
            "/lists/{list}/import", scopes(.listsWrite),
            acts: ["upload": Room.Act(scopes(.listsWrite)) { request in try await upload(request) }]
        ) { request in
            let view = try await perform(ShowList(list: request["list"]), request)
            let fields = [
                Field("file", "A file", .input("file"), hint: "CSV, up to 8 MiB, in UTF-8 or Windows-1252; its first line has titles."),
                Field("content", "Or its text", .area(6)),
            ]
            return .page(
                Page(
                    "Import people", lead: "Into the list \(view.list). Nothing is kept before you have seen what is in it.",
                    back: Link(view.list, PagePath.make("lists", view.list)),
                    blocks: [
                        .form(Form(act: "upload", "Go on", title: "1 of 3: the file", fields: fields)),
                        .text("Larger files: postern lists import FILE.csv --list \(view.list) --source sign-up"),
                        .table(Rooms.addressLists(try await ifAllowed(ListAddressLists(), request) ?? [])),
                    ]))
        }
    }

    private static func addressLists(_ lists: [AddressListView]) -> Table {
        Table(
            "Lists that addresses are held against", ["List", "Of", "Entries", "Written", "Problem"],
            lists.map { list in
                [
                    Table.Cell(list.place), Table.Cell(list.kind == .roles ? "functions, such as info@" : "mailboxes that are thrown away"),
                    .number(list.entries), list.written.isEmpty ? Table.Cell("") : .time(list.written),
                    Table.Cell(list.problem, tone: list.problem.isEmpty ? nil : .warning),
                ]
            }, empty: "You may not see them.")
    }

    private func upload(_ request: PageRequest) async throws -> PageAnswer {
        let view = try await perform(ShowList(list: request["list"]), request)
        let file = request.form.file("file").flatMap { $0.octets.isEmpty ? nil : $0 }
        let octets = file?.octets ?? Array(request.form["content"].utf8)
        func refused(_ problem: String) -> Problem { .invalid([FieldProblem(.body, "/file", problem)]) }
        guard !octets.isEmpty else { throw refused("is missing: choose one, or put its text below") }
        guard octets.count <= ImportDrafts.fileBytesMax else { throw refused("has more than 8 MiB: use postern lists import") }
        guard !CSVReader.isOtherFormat(octets.prefix(4)) else {
            throw refused("is no CSV in UTF-8 or Windows-1252: save it as CSV (UTF-8)")
        }
        let name = String((file?.name ?? "").split { $0 == "/" || $0 == "\\" }.last ?? "typed in").prefix(100)
        let draft = ImportDrafts.Draft(
            list: view.list, owner: request.viewer.actor, file: name.filter { !$0.isNewline }, octets: octets, at: now())
        guard let made = drafts.add(draft) else {
            throw Problem.unavailable("Too many files are being imported just now. Try again in a few minutes.")
        }
        return .redirect(PagePath.make("lists", view.list, "import", made))
    }

    private var importDraft: Room {
        Room(
            "/lists/{list}/import/{draft}", scopes(.listsWrite), isPersonal: true,
            acts: [
                "look": Room.Act(scopes(.listsWrite)) { request in try await look(request) },
                "import": Room.Act(scopes(.listsWrite)) { request in try await begin(request) },
            ]
        ) { request in
            let draft = try draft(request)
            var page = Page(
                "Import people", lead: "\(draft.file), into the list \(draft.list).",
                back: Link(draft.list, PagePath.make("lists", draft.list)))
            switch draft.progress {
            case .open: page.blocks = Rooms.steps(draft)
            case .running, .done, .failed: page.blocks = [.live(id: "import", Rooms.standing(draft))]
            }
            return .page(page)
        }
    }

    private func draft(_ request: PageRequest) throws -> ImportDrafts.Draft {
        guard let draft = drafts.find(request["draft"], list: request["list"], owner: request.viewer.actor) else {
            throw Problem.notFound("This upload is gone: it is kept for an hour, in the memory of one node. Upload the file again.")
        }
        return draft
    }

    // MARK: - Acts

    private func look(_ request: PageRequest) async throws -> PageAnswer {
        let draft = try draft(request)
        guard case .open = draft.progress else { throw Problem.conflict("The import has begun.") }
        let preview = ImportPreview(draft.octets)
        var columns: [String: String] = [:]
        for (place, title) in preview.titles.enumerated() {
            switch request.form["column-\(place)"] {
            case "address" where place != preview.address: columns[title] = "address"
            case "-": columns[title] = "-"
            default: break
            }
        }
        // Where the addresses come from is asked for later: here the file alone is judged.
        let importer = ListImporter(
            list: draft.list, file: draft.file, source: .signUp, columns: columns, isTrial: true,
            lists: try await administration.addressLists())
        let outcome = try await run(importer, draft.octets, try act(request)) { _ in }
        drafts.change(request["draft"]) { ($0.columns, $0.looked, $0.touchedAt) = (columns, outcome, now()) }
        return .redirect(request.path)
    }

    private func begin(_ request: PageRequest) async throws -> PageAnswer {
        let draft = try draft(request)
        guard let source = ListSource(rawValue: request.form["source"]) else {
            throw Problem.invalid([FieldProblem(.body, "/source", "is none of the choices: say where the addresses come from")])
        }
        let (act, name, drafts) = (try act(request), request["draft"], drafts)
        let importer = ListImporter(
            list: draft.list, file: draft.file, source: source, columns: draft.columns, lists: try await administration.addressLists(),
            leftOut: Set(request.form.all("leaveOut").compactMap(DoubtfulAddress.init(rawValue:))))
        guard drafts.begin(name) else { throw Problem.conflict("The import has begun.") }
        // It goes on when the page is left.
        drafts.start {
            do {
                let outcome = try await run(importer, draft.octets, act) { octets in drafts.change(name) { $0.progress = .running(octets) }
                }
                drafts.change(name) { ($0.progress, $0.octets) = (.done(outcome), []) }
            } catch {
                drafts.change(name) { $0.progress = .failed("\(error)") }
            }
        }
        return .redirect(request.path)
    }

    private func run(
        _ importer: ListImporter, _ octets: [UInt8], _ act: Act, progress: (Int) -> Void
    ) async throws -> ImportOutcome {
        let steps = ListImporter.Steps(
            begin: { try await administration.perform($0, act) }, stage: { try await administration.perform($0, act) },
            end: { try await administration.perform($0, act) })
        var rest = octets[...]
        return try await importer.run(steps, fingerprint: ListImporter.Fingerprint(octets).text, progress: progress) {
            defer { rest = rest.dropFirst(Rooms.pieceBytes) }
            return Array(rest.prefix(Rooms.pieceBytes))
        }
    }

    private static let pieceBytes = 262_144

    // MARK: - Pages

    private static func steps(_ draft: ImportDrafts.Draft) -> [Block] {
        let preview = ImportPreview(draft.octets)
        let columns = Form(
            act: "look", draft.looked == nil ? "Look at it" : "Look again", title: "2 of 3: the columns",
            intro: preview.hasTitles ? "" : "The first line is a person: the address was found by itself, and nothing can be chosen.",
            fields: !preview.hasTitles
                ? []
                : preview.titles.enumerated().map { place, title in
                    let wish = draft.columns[title] ?? (preview.address == place ? "address" : "")
                    let options = [
                        Field.Option("", "Kept, as \(title.lowercased())"), Field.Option("address", "The address"),
                        Field.Option("-", "Left out"),
                    ]
                    let sample = preview.rows.compactMap { place < $0.count && !$0[place].isEmpty ? $0[place] : nil }.prefix(3)
                    return Field(
                        "column-\(place)", title, .select(options), value: wish,
                        hint: sample.isEmpty ? "Empty in the first rows." : "Such as: \(sample.joined(separator: " · "))")
                }, isFolded: draft.looked != nil)
        guard let outcome = draft.looked else { return [.form(columns)] }
        var blocks = Rooms.blocks(of: outcome)
        blocks.append(.form(columns))
        guard outcome.report.taken > 0 else { return blocks }
        let sources = [
            ("", "Please choose"), ("sign-up", "They signed up for this list"), ("customers", "Customers of the last two years"),
            ("members", "Members"), ("organisation", "People of the organisation"), ("event", "People at an event, or who asked something"),
            ("moved", "Moved here from another program, with their consent"), ("unknown", "Nobody knows"),
        ]
        let source = Field(
            "source", "Where the addresses come from", .select(sources.map { Field.Option($0.0, $0.1) }), isRequired: true)
        let doubtful = Rooms.doubtful(outcome.report)
        blocks.append(
            .form(
                Form(
                    act: "import",
                    doubtful.isEmpty ? "Import \(outcome.report.taken.grouped) people" : "Import them",
                    title: "3 of 3: where they come from",
                    intro: "You say so in your name, and the ledger keeps it. What is suppressed is left out; all of it counts at once.",
                    fields: [source] + doubtful + [.reason(isRequired: false)])))
        return blocks
    }

    /// What of the doubtful may be left out; nothing where nothing is.
    private static func doubtful(_ report: ImportReport) -> [Field] {
        func option(_ doubt: DoubtfulAddress, _ text: String) -> Field.Option? {
            report.count(doubt.rule) > 0 ? Field.Option(doubt.rawValue, text) : nil
        }
        let options = [
            option(.typo, "Domains that look like slips: \(report.count(.typo).grouped)"),
            option(.role, "Addresses of functions: \(report.count(.role).grouped)"),
            option(.disposable, "Mailboxes that are thrown away: \(report.count(.disposable).grouped)"),
        ].compactMap { $0 }
        guard !options.isEmpty else { return [] }
        return [
            Field("leaveOut", "Leave out", .checks(options), hint: "All \(report.taken.grouped) people are taken where nothing is ticked.")
        ]
    }

    private static func standing(_ draft: ImportDrafts.Draft) -> [Block] {
        switch draft.progress {
        case .open: []
        case .running(let octets):
            [
                .notice(
                    Notice(
                        .info, "\(min(100, 100 * octets / max(1, draft.octets.count))) % of the file is read",
                        text: "Nobody of it is on the list before its end. You may leave this page."))
            ]
        case .done(let outcome):
            [
                .notice(
                    Notice(
                        .good, "\(outcome.added.grouped) people added",
                        text: "\(outcome.report.alreadyOnList.grouped) were on the list before.",
                        link: Link("To the list", PagePath.make("lists", draft.list)))
                ),
                .links([Link("Begin a campaign", PagePath.make("campaigns", query: ["list": draft.list]))]),
            ] + blocks(of: outcome)
        case .failed(let problem):
            [
                .notice(
                    Notice(
                        .bad, "It was not imported", text: problem,
                        link: Link("Upload it again", PagePath.make("lists", draft.list, "import"))))
            ]
        }
    }
}

/// The first rows of a file.
struct ImportPreview {
    private(set) var titles: [String] = []
    private(set) var rows: [[String]] = []
    /// False where the first line is a person already.
    private(set) var hasTitles = true
    /// The column of the address, where it can be told.
    private(set) var address: Int?

    init(_ octets: [UInt8]) {
        var records: [[String]] = []
        var reader = CSVReader()
        octets.prefix(CSVReader.recordBytesMax * 2).withUnsafeBytes { part in
            reader.read(part, isLast: octets.count <= part.count) { if records.count < 6 { records.append($0.fields) } }
        }
        guard let first = records.first else { return }
        guard let mapping = try? ColumnMapping(first: first) else {
            titles = first
            rows = Array(records.dropFirst())
            return
        }
        (titles, address, hasTitles) = (mapping.titles, mapping.address, mapping.hasHeader)
        rows = mapping.hasHeader ? Array(records.dropFirst()) : records
    }
}
