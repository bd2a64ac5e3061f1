import Console
import MailModel
import OutboundPolicy

extension Rooms {
    var restricted: Room {
        Room(
            "/restricted", scopes(.restrictionsRead),
            acts: [
                "add": act({ request in
                    AddRestriction(entity: try Rooms.entity(request.form["entity"]), isExternalOnly: request.form.isOn("external"))
                }) { view, _ in
                    .done("\(view.entity) is restricted, and its queued mail is held", to: PagePath.make("restricted", view.entity))
                }
            ]
        ) { request in
            let showsAll = request.query.isOn("all")
            let rows = try await perform(ListRestrictions(all: showsAll), request)
            let table = Table(
                showsAll ? "Restricted now or before" : "Restricted now", ["Who", "State", "Why", "Since", "Until", "Stops"],
                rows.map { view in
                    [
                        Table.Cell(view.entity, href: PagePath.make("restricted", view.entity)),
                        Table.Cell(view.state, tone: view.state == "restricted" ? .bad : .good),
                        Table.Cell(view.reason, note: view.rule), .time(view.since),
                        view.until.isEmpty ? Table.Cell("a person releases it") : .time(view.until), Table.Cell("\(view.stops) mail"),
                    ]
                }, empty: "Nobody is restricted. Everybody may send within the limits.")
            let form = Form(
                act: "add", "Restrict", title: "Restrict somebody yourself",
                intro: "New mail is refused with 550 5.1.8 at once, on every node; queued mail is held.",
                fields: [
                    Field(
                        "entity", "Who", value: request.query["entity"],
                        hint: "sender:a@example.org, connector:NAME, or organisation.", isRequired: true),
                    Field("external", "Only mail to external recipients", .flag), .reason(),
                ], tone: .bad, isFolded: true)
            return .page(
                Page(
                    "Restricted senders", lead: "Who may not send, and why.",
                    blocks: [
                        .links([
                            Link("Now", "/restricted", isCurrent: !showsAll),
                            Link("Before too", "/restricted?all=yes", isCurrent: showsAll),
                            Link("Throttled for repeated errors", "/throttles"),
                        ]),
                        .live(id: "restricted", [.table(table)]), .form(form),
                    ]))
        }
    }

    static func entity(_ text: String) throws -> RestrictedEntity {
        if let entity = RestrictedEntity(text) { return entity }
        if let address = EmailAddress(text) { return .sender(address.key) }
        throw Problem.invalid([FieldProblem(.body, "/entity", "is no sender:ADDRESS, connector:NAME or organisation")])
    }

    var restriction: Room {
        Room(
            "/restricted/{entity}", scopes(.restrictionsRead),
            acts: [
                "release": act({ request in
                    ReleaseRestriction(
                        entity: try Rooms.entity(request["entity"]), checks: request.form.all("checks"),
                        mail: ReleaseRestriction.Mail(rawValue: request.form["mail"]) ?? .keep)
                }) { outcome, request in
                    let entity = outcome.restriction.entity
                    guard outcome.mailHeld > 0 else { return .done("\(entity) may send again.", to: request.path) }
                    return .done(
                        "\(entity) may send again. Of its mail, \(outcome.mailHeld.grouped) recipients are still held.", to: request.path)
                }.asking(releaseQuestion),
                "approve": act({ ApproveRelease(entity: try Rooms.entity($0["entity"])) }) { _, request in
                    .done("You have agreed to the release", to: request.path)
                },
                "export": Room.Act(scopes(.restrictionsRead)) { request in
                    let entity = try Rooms.entity(request["entity"])
                    let export = try await perform(ExportRestriction(entity: entity, redacts: request.form.isOn("redact")), request)
                    return .file(
                        name: "restriction-\(export.restriction.reference).json", contentType: "application/json",
                        bytes: Array(try JSONText.data(export)))
                },
            ]
        ) { request in
            .page(restrictionPage(try await perform(ShowRestriction(entity: try Rooms.entity(request["entity"])), request)))
        }
    }

