import Console
import ContentScan
import MailModel
import OutboundPolicy

extension Rooms {
    var scanRooms: [Room] { [scanning, scanTrial, duplicates, pools] }

    // MARK: - Policy

    private var scanning: Room {
        Room(
            "/scanning", scopes(.policiesRead),
            acts: [
                "set": act({ SetScanPolicy(changes: try Rooms.scanChanges($0.form)) }) { _, _ in
                    .done("Saved; the next message is judged by it", to: "/scanning")
                },
                "actions": act({ SetScanPolicy(changes: try Rooms.scanActions($0.form)) }) { _, _ in .done("Saved", to: "/scanning") },
                "opinion": act({ SetScanPolicy(changes: try Rooms.opinionChanges($0)) }) { _, _ in .done("Saved", to: "/scanning") },
            ]
        ) { request in
            let seen = "\(try await directoryVersion())"
            let policy = try await perform(ShowScanPolicy(), request)
            var page = Page("Scanning", lead: "How messages are judged before they are taken, and what is done then.")
            page.blocks = [
                .facts(Rooms.facts(policy)),
                .form(
                    Form(
                        act: nil, "Try", action: "/scanning/trial", title: "Try other weights",
                        intro: "Shows which messages of the last days would be judged differently. Nothing is changed.",
                        fields: Rooms.scoreFields(policy) + [
                            Field("days", "Days back", .input("number"), value: "7", hint: "1 to 90.")
                        ])),
            ]
            if request.viewer.may(scopes(.policiesWrite)) {
                page.blocks += [
                    .form(Rooms.actionForm(policy, seen: seen)), .form(Rooms.opinionForm(policy.secondOpinion, seen: seen)),
                ]
            }
            page.blocks.append(.table(Rooms.rules(policy)))
            return .page(page)
        }
    }

    private static func facts(_ policy: ScanPolicyView) -> [Fact] {
        let opinion = policy.secondOpinion.map { "\($0.url), \($0.timeoutMilliseconds) ms" } ?? "none"
        return [
            Fact("Suspicious", "from \(policy.suspiciousFrom)", note: words(policy.suspicious)),
            Fact("Spam", "from \(policy.spamFrom)", note: words(policy.spam)),
            Fact("Reviewer", policy.reviewer.isEmpty ? "none" : policy.reviewer), Fact("Second opinion", opinion),
        ]
    }

    private static func words(_ action: SuspiciousAction) -> String {
        switch action {
        case .deliver: "is delivered"
        case .copy: "is delivered, and the reviewer gets a copy"
        case .hold: "waits for a person"
        }
    }

    private static func words(_ action: SpamAction) -> String {
        switch action {
        case .highRisk: "leaves by the high-risk pool"
        case .hold: "waits for a person, and leaves by the high-risk pool if at all"
        }
    }

    private static func rules(_ policy: ScanPolicyView) -> Table {
        Table(
            "Rules",
            [Table.Column("Rule"), Table.Column("Weight", isNumber: true), Table.Column("Usual", isNumber: true), Table.Column("It says")],
            policy.rules.map { rule in
                [
                    Table.Cell(rule.rule), Table.Cell("\(rule.weight)", tone: rule.weight == rule.usual ? nil : .info),
                    Table.Cell("\(rule.usual)"), Table.Cell(rule.explanation),
                ]
            }, empty: "There are no rules.")
    }

    private static func scoreFields(_ policy: ScanPolicyView) -> [Field] {
        let own = policy.rules.filter { $0.weight != $0.usual }.map { "\($0.rule)=\($0.weight)" }
        return [
            Field("suspiciousFrom", "Suspicious from", value: "\(policy.suspiciousFrom)"),
            Field("spamFrom", "Spam from", value: "\(policy.spamFrom)"),
            Field(
                "weights", "Weights of your own", .area(5), value: own.joined(separator: "\n"),
                hint: "One a line, such as links.shortener=3, from -20 to 20. What is not named has its usual weight."),
        ]
    }

