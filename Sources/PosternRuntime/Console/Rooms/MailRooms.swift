import Console
import DeliveryPlanning
import Foundation
import MailModel
import OutboundPolicy
import Storage

extension Rooms {
    static let queuePage = 100

    // MARK: - One message

    var message: Room {
        let done = { @Sendable (affected: Affected, request: PageRequest) in
            PageAnswer.done("Done: \(RoomWords.count(affected.count, "recipient", "recipients")) changed", to: request.path)
        }
        func queueAct(_ verb: QueueVerb) -> Room.Act {
            act(
                { request in
                    var filter = QueueFilter()
                    guard let id = MessageID(request["message"]) else { throw Problem.notFound("This is no message's identifier.") }
                    filter.message = id
                    filter.recipientIndex = Int32(request.form["index"])
                    return ActOnQueue(verb: verb, filter: filter)
                }, done: done)
        }
        return Room(
            "/trace/{message}", scopes(.traceRead),
            acts: [
                "retry": queueAct(.retry), "hold": queueAct(.hold), "release": queueAct(.release), "cancel": queueAct(.cancel),
            ]
        ) { request in
            guard let id = MessageID(request["message"].split(separator: "/").first ?? "") else {
                throw Problem.notFound("\(request["message"].prefix(60)) is no message's identifier.")
            }
            let (detail, rows) = try await administration.store.read { store in
                var query = TraceQuery()
                query.message = id
                return (try store.message(id), try store.trace(query))
            }
            if let detail {
                let waits = await ShowMessage.waits(detail, in: administration)
                let aftermath = try await aftermath(detail, request)
                return .page(MessagePage(detail, waits: waits, aftermath: aftermath, at: now()).page)
            }
            guard !rows.isEmpty else {
                throw Problem.notFound(
                    "No message \(id) is known. The trace is kept for \(request.viewer.roles.isEmpty ? "some" : "the days that storage.trace-days says") days."
                )
            }
            return .page(MessagePage.refused(id, rows))
        }
    }

    // MARK: - Queue

    var queue: Room {
        func queueAct(_ verb: QueueVerb) -> Room.Act {
            act(
                { request in
                    var filter = QueueFilter()
                    if let id = RecipientID(text: request.form["id"]) {
                        filter.message = id.message
                        filter.recipientIndex = id.index
                    } else {
                        filter = try Rooms.queueFilter(request.form)
                        guard filter.sender != nil || filter.domain != nil else {
                            throw Problem.invalid("Say which mail: of a sender, or to a domain.")
                        }
                    }
                    return ActOnQueue(verb: verb, filter: filter)
                },
                done: { affected, request in
                    .done(
                        "\(RoomWords.count(affected.count, "recipient", "recipients")) \(RoomWords.done(verb))",
                        to: PagePath.make(
                            "queue",
                            query: ["sender": request.form["sender"], "domain": request.form["domain"], "state": request.form["state"]]))
                }
            ).asking { request in
                guard verb == .cancel || verb == .release, request.form["id"].isEmpty else { return nil }
                return try await queueQuestion(verb, request)
            }
        }
        return Room(
            "/queue", scopes(.queueRead),
            acts: [
                "retry": queueAct(.retry), "hold": queueAct(.hold), "release": queueAct(.release), "cancel": queueAct(.cancel),
            ]
        ) { request in
            var query = QueueQuery()
            query.filter = try Rooms.queueFilter(request.query)
            query.limit = Rooms.queuePage + 1
            if !request.query["after"].isEmpty {
                let parts = try Cursor.read(request.query["after"], count: 2)
                guard let due = Timestamp(rfc3339: parts[0]), let id = RecipientID(text: parts[1]) else { throw Cursor.problem }
                query.after = QueueQuery.QueueKey(dueAt: due, id: id)
            }
            let lines = try await perform(ListQueue(query: query), request)
            return .page(QueuePage(lines: lines, query: request.query, shape: try await queueShape(request), at: now()).page)
        }
    }

    private static let countedMax = 1000

    /// Of what is done with all that a filter shows.
    private func queueQuestion(_ verb: QueueVerb, _ request: PageRequest) async throws -> Room.Question {
        var query = QueueQuery()
        query.filter = try Rooms.queueFilter(request.form)
        query.limit = Rooms.countedMax + 1
        let count = try await perform(ListQueue(query: query), request).count
        let shown = RoomWords.count(min(count, Rooms.countedMax), "recipient", "recipients")
        let (who, isCancel) = (count > Rooms.countedMax ? "more than \(shown)" : shown, verb == .cancel)
        return Room.Question(
            isCancel
                ? "The mail of \(who) is cancelled. It cannot be sent after all."
                : "The mail of \(who) leaves at once, and cannot be called back.",
            isCancel ? "Cancel the mail" : "Let the mail go")
    }

    static func queueFilter(_ values: FormValues) throws -> QueueFilter {
        var filter = QueueFilter()
        if !values["sender"].isEmpty { filter.sender = values["sender"].lowercased() }
        if !values["domain"].isEmpty {
            guard let domain = DomainName(values["domain"]) else {
                throw Problem.invalid([FieldProblem(.query, "domain", "is no domain, such as example.org")])
            }
            filter.domain = domain
        }
        if let state = RecipientState(name: values["state"]), !state.isFinal { filter.states = [state] }
        return filter
    }