    /// What is done with the mail cannot be taken back, and what was not checked may be why it was restricted.
    @Sendable private func releaseQuestion(_ request: PageRequest) async throws -> Room.Question? {
        let view = try await perform(ShowRestriction(entity: try Rooms.entity(request["entity"])), request)
        let isLetGo = request.form["mail"] == ReleaseRestriction.Mail.release.rawValue
        let isCancelled = request.form["mail"] == ReleaseRestriction.Mail.cancel.rawValue
        let left = Rooms.releaseChecks.filter { !request.form.all("checks").contains($0.value) }.map { $0.text.lowercased() }
        guard isLetGo || isCancelled || !left.isEmpty else { return nil }
        let seen = view.evidence
        var texts: [String] = []
        if isLetGo {
            texts.append(
                "The mail of \(view.entity) that has not left goes out (\(Rooms.unsent(view))), and cannot be called back.")
            if seen.judgedSpam > 0 {
                texts.append("Of the messages before, \(seen.judgedSpam.grouped) of \(seen.judged.grouped) were judged spam.")
            }
        }
        if isCancelled {
            texts.append(
                "The mail of \(view.entity) that has not left is cancelled (\(Rooms.unsent(view))), and cannot be sent after all.")
        }
        if !left.isEmpty { texts.append("Not ticked: \(left.joined(separator: "; ")).") }
        return Room.Question(texts.joined(separator: " "), isLetGo ? "Release, and let the mail go" : "Release")
    }

    private func restrictionPage(_ view: RestrictionView) -> Page {
        let isInForce = view.state == "restricted"
        var page = Page(view.entity, lead: view.reason, back: Link("Restricted senders", "/restricted"))
        let force =
            isInForce
            ? [
                Fact("Until", view.until.isEmpty ? "a person releases it" : PageTime.text(view.until)),
                Fact("Stops", "\(view.stops) mail; it can still receive"),
            ] : view.state == "released" ? view.releases.last.map(Rooms.released) ?? [] : [Fact("Ended", PageTime.text(view.until))]
        page.blocks = [
            .facts(
                [Fact("State", view.state, tone: isInForce ? .bad : .good), Fact("Since", PageTime.text(view.since))] + force + [
                    Fact(
                        "Mail that has not left", Rooms.unsent(view),
                        href: view.sender.isEmpty ? nil : PagePath.make("queue", query: ["sender": view.sender])),
                    Fact("Rule", view.rule, isCode: true),
                    Fact("Reference", view.reference, note: "stands in the refusal that the sender sees", isCode: true),
                ] + (view.approvedBy.isEmpty ? [] : [Fact("Release approved by", view.approvedBy)]))
        ]
        page.blocks += evidence(view)
        if isInForce { page.blocks += releaseForms(view) }
        page.blocks.append(
            .form(
                Form(
                    act: "export", "Export", title: "For second-level support",
                    intro: "Evidence, trace, findings and audit as one JSON file.",
                    fields: [Field("redact", "Leave out subjects, and shorten addresses", .flag, value: "yes")], isFolded: true)))
        page.blocks.append(
            .table(
                Table(
                    "Releases", ["By", "When", "Reason", "Checked", "Agreed to by"],
                    view.releases.map {
                        [
                            Table.Cell($0.actor), .time($0.time), Table.Cell($0.reason), Table.Cell($0.checks.joined(separator: ", ")),
                            Table.Cell($0.approver),
                        ]
                    }, empty: "It was not released before.")))
        return page
    }

    private func evidence(_ view: RestrictionView) -> [Block] {
        let seen = view.evidence
        var blocks: [Block] = [
            .heading("Evidence of the 24 hours before"),
            .tiles([
                Tile("messages", seen.messages.grouped),
                Tile("first-time recipients", seen.firstTimeRecipients.grouped, note: "met for the first time in 90 days"),
                Tile("near duplicates", seen.nearDuplicates.grouped),
                Tile("judged spam", "\(seen.judgedSpam.grouped) of \(seen.judged.grouped)"),
            ]),
        ]
        if !seen.limits.isEmpty {
            blocks.append(
                .table(
                    Table(
                        "Limits", [Table.Column("Limit"), Table.Column("Used", isNumber: true), Table.Column("Limit", isNumber: true)],
                        seen.limits.map { [Table.Cell($0.limit, note: $0.text), .number($0.used), .number($0.value)] }, empty: "None.")))
        }
        let samples = [
            ("Subjects", seen.subjects), ("Recipients", seen.recipients), ("Signed in from", seen.addresses),
            ("Client names", seen.clientNames),
        ].filter { !$0.1.isEmpty }
        if !samples.isEmpty { blocks.append(.facts(samples.map { Fact($0.0, $0.1.joined(separator: " · ")) })) }
        if !view.sender.isEmpty {
            blocks.append(
                .links([
                    Link("Its mail", PagePath.make("trace", query: ["q": view.sender])),
                    Link("Its limits", PagePath.make("limits", view.sender)),
                    Link("Its account", PagePath.make("accounts", view.sender)),
                ]))
        }
        return blocks
    }