    private static func actionForm(_ policy: ScanPolicyView, seen: String) -> Form {
        Form(
            act: "actions", "Save", title: "What is done",
            fields: [
                Field(
                    "suspicious", "Suspicious mail",
                    .radio(SuspiciousAction.allCases.map { Field.Option($0.rawValue, words($0)) }), value: policy.suspicious.rawValue),
                Field(
                    "spam", "Spam", .radio(SpamAction.allCases.map { Field.Option($0.rawValue, words($0)) }), value: policy.spam.rawValue),
                Field(
                    "reviewer", "Reviewer", .input("email"), value: policy.reviewer,
                    hint: "An address of the organisation; gets copies of suspicious mail."),
                .reason(isRequired: false),
            ], hidden: ["seen": seen])
    }

    private static func opinionForm(_ opinion: ScanPolicyView.Opinion?, seen: String) -> Form {
        Form(
            act: "opinion", "Save", title: "Second opinion",
            intro: "rspamd is asked about each message, and what it says is one more finding.",
            fields: [
                Field(
                    "url", "URL of rspamd", value: opinion?.url ?? "",
                    hint: "Of its normal worker, such as http://127.0.0.1:11333. Empty: nobody is asked.", autocomplete: "off"),
                Field(
                    "password", "Password", .input("password"), hint: "Kept sealed. Empty: as it was.", autocomplete: "new-password"),
                Field(
                    "timeout", "Time-out in milliseconds", .input("number"),
                    value: "\(opinion?.timeoutMilliseconds ?? SecondOpinion.usualTimeout)"),
                Field(
                    "whenDown", "While it gives no answer",
                    .radio([
                        Field.Option("without", "mail is judged without it"), Field.Option("defer", "clients are told to come again (451)"),
                    ]),
                    value: opinion?.whenDown.rawValue ?? SecondOpinion.WhenDown.without.rawValue),
                Field(
                    "weight", "Weight", value: "\(opinion?.weight ?? SecondOpinion.usualWeight)",
                    hint: "What a message gains that rspamd would just reject."), .reason(isRequired: false),
            ], hidden: ["seen": seen], isFolded: opinion == nil)
    }

    static func scanChanges(_ form: FormValues) throws -> ScanPolicyChanges {
        var changes = ScanPolicyChanges()
        changes.suspiciousFrom = try decimal(form, "suspiciousFrom")
        changes.spamFrom = try decimal(form, "spamFrom")
        // What is not named has its usual weight.
        changes.weights =
            ScanRule.allCases.map { ScanWeightChange(rule: $0.rawValue, weight: nil) }
            + (try form.lines("weights").map { line in
                let parts = line.split(separator: "=", omittingEmptySubsequences: false).map { $0.filter { !$0.isWhitespace } }
                guard parts.count == 2, let weight = Double(parts[1]) else {
                    throw Problem.invalid([FieldProblem(.body, "/weights", "holds \"\(line.prefix(60))\", which is no rule=weight")])
                }
                return ScanWeightChange(rule: parts[0], weight: weight)
            })
        return changes
    }

    private static func scanActions(_ form: FormValues) throws -> ScanPolicyChanges {
        var changes = ScanPolicyChanges()
        changes.suspicious = SuspiciousAction(rawValue: form["suspicious"])
        changes.spam = SpamAction(rawValue: form["spam"])
        changes.reviewer = form["reviewer"]
        return changes
    }

    private static func opinionChanges(_ request: PageRequest) throws -> ScanPolicyChanges {
        var (changes, opinion) = (ScanPolicyChanges(), SecondOpinionChanges())
        opinion.url = request.form["url"]
        let password = request.form.exactly("password")
        if !password.isEmpty { opinion.password = password }
        opinion.timeoutMilliseconds = try request.number("timeout", SecondOpinion.timeoutRange)
        opinion.whenDown = SecondOpinion.WhenDown(rawValue: request.form["whenDown"])
        opinion.weight = try decimal(request.form, "weight")
        changes.secondOpinion = opinion
        return changes
    }

