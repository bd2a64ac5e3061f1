import Console
import MailModel
import OutboundPolicy

extension Rooms {
    var reviewRooms: [Room] { [review, reviewed] }

    private static let reviewPage = 50

    private func decide(_ messages: @escaping @Sendable (PageRequest) throws -> [MessageID]) -> Room.Act {
        act(
            { request in
                guard let decision = DecideReview.Decision(rawValue: request.form["decision"]) else {
                    throw Problem.invalid([FieldProblem(.body, "/decision", "is missing: release or reject")])
                }
                return DecideReview(messages: try messages(request), decision: decision, notifies: request.form.isOn("notify"))
            }, done: { outcome, _ in .done(Rooms.words(outcome), to: "/review") }
        ).asking { request in
            let (decision, ids) = (DecideReview.Decision(rawValue: request.form["decision"]), try messages(request))
            guard let decision, ids.count > 1 else { return nil }
            let isRelease = decision == .release
            return Room.Question(
                isRelease
                    ? "\(ids.count.grouped) messages leave at once, and cannot be called back."
                    : "\(ids.count.grouped) messages are rejected, and cannot be sent after all.",
                isRelease ? "Let them go" : "Reject them")
        }
    }

    private static func words(_ outcome: ReviewOutcome) -> String {
        let notices = outcome.notices == 0 ? "" : "; \(RoomWords.count(outcome.notices, "sender is", "senders are")) told"
        let without = outcome.withoutNotice.isEmpty ? "" : "; no notice for \(outcome.withoutNotice.prefix(3).joined(separator: ", "))"
        return "Done: \(RoomWords.count(outcome.recipients, "recipient", "recipients"))\(notices)\(without)"
    }

    /// All that is held, and a decision on many at once.
    private var review: Room {
        Room(
            "/review", scopes(.reviewRead),
            acts: [
                "decide": decide { request in
                    let ids = request.form.all("messages").compactMap { MessageID($0) }
                    guard !ids.isEmpty else { throw Problem.invalid([FieldProblem(.body, "/messages", "choose at least one")]) }
                    return ids
                }
            ]
        ) { request in
            let list = try await perform(
                ListReview(
                    reason: ReviewReason(rawValue: request.query["reason"]), from: MessageID(request.query["from"]), limit: Rooms.reviewPage
                ),
                request)
            let more = list.next.map { next in
                Link("Next page", PagePath.make("review", query: ["reason": request.query["reason"], "from": "\(next)"]))
            }
            let table = Table(
                "Held, newest first", ["Subject", "Sender", "Received", "Held for", "Verdict", "Recipients", "Pool"],
                list.messages.map { line in
                    [
                        Table.Cell(line.subject.isEmpty ? "(no subject)" : line.subject, href: PagePath.make("review", line.message)),
                        Table.Cell(line.sender), .time(line.received),
                        Table.Cell(line.reason.rawValue, tone: Rooms.tone(line.reason)),
                        line.scan.map { Rooms.verdict($0.verdict, $0.score) } ?? Table.Cell("not scanned"), .number(line.held),
                        Table.Cell(line.pool),
                    ]
                }, empty: "Nothing waits for a person.", more: more)
            var page = Page("Held mail", lead: "Messages that wait until a person lets them go or rejects them.")
            page.blocks = [.form(Rooms.reasonFilter(request)), .table(table)]
            if request.viewer.may(scopes(.reviewDecide)), !list.messages.isEmpty {
                page.blocks.append(.form(Rooms.bulkForm(list.messages)))
            }
            return .page(page)
        }
    }

    private static func reasonFilter(_ request: PageRequest) -> Form {
        Form(
            act: nil, "Show", look: .row,
            fields: [
                Field(
                    "reason", "Held for",
                    .select([Field.Option("", "anything")] + ReviewReason.allCases.map { Field.Option($0.rawValue, $0.rawValue) }),
                    value: request.query["reason"])
            ])
    }

    private static func tone(_ reason: ReviewReason) -> Tone {
        switch reason {
        case .spam: .bad
        case .suspicious, .pool, .limit: .warning
        case .person, .group: .neutral
        }
    }

    private static func bulkForm(_ lines: [ReviewLine]) -> Form {
        Form(
            act: "decide", "Decide", title: "Decide on several",
            fields: [
                Field(
                    "messages", "Messages",
                    .checks(
                        lines.map { line in
                            let subject = line.subject.isEmpty ? "(no subject)" : String(line.subject.prefix(60))
                            return Field.Option(line.message, "\(subject), from \(line.sender), \(line.reason.rawValue)")
                        }))
            ] + decisionFields)
    }

