import Console
import DeliveryPlanning
import MailModel
import Storage

/// One message: what it was, what was decided and why, and what happened to each recipient.
struct MessagePage {
    private let detail: MessageDetail
    /// What keeps each recipient back, in their order; empty where nothing is known.
    private let waits: [String?]
    private let at: Timestamp
    /// What to tell whoever asks about it.
    private let aftermath: [Block]

    init(_ detail: MessageDetail, waits: [String?] = [], aftermath: [Block] = [], at: Timestamp) {
        self.detail = detail
        self.aftermath = aftermath
        self.waits = waits
        self.at = at
    }

    var page: Page {
        let record = detail.record
        var page = Page(
            record.subject.isEmpty ? "(no subject)" : record.subject, lead: "From \(record.headerFrom)", back: Link("Trace", "/trace"))
        page.blocks = [.live(id: "state", [.table(recipients)])] + acts + aftermath
        if let scan = record.scan { page.blocks += ScanBlocks.blocks(MessageScanView(scan)) }
        if !record.findings.isEmpty {
            page.blocks.append(.heading("What was decided when it came in"))
            page.blocks += RoomWords.sentences(record.findings).map { .text($0) }
        }
        page.blocks.append(.heading("What happened"))
        page.blocks.append(.live(id: "events", [.timeline(moments)]))
        page.blocks.append(.heading("Facts"))
        page.blocks.append(.facts(facts))
        return page
    }

    private var recipients: Table {
        Table(
            RoomWords.count(detail.recipients.count, "recipient", "recipients"),
            ["Recipient", "State", "Attempts", "Next attempt", "Last reply"],
            detail.recipients.enumerated().prefix(200).map { place, row in
                let status = TraceRow.status(row.state, attempts: row.attempts)
                return [
                    Table.Cell(row.recipient.address.description, note: row.isInternal ? "internal" : ""),
                    Table.Cell(status, tone: RoomWords.tone(status: status)), .number(row.attempts),
                    row.state == .queued
                        ? Table.Cell("", note: waits.indices.contains(place) ? waits[place] ?? "" : "", time: row.dueAt.rfc3339)
                        : Table.Cell(row.state == .held ? "when a person releases it" : ""),
                    Table.Cell(row.lastReply?.description ?? "", isCode: row.lastReply != nil),
                ]
            }, empty: "It has no recipients.",
            more: detail.recipients.count > 200
                ? Link("All of them in the queue and the trace", PagePath.make("queue", query: ["sender": detail.record.sender])) : nil)
    }

    private var acts: [Block] {
        let states = Set(detail.recipients.map(\.state))
        var forms: [Form] = []
        if states.contains(.queued) {
            forms.append(Form(act: "retry", "Try again now", look: .inline, label: "Try all waiting recipients again now"))
            forms.append(Form(act: "hold", "Hold", look: .inline, label: "Hold all waiting recipients"))
        }
        if states.contains(.held) { forms.append(Form(act: "release", "Release", look: .inline, label: "Release all held recipients")) }
        if !states.isDisjoint(with: [.queued, .held]) {
            forms.append(Form(act: "cancel", "Cancel", look: .inline, tone: .bad, label: "Cancel all recipients that are not final"))
        }
        return forms.map { .form($0) }
    }

    private var moments: [Moment] {
        let record = detail.record
        let client = [record.clientName, record.clientAddress.map { "[\($0)]" } ?? ""].filter { !$0.isEmpty }.joined(separator: " ")
        let first = Moment(
            record.receivedAt.rfc3339, "Accepted from \(record.principal)", note: client, tone: .info,
            texts: [record.submissionTLS.map { "Over \($0)." } ?? "Without TLS."])
        let isOne = detail.recipients.count == 1
        let rows = Dictionary(uniqueKeysWithValues: detail.recipients.map { ($0.index, $0) })
        let events = detail.events.sorted { ($0.at, $0.index) < ($1.at, $1.index) }.suffix(500).map { event -> Moment in
            let address = rows[event.index]?.recipient.address.description ?? ""
            return moment(event, whom: isOne ? "" : " \(address)")
        }
        return [first] + events + waiting
    }

    private func moment(_ event: TraceEvent, whom: String) -> Moment {
        var texts: [String] = []
        if let reply = event.reply, !reply.isPositive,
            let meaning = ReplyMeaning.of(reply, hint: event.connection.host.flatMap { ReplyProvider.of(host: $0) })
        {
            texts.append("\(meaning.meaning) \(meaning.advice)")
        }
        texts += RoomWords.sentences(event.findings)
        let facts = event.connection
        var way: [String] = []
        if let host = facts.host { way.append(facts.address.map { "\(host) [\($0)]" } ?? host) }
        if let version = facts.tlsVersion {
            way.append(facts.tlsVerified ? "\(version), certificate verified" : "\(version), certificate not verified")
        } else if facts.host != nil {
            way.append("without TLS")
        }
        if !event.route.isEmpty { way.append("route \(event.route)") }
        if !event.source.isEmpty { way.append("source \(event.source)") }
        if let stage = event.stage { way.append("at \(stage.rawValue)") }
        return Moment(
            event.at.rfc3339, event.kind.prefix(1).uppercased() + event.kind.dropFirst() + whom, note: way.joined(separator: " · "),
            tone: RoomWords.tone(status: event.kind), words: event.reply?.description ?? "", texts: texts)
    }

    /// What is still to come.
    private var waiting: [Moment] {
        detail.recipients.prefix(20).compactMap { row in
            guard row.state == .queued || row.state == .held else { return nil }
            let address = row.recipient.address
            if row.state == .held {
                return Moment(at.rfc3339, "\(address) is held", tone: .warning, texts: ["A person releases or cancels it."])
            }
            return Moment(
                row.dueAt.rfc3339, "\(address) is tried next", note: "until \(PageTime.text(detail.record.expiresAt.rfc3339))", tone: .info)
        }
    }

    private var facts: [Fact] {
        let record = detail.record
        return [
            Fact("Sender", record.sender, href: PagePath.make("limits", record.sender)), Fact("Signed in as", record.principal),
            Fact("Reverse-path", record.reversePath.description), Fact("Message-ID", record.headerMessageID, isCode: true),
            Fact("Size", "\(record.sizeBytes.grouped) octets"),
            Fact("Traffic class", record.trafficClass.name, note: "\(TrafficLane(record).name) lane"),
            Fact("Pool", record.pool.rawValue), Fact("Expires", PageTime.text(record.expiresAt.rfc3339)),
            Fact("Identifier", record.id.description, isCode: true),
        ]
    }

    /// What this gate did not take.
    static func refused(_ id: MessageID, _ rows: [TraceRow]) -> Page {
        let first = rows[0]
        var page = Page(
            first.subject.isEmpty ? "Refused" : first.subject, lead: "This gate did not take it; nothing of it was kept.",
            back: Link("Trace", "/trace"))
        page.blocks = [
            .timeline(
                rows.map { row in
                    Moment(
                        row.time.rfc3339, row.recipient.isEmpty ? "Refused" : "Refused for \(row.recipient)", tone: .bad,
                        words: row.reply?.description ?? "", texts: RoomWords.sentences(row.findings))
                }),
            .facts([
                Fact("Sender", first.sender, href: PagePath.make("limits", first.sender)), Fact("Reverse-path", first.reversePath),
                Fact("Identifier", id.description, isCode: true),
            ]),
        ]
        return page
    }
}