    private static func decimal(_ form: FormValues, _ name: String) throws -> Double? {
        guard !form[name].isEmpty else { return nil }
        guard let number = Double(form[name]), number.isFinite else {
            throw Problem.invalid([FieldProblem(.body, "/\(name)", "is no number")])
        }
        return number
    }

    // MARK: - Dry run

    /// Messages that a page looks at; the command goes on for as long as wanted.
    private static let trialMax = 20_000

    private var scanTrial: Room {
        Room("/scanning/trial", scopes(.traceRead)) { request in
            let changes = try Rooms.scanChanges(request.query)
            let days = min(90, max(1, Int(request.query["days"]) ?? 7))
            var operation = TryScanPolicy(changes: changes, since: now() - .seconds(Int64(days) * 86_400), until: now())
            var trial = try await perform(operation, request)
            while let next = trial.next, trial.looked + trial.unknown < Rooms.trialMax, trial.changes.count < 1000, !Task.isCancelled {
                operation.from = next
                trial.add(try await perform(operation, request))
            }
            var page = Page(
                "Dry run", lead: Rooms.lead(trial, days: days), back: Link("Scanning", "/scanning"), blocks: [.table(Rooms.table(trial))])
            if trial.next != nil {
                page.blocks.insert(
                    .notice(Notice(.info, "There are more messages", text: "The command looks at all of them: postern scan trial.")), at: 0)
            }
            if request.viewer.may(scopes(.policiesWrite)) {
                let seen = ("seen", "\(try await directoryVersion())")
                let hidden = ["suspiciousFrom", "spamFrom", "weights"].map { ($0, request.query[$0]) } + [seen]
                page.blocks.append(
                    .form(
                        Form(
                            act: "set", "Put them in force", action: "/scanning", title: "These weights",
                            fields: [.reason(isRequired: false)], hidden: Dictionary(uniqueKeysWithValues: hidden))))
            }
            return .page(page)
        }
    }

    private static func lead(_ trial: ScanTrialPart, days: Int) -> String {
        let unknown =
            trial.unknown == 0
            ? "" : " Of \(trial.unknown.grouped) nothing is known: they were not scanned, and their content is no longer kept."
        return "\(trial.changes.count.grouped) of \(RoomWords.count(trial.looked, "message", "messages")) of the last "
            + "\(RoomWords.count(days, "day", "days")) would be judged differently.\(unknown)"
    }

    private static func table(_ trial: ScanTrialPart) -> Table {
        Table(
            "Judged differently", ["Subject", "Sender", "Received", "Was", "Would be", "Because of"],
            trial.changes.prefix(200).map { change in
                [
                    Table.Cell(change.subject.isEmpty ? "(no subject)" : change.subject, href: PagePath.make("trace", change.message)),
                    Table.Cell(change.sender), .time(change.time), verdict(change.was, change.wasScore),
                    verdict(change.becomes, change.score),
                    Table.Cell(change.because.map { "\($0.rule.replacing("scan.", with: "")) \($0.weight)" }.joined(separator: ", ")),
                ]
            }, empty: "None.")
    }

    static func verdict(_ kind: ScanKind, _ score: Double) -> Table.Cell { Table.Cell(kind.rawValue, tone: tone(kind), note: "\(score)") }

    static func tone(_ kind: ScanKind) -> Tone {
        switch kind {
        case .clean: .good
        case .bulk: .info
        case .suspicious: .warning
        case .spam: .bad
        }
    }

    // MARK: - Copies of one text

