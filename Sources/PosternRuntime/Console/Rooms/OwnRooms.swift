import Console
import DeliveryPlanning
import MailModel
import OutboundPolicy
import Storage

/// What everybody sees of themselves, without any role: own mail, own limits, own restriction, own requests, own security.
///
/// These ask for the viewer's own account only, so the rights that the same operations want for everybody's are not asked for.
extension Rooms {
    var ownRooms: [Room] { [me, ownMessage, security] }

    /// An operation on the viewer's own account.
    private func ofOwn<Operation: AdministrativeOperation>(_ operation: Operation, _ request: PageRequest) async throws -> Operation.Outcome
    {
        try await administration.perform(operation, act(request))
    }

    private func own(_ request: PageRequest) throws -> EmailAddress {
        guard let address = EmailAddress(request.viewer.account) else { throw Problem.notFound("This session has no account.") }
        return address
    }

    private static let ownPage = 50

    private var me: Room {
        Room(
            "/me", [], isPersonal: true,
            acts: [
                "ask": Room.Act(scopes(.requestsWrite)) { request in
                    let wish = request.form["limit"]
                    let request2 = AskForLimit(
                        sender: try own(request).key, limit: wish == "bulk" ? nil : wish,
                        value: wish == "bulk" ? nil : try request.number("value", 1...LimitRequest.valueMax),
                        bulk: wish == "bulk" ? true : nil)
                    _ = try await ofOwn(request2, request)
                    return .done("Your request was sent to those who decide", to: "/me")
                }
            ]
        ) { request in
            let address = try own(request)
            let limits = try await ofOwn(ShowLimits(subject: address.key), request)
            var query = TraceQuery()
            query.sender = address.key
            query.limit = Rooms.ownPage + 1
            if !request.query["before"].isEmpty {
                guard let key = RecipientID(text: try Cursor.read(request.query["before"], count: 1)[0]) else { throw Cursor.problem }
                query.before = key
            }
            let mail = try await ofOwn(SearchTrace(query: query), request)
            let requests = try await ofOwn(ListLimitRequests(all: true), request).filter { $0.sender == address.key }
            let restriction = try await administration.directory().restrictions[.sender(address.key)].map { RestrictionView($0, at: now()) }
            return .page(Rooms.ownPage(limits, mail, requests, restriction?.state == "restricted" ? restriction : nil))
        }
    }

    private static func ownPage(
        _ limits: SenderLimitsView, _ mail: [TraceLine], _ requests: [LimitRequestView], _ restriction: RestrictionView?
    ) -> Page {
        var page = Page("My mail", lead: "What became of your mail, and how much you may still send.")
        if let restriction {
            page.blocks.append(
                .notice(
                    Notice(
                        .bad, "You cannot send at the moment", text: restriction.reason,
                        items: [
                            "Your mail that was waiting is held, not lost. You can still receive.",
                            "If you did not send this: change your password below, and tell your administrator at once.",
                            "Tell your administrator this reference: \(restriction.reference)",
                        ], link: Link("Change my password", "/me/security"))))
        }
        if !limits.throttledUntil.isEmpty {
            page.blocks.append(
                .notice(
                    Notice(
                        .warning, "Your mail is refused until \(PageTime.text(limits.throttledUntil))",
                        text: "The same error came too often. Your administrator sees which.")))
        }
        page.blocks.append(
            .live(
                id: "limits",
                [
                    .tiles(
                        limits.limits.map {
                            Tile(
                                $0.name, "\($0.used.grouped) of \($0.value.grouped)", note: "\($0.percent) %",
                                tone: RoomWords.tone(percent: $0.percent))
                        })
                ]))
        let shown = Array(mail.prefix(Rooms.ownPage))
        let more =
            mail.count > shown.count
            ? shown.last.map { Link("Older mail", PagePath.make("me", query: ["before": Cursor.make([$0.id])])) } : nil
        page.blocks.append(
            .table(
                Table(
                    "My mail, newest first", ["Recipient", "Subject", "State", "Time", "Last reply"],
                    shown.map { line in
                        [
                            Table.Cell(line.recipient, href: PagePath.make("me", line.message)), Table.Cell(line.subject),
                            Table.Cell(line.status, tone: RoomWords.tone(status: line.status)), .time(line.time),
                            Table.Cell(RoomWords.short(line.reply), isCode: !line.reply.isEmpty),
                        ]
                    }, empty: "You have sent nothing through this gate yet.", more: more)))
        page.blocks += requestBlocks(limits, requests)
        return page
    }

    private static func requestBlocks(_ limits: SenderLimitsView, _ requests: [LimitRequestView]) -> [Block] {
        var blocks: [Block] = []
        if !requests.isEmpty {
            blocks.append(
                .table(
                    Table(
                        "My requests", ["Wish", "State", "Asked", "Until", "Decision"],
                        requests.map {
                            [
                                Table.Cell($0.text), Table.Cell($0.state), .time($0.asked), .time($0.until),
                                Table.Cell($0.decisionReason, note: $0.decidedBy),
                            ]
                        }, empty: "")))
        }
        let options =
            LimitRequest.limitsKnown.map { Field.Option($0.rawValue, $0.rawValue) } + [Field.Option("bulk", "bulk mail (campaign)")]
        blocks.append(
            .form(
                Form(
                    act: "ask", "Ask", title: "Ask to send more",
                    fields: [
                        Field("limit", "Which limit", .select(options)),
                        Field("value", "How much", .input("number"), hint: "In the limit's own window; not for bulk mail."),
                        .reason("Who needs to get it, and why it cannot wait."),
                    ], isFolded: true)))
        return blocks
    }

