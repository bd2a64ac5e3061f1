import Campaigns
import Console
import MailModel
import OutboundPolicy

/// What people see of a list on the web, and what they agreed to.
extension Rooms {
    private static let languageNames = ["en": "English", "de": "German", "fr": "French", "es": "Spanish"]

    var listPages: Room {
        Room(
            "/lists/{list}/pages", scopes(.listsRead),
            acts: [
                "set": act(Rooms.change) { view, _ in
                    .done("The pages of \(view.list) are changed", to: PagePath.make("lists", view.list, "pages"))
                }
            ]
        ) { request in
            let view = try await perform(ShowListPages(list: request["list"]), request)
            var page = Page(
                "Pages on the web", lead: "What strangers and subscribers of \(view.list) see. Nothing is there before you switch it on.",
                back: Link(view.list, PagePath.make("lists", view.list)))
            var facts = [Fact("Form version", "\(view.formVersion)", note: "rises when the words change")]
            if !view.form.isEmpty { facts.insert(Fact("Form", view.form, href: view.form), at: 0) }
            if !view.archive.isEmpty { facts.append(Fact("Archive", view.archive, href: view.archive)) }
            page.blocks.append(.facts(facts))
            page.blocks.append(.form(Rooms.form(view)))
            if !view.form.isEmpty {
                page.blocks.append(.heading("For your own site"))
                page.blocks.append(.text("This form leads to the same page. The words that people agree to have to stand beside it."))
                page.blocks.append(.code(Rooms.embedded(view)))
            }
            return .page(page)
        }
    }

    private static func form(_ view: ListPagesView) -> Form {
        let on = [
            ("sign-up", "People may put themselves on the list", view.takesSignUps),
            ("public", "Its people see it in the preference centre of other lists", view.isPublic),
            ("archive", "Everybody may read past campaigns", view.hasArchive),
            ("tracking", "The form asks, apart, for consent to counting opens and links", view.asksTracking),
        ]
        let wording = ListPages.languages.map { language in
            Field(
                "wording-\(language)", "What people say yes to, in \(languageNames[language] ?? language)", .area(3),
                value: view.wording[language] ?? "", hint: language == "en" ? "Empty: our own words. Kept with each consent." : "")
        }
        let languages = [Field.Option("", "The reader's own")] + ListPages.languages.map { Field.Option($0, languageNames[$0] ?? $0) }
        return Form(
            act: "set", "Save", title: "Settings",
            fields: [
                Field(
                    "on", "What there is", .checks(on.map { Field.Option($0.0, $0.1) }), values: on.filter(\.2).map(\.0)),
                Field("from", "Confirmations come from", value: view.from, hint: "Such as: News <news@example.org>."),
                Field("about", "What the list is about", value: view.about, hint: "A sentence, shown at the form."),
                Field("language", "Language of the pages", .select(languages), value: view.language),
            ] + wording + [.reason(isRequired: false)])
    }

    private static func change(_ request: PageRequest) -> SetListPages {
        var change = SetListPages(list: request["list"])
        let on = Set(request.form.all("on"))
        (change.takesSignUps, change.isPublic) = (on.contains("sign-up"), on.contains("public"))
        (change.hasArchive, change.asksTracking) = (on.contains("archive"), on.contains("tracking"))
        (change.from, change.about, change.language) = (request.form["from"], request.form["about"], request.form["language"])
        change.wording = Dictionary(uniqueKeysWithValues: ListPages.languages.map { ($0, request.form["wording-\($0)"]) })
        return change
    }

    private static func embedded(_ view: ListPagesView) -> String {
        """
        <form method="post" action="\(view.form)">
          <label for="email">Your email address</label>
          <input id="email" name="email" type="email" autocomplete="email" required>
          <input name="website" type="text" tabindex="-1" autocomplete="off" aria-hidden="true" style="position:absolute;left:-100vw">
          <button>Subscribe</button>
        </form>
        """
    }

    // MARK: - Consent

    static func moments(_ entries: [PersonView.Entry]) -> [Moment] {
        entries.map { entry in
            Moment(
                entry.time, "\(entry.act) \(entry.subject)", note: entry.list.isEmpty ? "all lists" : entry.list,
                tone: entry.act == "granted" ? .good : entry.act == "withdrawn" ? .bad : .neutral, words: entry.wording,
                texts: [
                    "Basis: \(entry.basis). Source: \(entry.source).",
                    entry.act != "granted"
                        ? "" : entry.expires.isEmpty ? "Holds until it is withdrawn." : "Ends by itself at \(entry.expires).",
                    entry.wordingHash.isEmpty ? "" : "Wording (SHA-256): \(entry.wordingHash), form version \(entry.formVersion).",
                ].filter { !$0.isEmpty })
        }
    }