    private var duplicates: Room {
        Room("/duplicates", scopes(.traceRead)) { request in
            let sender = request.query["sender"]
            let groups = try await perform(ListDuplicates(sender: sender.isEmpty ? nil : sender), request)
            if let group = groups.first(where: { $0.id == request.query["group"] }) { return .page(Rooms.page(group)) }
            let table = Table(
                "Within 24 hours, most recipients first",
                [
                    Table.Column("Last"), Table.Column("Messages", isNumber: true), Table.Column("Recipients", isNumber: true),
                    Table.Column("Senders"), Table.Column("Counts as"),
                ],
                groups.map { group in
                    [
                        Table.Cell(
                            PageTime.text(group.last), href: PagePath.make("duplicates", query: ["group": group.id])),
                        .number(group.messages), .number(group.recipients),
                        Table.Cell(senders(group), note: group.connectors > 1 ? "\(group.connectors) connectors" : ""),
                        Table.Cell(group.isPattern ? "one pattern" : "", tone: group.isPattern ? .warning : nil),
                    ]
                }, empty: "No text was sent more than once.")
            return .page(
                Page(
                    "Copies", lead: "Messages that say nearly the same, whatever names and links were put in.",
                    blocks: [
                        .form(
                            Form(
                                act: nil, "Show", look: .row,
                                fields: [Field("sender", "With the sender", .input("search"), value: sender)])),
                        .live(id: "groups", [.table(table)]),
                    ]))
        }
    }

    private func senders(_ group: DuplicateGroupView) -> String {
        let names = Set(group.members.map(\.sender)).sorted()
        return names.prefix(3).joined(separator: ", ") + (group.senders > 3 ? " and \(group.senders - 3) more" : "")
    }

    private static func page(_ group: DuplicateGroupView) -> Page {
        Page(
            "Copies of one text",
            lead:
                "\(RoomWords.count(group.messages, "message", "messages")) to \(RoomWords.count(group.recipients, "recipient", "recipients")).",
            back: Link("Copies", "/duplicates"),
            blocks: [
                .table(
                    Table(
                        "The newest of them", ["Time", "Sender", "Connector", "Recipients", "Message"],
                        group.members.reversed().map { member in
                            [
                                .time(member.time), Table.Cell(member.sender, href: PagePath.make("limits", member.sender)),
                                Table.Cell(member.connector), .number(member.recipients),
                                Table.Cell(
                                    member.messageID,
                                    href: member.messageID.isEmpty ? nil : PagePath.make("trace", query: ["q": member.messageID])),
                            ]
                        }, empty: "None is remembered."))
            ])
    }

    // MARK: - Pools

    private var pools: Room {
        Room("/pools", scopes(.routesRead)) { request in
            let rows = try await perform(ListPools(), request)
            var page = Page("Pools", lead: "Risky mail leaves from addresses of its own, so that the good ones stay good.")
            for row in rows where !row.warning.isEmpty {
                page.blocks.append(.notice(Notice(.warning, "The pool \(row.pool) has no source", text: row.warning)))
            }
            page.blocks += rows.map { row in
                .live(
                    id: "pool-\(row.pool)",
                    [
                        .heading(row.pool), .text(row.carries),
                        .table(
                            Table(
                                "Sources of the pool \(row.pool)",
                                [
                                    Table.Column("Source"), Table.Column("Route"), Table.Column("Weight", isNumber: true),
                                    Table.Column("State"),
                                ],
                                row.sources.map { source in
                                    [
                                        Table.Cell(
                                            source.source.isEmpty ? "the route's own" : source.source,
                                            href: source.source.isEmpty ? nil : PagePath.make("sources", source.source)),
                                        Table.Cell(source.route, href: PagePath.make("routes", source.route)),
                                        Table.Cell(source.weight == 0 ? "" : "\(source.weight)"),
                                        Table.Cell(
                                            source.state.rawValue,
                                            tone: source.state == .available ? .good : source.state == .disabled ? .neutral : .bad),
                                    ]
                                }, empty: "Nothing carries it.")),
                    ])
            }
            return .page(page)
        }
    }
}