    private var ownMessage: Room {
        Room("/me/{message}", [], isPersonal: true) { request in
            let address = try own(request)
            guard let id = MessageID(request["message"]) else { throw Problem.notFound("That is no message's identifier.") }
            let (detail, rows) = try await administration.store.read { store in
                var query = TraceQuery()
                query.message = id
                query.sender = address.key
                return (try store.message(id), try store.trace(query))
            }
            // Another's message is as unknown as none.
            guard !rows.isEmpty, detail.map({ $0.record.sender == address.key }) ?? true else {
                throw Problem.notFound("No message \(id) of yours is known.")
            }
            var page = MessagePage.refused(id, rows)
            if let detail { page = MessagePage(detail, aftermath: try await aftermath(detail, request), at: now()).page }
            page.back = Link("My mail", "/me")
            page.blocks = page.blocks.filter { block in
                if case .form = block { return false }
                return true
            }
            return .page(page)
        }
    }

    private var security: Room {
        Room(
            "/me/security", [], isPersonal: true,
            acts: [
                "password": Room.Act { request in
                    let address = try own(request)
                    try await checkPassword(request)
                    let new = request.form.exactly("new")
                    guard new.utf8.count >= 12 else {
                        throw Problem.invalid([FieldProblem(.body, "/new", "is too short: take 12 characters or more")])
                    }
                    _ = try await ofOwn(SetPassword(address: address, password: new), request)
                    return .redirect("/sign-in")
                },
                "factor": Room.Act { request in
                    try await checkPassword(request)
                    let outcome = try await ofOwn(BeginSecondFactor(address: try own(request)), request)
                    return .page(Rooms.factorPage(outcome))
                },
                "confirm": Room.Act { request in
                    _ = try await ofOwn(ConfirmSecondFactor(address: try own(request), code: request.form["code"]), request)
                    return .redirect("/sign-in")
                },
                "remove-factor": Room.Act { request in
                    try await checkPassword(request)
                    _ = try await ofOwn(RemoveSecondFactor(address: try own(request)), request)
                    return .redirect("/sign-in")
                },
                "end": Room.Act { request in
                    _ = try await ofOwn(EndSessions(account: try own(request), session: request.form["session"]), request)
                    return .done("The session is over", to: "/me/security")
                },
            ]
        ) { request in
            let address = try own(request)
            let sessions = try await ofOwn(ListSessions(account: address), request)
            let account = try await administration.account(address)
            return .page(Rooms.securityPage(account, sessions, own: request.viewer.session))
        }
    }

    /// Who left a browser open has not left the password with it.
    private func checkPassword(_ request: PageRequest) async throws {
        let address = try own(request)
        switch await checkOwnPassword(address.key, request.form.exactly("password"), request.peer.address.flatMap { IPAddress($0) }) {
        case .right: return
        case .locked(let text): throw Problem.unprocessable(text)
        case .busy: throw Problem.unavailable("Too many sign-ins at this moment; please try again.")
        case .wrong: throw Problem.invalid([FieldProblem(.body, "/password", "is not right")])
        }
    }

    private static func factorPage(_ outcome: SecondFactorOutcome) -> Page {
        Page(
            "Second factor", lead: "Add it to your authenticator, and type its first code.", back: Link("My security", "/me/security"),
            blocks: [
                .notice(
                    Notice(
                        .info, "Secret, shown this once", secret: outcome.secret,
                        link: Link("Open in an authenticator on this device", outcome.link))),
                .notice(
                    Notice(
                        .warning, "Recovery codes, shown this once",
                        text: "Each works once, when the device is lost. Keep them where the password is not.",
                        items: outcome.recoveryCodes)),
                .form(
                    Form(
                        act: "confirm", "Confirm", action: "/me/security",
                        fields: [Field("code", "First code", hint: "Six digits.", isRequired: true, autocomplete: "one-time-code")])),
            ])
    }

    private static func securityPage(_ account: Account, _ sessions: [SessionView], own: String) -> Page {
        let password = Field("password", "Your password now", .input("password"), isRequired: true, autocomplete: "current-password")
        var page = Page("My security", lead: account.address.description)
        if let since = account.secondFactor?.confirmedAt {
            page.blocks.append(
                .facts([
                    Fact("Second factor", "on", note: "since \(PageTime.text(since.rfc3339))", tone: .good),
                    Fact("Recovery codes left", "\(account.secondFactor?.recoveryHashes.count ?? 0)"),
                ]))
            page.blocks.append(
                .form(Form(act: "remove-factor", "Remove it", title: "Remove the second factor", fields: [password], tone: .bad)))
        } else {
            page.blocks.append(
                .form(
                    Form(
                        act: "factor", "Begin", title: "Add a second factor",
                        intro: "A code from your telephone beside the password: a stolen password alone opens nothing.", fields: [password])
                ))
        }
        page.blocks.append(
            .form(
                Form(
                    act: "password", "Change", title: "Change the password", intro: "All your sessions end; sign in with the new one then.",
                    fields: [
                        password,
                        Field(
                            "new", "New password", .input("password"), hint: "12 characters or more.", isRequired: true,
                            autocomplete: "new-password"),
                    ], isFolded: true)))
        page.blocks.append(.table(sessionTable(sessions, own: own)))
        return page
    }
}