    // MARK: - Stop button

    var pauses: Room {
        Room(
            "/pauses", scopes(.pausesRead),
            acts: [
                "add": act({ request in
                    let scope =
                        request.form["scope"] == "sender" || request.form["scope"] == "route"
                        ? "\(request.form["scope"]):\(request.form["name"])" : request.form["scope"]
                    guard let scope = Pause.Scope(scope) else {
                        throw Problem.invalid([FieldProblem(.body, "/name", "is missing: which sender, or which route")])
                    }
                    return AddPause(scope: scope)
                }) { view, _ in .done("Paused: \(view.scope). Mail is accepted and waits.", to: "/pauses") },
                "remove": act({ request in
                    guard let scope = Pause.Scope(request.form["scope"]) else { throw Problem.invalid("That is no pause.") }
                    return RemovePause(scope: scope)
                }) { view, _ in .done("Mail of \(view.scope) goes on", to: "/pauses") },
            ]
        ) { request in
            let rows = try await perform(ListPauses(), request)
            let routes = try await ifAllowed(ListRoutes(), request)?.map(\.name) ?? []
            return .page(Rooms.pausesPage(rows, routes: routes))
        }
    }

    private static func pausesPage(_ rows: [PauseView], routes: [String]) -> Page {
        let table = Table(
            "Paused", ["What", "Act"],
            rows.map { view in
                [
                    Table.Cell(view.scope, tone: .warning),
                    .acts([.button("Go on", act: "remove", hidden: ["scope": view.scope], label: "End the pause of \(view.scope)")]),
                ]
            }, empty: "Nothing is paused; mail leaves.")
        let scope = [
            Field.Option("all", "All mail"), Field.Option("external", "Mail to external recipients"),
            Field.Option("sender", "Mail of one sender"), Field.Option("route", "Mail by one route"),
        ]
        return Page(
            "Stop button", lead: "What is paused does not leave. Mail is still accepted, and waits; nothing is lost.",
            blocks: [
                .table(table),
                .form(
                    Form(
                        act: "add", "Stop", title: "Stop mail",
                        intro: "It works at once: no attempt begins after it is saved. Attempts under way end first.",
                        fields: [
                            Field("scope", "What", .radio(scope), value: "all"),
                            Field(
                                "name", "Which sender or route",
                                hint: routes.isEmpty
                                    ? "An address, or a route's name."
                                    : "An address, or one of the routes: \(routes.joined(separator: ", "))."
                            ),
                            .reason("What others find when mail stands still."),
                        ], tone: .bad)),
            ])
    }

    // MARK: - Explaining replies

    var explain: Room {
        Room("/explain", scopes(.traceRead)) { request in
            var page = Page("Explain a reply", lead: "What a mail server's answer means, who has to act, and whether a retry helps.")
            page.blocks.append(
                .form(
                    Form(
                        act: nil, "Explain",
                        fields: [
                            Field(
                                "text", "The reply, or a message's identifier", .area(4), value: request.query["text"],
                                hint: "As it stands in the trace or in a bounce; several lines and Exchange's wrapping are fine."),
                            Field(
                                "host", "The host that said it", value: request.query["host"],
                                hint: "Where it is known, such as mx.example.com."),
                        ])))
            guard !request.query["text"].isEmpty else { return .page(page) }
            let found = try await perform(
                Explain(text: request.query["text"], host: request.query["host"].isEmpty ? nil : request.query["host"]), request)
            page.blocks += Rooms.blocks(found)
            if found.message.isEmpty { page.blocks += try await deliveryRule(request) }
            return .page(page)
        }
    }

    /// What the gate itself would do with the reply.
    private func deliveryRule(_ request: PageRequest) async throws -> [Block] {
        let host = request.query["host"]
        let test = TestDeliveryRules(text: request.query["text"], provider: host.isEmpty ? nil : MailProvider.of(host: host))
        guard let view = try await ifAllowed(test, request) else { return [] }
        let text = view.rule.isEmpty ? "No delivery rule fits; the code alone decides." : "The delivery rule \(view.rule): \(view.action)."
        return [.text(text)]
    }

    static func blocks(_ found: Explanation) -> [Block] {
        [
            .heading("What it means"), .text(found.meaning),
            .notice(Notice(found.replyClass == "unknown" ? .neutral : .info, "What to do", text: found.advice)),
        ] + (found.tellSender.isEmpty ? [] : [.notice(Notice(.info, "Tell the sender", text: found.tellSender))]) + [
            .facts(
                [
                    Fact("Provider", found.provider), Fact("Class", found.replyClass), Fact("Who acts", found.whoActs),
                    Fact("Does a retry help", found.retry),
                ] + (found.enhancedCode.isEmpty ? [] : [Fact("Enhanced code", found.enhancedCode, isCode: true)])
                    + (found.rule.isEmpty ? [] : [Fact("Rule", found.rule, isCode: true)])
                    + (found.message.isEmpty ? [] : [Fact("Message", found.message, href: PagePath.make("trace", found.message))]))
        ] + found.story.map { .text($0) }
    }
}