    private static let releaseChecks = [
        Field.Option("password-changed", "The password was changed"),
        Field.Option("sessions-revoked", "Sessions and app passwords were revoked"),
        Field.Option("rules-checked", "Forwarding and inbox rules were looked at"), Field.Option("cause-fixed", "The cause is fixed"),
    ]

    /// What is known of the last release.
    private static func released(_ release: RestrictionView.ReleaseView) -> [Fact] {
        let count = RoomWords.count(release.recipients ?? 0, "recipient", "recipients")
        let mail: Fact? =
            switch release.mail {
            case "keep": Fact("Its mail then", "kept: \(count) held")
            case "release": Fact("Its mail then", "let go: \(count)")
            case "cancel": Fact("Its mail then", "cancelled: \(count)")
            default: nil
            }
        return [Fact("Released", PageTime.text(release.time), note: "by \(release.actor): \(release.reason)")] + (mail.map { [$0] } ?? [])
    }

    /// `78 recipients held, 4 waiting`.
    private static func unsent(_ view: RestrictionView) -> String {
        "\(RoomWords.count(view.held ?? 0, "recipient", "recipients")) held, \((view.waiting ?? 0).grouped) waiting"
    }

    private func releaseForms(_ view: RestrictionView) -> [Block] {
        [
            .form(
                Form(
                    act: "release", "Release", title: "Release",
                    intro: "Once released, the same volume rule does not restrict it again today.",
                    fields: [
                        Field("checks", "What was checked", .checks(Rooms.releaseChecks)),
                        Field(
                            "mail", "Mail that has not left: \(Rooms.unsent(view))",
                            .radio([
                                Field.Option("keep", "Keep all of it held, to look at"), Field.Option("cancel", "Cancel all of it"),
                                Field.Option("release", "Let all of it go"),
                            ]), value: "keep"),
                        .reason("What was found and mended; kept in the audit log."),
                    ])),
            .form(
                Form(
                    act: "approve", "Agree to a release", title: "As a second person",
                    intro: "After several releases in 30 days another administrator has to agree first.",
                    fields: [.reason(isRequired: false)], isFolded: true)),
        ]
    }

    var throttles: Room {
        Room(
            "/throttles", scopes(.restrictionsRead),
            acts: [
                "end": act({ EndThrottle(principal: $0.form["principal"]) }) { view, _ in
                    .done("\(view.principal) may submit again", to: "/throttles")
                }
            ]
        ) { request in
            let rows = try await perform(ListThrottles(all: request.query.isOn("all")), request)
            let table = Table(
                "Throttled", ["Who", "State", "Cause", "Since", "Until", "What to do", "Act"],
                rows.map { view in
                    [
                        Table.Cell(view.principal), Table.Cell(view.state, tone: view.state == "in force" ? .warning : .neutral),
                        Table.Cell(
                            "\(view.code) \(view.cause)",
                            note: "\(view.errors) times in \(view.windowMinutes) min: \(view.example)"),
                        .time(view.since), .time(view.until), Table.Cell(view.remedy),
                        .acts(
                            view.state == "in force"
                                ? [
                                    .button(
                                        "End now", act: "end", hidden: ["principal": view.principal],
                                        label: "End the throttle of \(view.principal)")
                                ] : []),
                    ]
                }, empty: "Nobody is throttled for repeating an error.")
            return .page(
                Page(
                    "Throttled for repeated errors",
                    lead: "A sender that repeats an error which only a person can mend is refused for a while.",
                    back: Link("Restricted senders", "/restricted"), blocks: [.live(id: "throttles", [.table(table)])]))
        }
    }
}
