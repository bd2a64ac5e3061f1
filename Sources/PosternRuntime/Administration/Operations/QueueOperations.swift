package import DeliveryPlanning
package import MailModel
package import OutboundPolicy
package import Storage

package struct ListQueue: AdministrativeOperation {
    package static let name = "queue.list"
    package static let scope = AccessScope.queueRead
    package var query: QueueQuery

    package init(query: QueueQuery) { self.query = query }

    package func perform(in administration: Administration, _ act: Act) async throws -> [QueueLine] {
        try PageLimit.check(query.limit)
        let query = query
        let rows = try await administration.store.read { try $0.queue(query) }
        let waits = await administration.live?.waits(for: rows) ?? []
        return rows.enumerated().map { index, row in
            var line = QueueLine(row)
            line.heldBy = waits.indices.contains(index) ? waits[index] ?? "" : ""
            return line
        }
    }
}

package struct ShowMessage: AdministrativeOperation {
    package static let name = "messages.show"
    package static let scope = AccessScope.traceRead
    package var message: MessageID

    package init(message: MessageID) { self.message = message }

    package func perform(in administration: Administration, _ act: Act) async throws -> MessageView {
        let id = message
        guard let detail = try await administration.store.read({ try $0.message(id) }) else {
            throw AdministrationError(
                .notFound, "no message \(message) is known", "`postern trace` finds one by sender, recipient or time.")
        }
        return MessageView(detail, waits: await ShowMessage.waits(detail, in: administration))
    }

    /// What keeps each of the first thousand recipients back, in their order; nil where nothing but its turn does.
    static func waits(_ detail: MessageDetail, in administration: Administration) async -> [String?] {
        guard let live = administration.live, detail.recipients.contains(where: { $0.state == .queued }) else { return [] }
        return await live.waits(for: detail.recipients.prefix(1000).map { QueueRow(detail.record, $0) })
    }
}

/// Holds, releases, retries or cancels queued and held recipients.
package struct ActOnQueue: AdministrativeOperation {
    package static let name = "queue.act"
    package static let scope = AccessScope.queueWrite
    package var verb: QueueVerb
    package var filter: QueueFilter

    package init(verb: QueueVerb, filter: QueueFilter) {
        self.verb = verb
        self.filter = filter
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> Affected {
        var filter = filter
        filter.states = filter.states.filter { !$0.isFinal }
        if verb == .hold || verb == .retry { filter.states.removeAll { $0 == .held } }
        if verb == .release { filter.states.removeAll { $0 == .queued } }
        guard !filter.states.isEmpty else {
            throw AdministrationError(.invalid, "\(verb.rawValue) has no recipients in these states", "Leave the state out.")
        }
        let entry = act.entry("queue.\(verb.rawValue)", target: ActOnQueue.text(filter))
        return Affected(count: try await administration.act(QueueAct(verb: verb, filter: filter, audit: entry)))
    }

    private static func text(_ filter: QueueFilter) -> String {
        var parts: [String] = []
        if let message = filter.message { parts.append(filter.recipientIndex.map { "\(message)/\($0)" } ?? "\(message)") }
        if let sender = filter.sender { parts.append("sender:\(sender)") }
        if let domain = filter.domain { parts.append("domain:\(domain)") }
        return parts.isEmpty ? "all" : parts.joined(separator: " ")
    }
}

enum PageLimit {
    static let range = 1...10_000

    static func check(_ limit: Int) throws {
        guard range.contains(limit) else {
            throw AdministrationError(.invalid, "--limit \(limit) is out of range", "It takes \(range.lowerBound) to \(range.upperBound).")
        }
    }
}
