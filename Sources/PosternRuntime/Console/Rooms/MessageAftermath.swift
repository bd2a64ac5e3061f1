import Console
import DeliveryPlanning
import MailModel
import Storage

/// What a help desk is asked of a message that came back: what to tell the sender, whether a report went out, whether the address is written
/// to any more, and whether others get through.
extension Rooms {
    private static let toldOf = 3
    /// How far the report's time may be from that of the failure which it tells of.
    private static let reportSlack = Duration.seconds(60)
    private static let countMax = 100

    func aftermath(_ detail: MessageDetail, _ request: PageRequest) async throws -> [Block] {
        var blocks: [Block] = []
        let failed = detail.recipients.filter { [.bounced, .expired].contains($0.state) }
        for row in failed.prefix(Rooms.toldOf) {
            let address = row.recipient.address
            let event = detail.events.last { $0.index == row.index && ($0.kind == "bounced" || $0.kind == "expired") }
            let words = detail.events.last { $0.index == row.index && $0.reply?.isPositive == false }
            let meaning = words.flatMap { event in
                event.reply.flatMap { ReplyMeaning.of($0, hint: event.connection.host.flatMap { ReplyProvider.of(host: $0) }) }
            }
            let kind: ReplyClass? = meaning?.replyClass ?? (row.state == .expired ? .expired : nil)
            var items = [try await reportSentence(detail.record, event)]
            if let check = try await ifAllowed(CheckSuppression(address: address), request) {
                items.append(
                    check.keeps.isEmpty
                        ? "\(address) is not on the suppression list: it can be written to."
                        : "\(address) is on the suppression list: it is not written to any more.")
            }
            if case .domain(let domain) = address.host { items.append(try await reachedSentence(domain)) }
            let link = words?.reply.map {
                Link("What the reply means, and who acts", PagePath.make("explain", query: ["text": $0.description]))
            }
            blocks.append(
                .notice(
                    Notice(
                        .info, "Tell the sender about \(address)",
                        text: kind?.tellSender ?? "The receiver did not take the message. No rule knows its words; they stand below.",
                        items: items, link: link)))
        }
        return blocks
    }

    /// Whether a report on a failure went to whoever the message came from. Reports are messages of the gate's own.
    private func reportSentence(_ record: MessageRecord, _ event: TraceEvent?) async throws -> String {
        guard let sender = record.reversePath.address else { return "Nobody was told: the message has no return address." }
        guard let event else { return "It is not known whether \(sender) was told." }
        var query = TraceQuery()
        (query.sender, query.recipient) = ("postern", sender.description)
        (query.since, query.until) = (event.at - Rooms.reportSlack, event.at + Rooms.reportSlack)
        query.limit = Rooms.countMax
        let wanted = query
        let reports = try await administration.store.read { try $0.trace(wanted) }
        guard let report = reports.first(where: { record.subject.isEmpty || $0.subject.hasSuffix(record.subject) }) else {
            return "No report to \(sender) is known: it asked for none, or the trace has it no more."
        }
        return "A report went to \(sender) at \(PageTime.text(report.time.rfc3339)) UTC: \(report.status)."
    }

    /// Whether it is us or them.
    private func reachedSentence(_ domain: DomainName) async throws -> String {
        var query = TraceQuery()
        (query.recipient, query.status, query.since) = ("@\(domain.text)", "delivered", now() - .seconds(86_400))
        query.limit = Rooms.countMax
        let wanted = query
        let count = try await administration.store.read { try $0.trace(wanted) }.count
        return count >= Rooms.countMax
            ? "In the last 24 hours \(domain) took mail of ours for \(count) recipients or more."
            : "In the last 24 hours \(domain) took mail of ours for \(RoomWords.count(count, "recipient", "recipients"))."
    }
}