    /// One person's consent on a sheet of paper.
    var certificate: Room {
        Room("/subscribers/{address}/certificate", scopes(.subscribersRead)) { request in
            let person = try await perform(ShowSubscriber(address: try request.pathAddress("address")), request)
            var page = Page(
                "Consent certificate", lead: "What \(person.address) agreed to, as the ledger of this gate has it. To be printed.",
                back: Link(person.address, PagePath.make("subscribers", person.address)))
            page.blocks.append(
                .facts([
                    Fact("Person", person.address), Fact("Made", now().rfc3339),
                    Fact("Entries", "\(person.consent.count)", note: "added, never changed"),
                ]))
            let rows = person.lists.map { row in
                [
                    Table.Cell(row.list), Table.Cell(row.subscribed ? "subscribed" : "unsubscribed"), Table.Cell(row.consent),
                    Table.Cell(row.trackingConsent), .time(row.added), Table.Cell(row.broughtBy),
                ]
            }
            page.blocks.append(
                .table(
                    Table(
                        "What holds today", ["List", "State", "Consent to mail", "To counting", "Since", "Brought by"], rows,
                        empty: "On no list.")))
            page.blocks.append(.heading("The ledger"))
            page.blocks.append(.timeline(Rooms.moments(person.consent)))
            return .page(page)
        }
    }

    static func consentForm(_ person: PersonView) -> Form {
        let lists = [Field.Option("", "All lists")] + person.lists.map { Field.Option($0.list, $0.list) }
        let bases = [
            ("express", "The person said yes"), ("relationship", "Customer or member"), ("inquiry", "Asked something"),
            ("organisation", "Employment or study"),
        ]
        return Form(
            act: "consent", "Add to the ledger", title: "Record what was said elsewhere",
            fields: [
                Field(
                    "act", "What", .select([Field.Option("granted", "Consent was given"), Field.Option("withdrawn", "It was withdrawn")])),
                Field(
                    "subject", "To what", .select([Field.Option("mail", "Mail"), Field.Option("tracking", "Counting opens and links")])),
                Field("list", "List", .select(lists)),
                Field("basis", "Ground", .select(bases.map { Field.Option($0.0, $0.1) })),
                Field("source", "Where it was said", hint: "Such as: paper form at the fair, box 3.", isRequired: true),
                Field("wording", "The exact words", .area(3), hint: "Kept once, under their hash."),
                Field("version", "Version of the form"), .reason(isRequired: false),
            ], isFolded: true)
    }

    static func consent(_ request: PageRequest) throws -> RecordConsent {
        guard let act = ConsentAct(rawValue: request.form["act"]), let subject = ConsentSubject(rawValue: request.form["subject"]),
            let basis = ConsentBasis(rawValue: request.form["basis"])
        else { throw Problem.invalid("this page does not record that") }
        var entry = RecordConsent(
            address: try request.pathAddress("address"), list: request.form["list"].isEmpty ? nil : request.form["list"], act: act,
            source: request.form["source"])
        (entry.subject, entry.basis) = (subject, basis)
        entry.wording = request.form["wording"].isEmpty ? nil : request.form["wording"]
        entry.formVersion = request.form["version"].isEmpty ? nil : request.form["version"]
        return entry
    }

    // MARK: - Links and opens

    static func blocks(of responses: CampaignReport.Responses) -> [Block] {
        guard responses.counted else { return [] }
        let rules: [ResponseReading.Rule: String] = [
            .head: "asked for the header alone", .soon: "sooner than people read", .program: "a program", .scanner: "a security scanner",
            .applePrivacy: "Apple's Mail Privacy Protection", .gmailProxy: "Gmail's image proxy", .yahooProxy: "Yahoo's image proxy",
        ]
        return [
            .heading("Links and opens"),
            .text("Counted of people who consented to it, and of nobody else."),
            .tiles([
                Tile("Opened", responses.opens.grouped, note: "people"),
                Tile("By proxies", responses.proxyOpens.grouped, note: "most of them people"),
                Tile("Links followed", responses.clicks.grouped, note: "people, once a link"),
                Tile("Machines", (responses.machineOpens + responses.machineClicks).grouped, note: "not counted above"),
            ]),
            .table(
                Table(
                    "Links", ["Link", "People", "Times", "By machines"],
                    responses.links.map { [Table.Cell($0.address), .number($0.people), .number($0.total), .number($0.machine)] },
                    empty: "Nobody followed one yet.")),
            .table(
                Table(
                    "Taken for machines", ["Why", "Opens", "Clicks"],
                    responses.machines.map { [Table.Cell(rules[$0.rule] ?? ""), .number($0.opens), .number($0.clicks)] },
                    empty: "None.")),
        ]
    }
}