    private static var decisionFields: [Field] {
        [
            Field(
                "decision", "Decision",
                .radio([
                    Field.Option("release", "Let it go, by the pool that it was given: spam never by the normal one"),
                    Field.Option("reject", "Reject: it is cancelled"),
                ]), isRequired: true),
            Field("notify", "Tell the sender", .flag, hint: "With the reason. Only people of the organisation are told."),
            .reason("The sender and the audit log have it.", isRequired: false),
        ]
    }

    // MARK: - One message

    private var reviewed: Room {
        Room(
            "/review/{message}", scopes(.reviewRead),
            acts: [
                "decide": decide { [try Rooms.reviewedMessage($0)] }
            ]
        ) { request in
            let detail = try await perform(ShowReview(message: try Rooms.reviewedMessage(request)), request)
            let line = detail.line
            var page = Page(
                line.subject.isEmpty ? "(no subject)" : line.subject, lead: "From \(line.from)", back: Link("Held mail", "/review"))
            page.blocks = [
                .facts([
                    Fact("Held for", line.reason.rawValue, note: line.text, tone: Rooms.tone(line.reason)),
                    Fact("Recipients", "\(line.held.grouped)", note: detail.recipients.prefix(5).joined(separator: ", ")),
                    Fact("Pool", line.pool), Fact("Message", line.message, href: PagePath.make("trace", line.message), isCode: true),
                ])
            ]
            if let scan = line.scan { page.blocks += ScanBlocks.blocks(scan) }
            page.blocks += detail.preview.map(Rooms.preview) ?? [.text("Its content is no longer kept.")]
            if request.viewer.may(scopes(.reviewDecide)) {
                page.blocks.append(.form(Form(act: "decide", "Decide", title: "Decide", fields: Rooms.decisionFields)))
            }
            return .page(page)
        }
    }

    private static func reviewedMessage(_ request: PageRequest) throws -> MessageID {
        guard let id = MessageID(request["message"]) else {
            throw Problem.notFound("\(request["message"].prefix(60)) is no message's identifier.")
        }
        return id
    }

    /// Text alone: links are no links here, and nothing is loaded.
    static func preview(_ preview: ReviewPreview) -> [Block] {
        var blocks: [Block] = [
            .heading("What it says"), .facts(preview.fields.map { Fact($0.name, $0.value) }),
            .code(preview.text.isEmpty ? "(no text)" : preview.text),
        ]
        if !preview.hidden.isEmpty { blocks += [.heading("Text that readers do not see"), .code(preview.hidden)] }
        if !preview.links.isEmpty {
            blocks.append(
                .table(
                    Table(
                        "Links, as text", ["Shown", "Leads to", "Host", "Kind"],
                        preview.links.map {
                            [Table.Cell($0.text), Table.Cell($0.target, isCode: true), Table.Cell($0.host), Table.Cell($0.kind)]
                        },
                        empty: "")))
        }
        if !preview.files.isEmpty {
            blocks.append(
                .table(
                    Table(
                        "Files", [Table.Column("Name"), Table.Column("Kind"), Table.Column("Octets", isNumber: true)],
                        preview.files.map {
                            [Table.Cell($0.name.isEmpty ? "(no name)" : $0.name), Table.Cell($0.type), .number($0.bytes)]
                        },
                        empty: "")))
        }
        if preview.isCut { blocks.append(.text("Not all of it is shown.")) }
        return blocks
    }
}

/// What a scan said of a message, on its pages.
enum ScanBlocks {
    static func blocks(_ scan: MessageScanView) -> [Block] {
        let sum = Fact("Verdict", scan.verdict.rawValue, note: "score \(scan.score)", tone: Rooms.tone(scan.verdict))
        guard !scan.findings.isEmpty else { return [.heading("What the scan says"), .facts([sum])] }
        let table = Table(
            "Findings", [Table.Column("It says"), Table.Column("What matched"), Table.Column("Weight", isNumber: true)],
            scan.findings.map { finding in
                [
                    Table.Cell(finding.explanation, note: finding.rule), Table.Cell(finding.matched, isCode: !finding.matched.isEmpty),
                    Table.Cell("\(finding.weight > 0 ? "+" : "")\(finding.weight)"),
                ]
            }, empty: "Nothing was found.")
        return [.heading("What the scan says"), .facts([sum]), .table(table)]
    }
}
