import ContentReading
import ContentScan
import DeliveryPlanning
package import MailModel
package import OutboundPolicy
import Storage

/// Messages that wait for a person.
package struct ListReview: AdministrativeOperation {
    package static let name = "review.list"
    package static let scope = AccessScope.reviewRead
    /// Nil for all.
    package var reason: ReviewReason?
    /// `next` of the page before.
    package var from: MessageID?
    /// 1…`pageMax`; nil for 50.
    package var limit: Int?

    package static let pageMax = 500
    /// Messages looked at for a page of one reason.
    private static let lookedMax = 2000

    package init(reason: ReviewReason? = nil, from: MessageID? = nil, limit: Int? = nil) {
        (self.reason, self.from, self.limit) = (reason, from, limit)
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> ReviewList {
        let limit = limit ?? 50
        guard (1...ListReview.pageMax).contains(limit) else {
            throw AdministrationError(.invalid, "\(limit) messages are out of range", "A page has 1 to \(ListReview.pageMax).")
        }
        var list = ReviewList(messages: [], next: from ?? MessageID(Int64.max))
        var looked = 0
        while let next = list.next, list.messages.count < limit, looked < ListReview.lookedMax {
            let wanted = limit - list.messages.count
            let found = try await administration.store.read { try $0.heldMessages(through: next, limit: wanted) }
            looked += found.count
            list.messages += found.map(ReviewLine.init).filter { reason == nil || $0.reason == reason }
            list.next = found.count < wanted ? nil : found.last.map { MessageID($0.record.id.value - 1) }
        }
        return list
    }
}

/// What a held message says. Reading another's mail is noted in the audit.
package struct ShowReview: AdministrativeOperation {
    package static let name = "review.show"
    package static let scope = AccessScope.reviewRead
    package var message: MessageID

    package init(message: MessageID) { self.message = message }

    package func perform(in administration: Administration, _ act: Act) async throws -> ReviewDetail {
        let id = message
        guard let detail = try await administration.store.read({ try $0.message(id) }) else {
            throw AdministrationError(.notFound, "no message \(message) is known", "`postern review list` shows those that are held.")
        }
        let held = detail.recipients.filter { $0.state == .held }
        guard !held.isEmpty else {
            throw AdministrationError(
                .notFound, "nothing of message \(message) is held", "`postern explain \(message)` says what became of it.")
        }
        _ = try await administration.store.perform(.audit(act.entry("review.show", target: "\(message)")))
        let content = try await administration.content(of: detail.record, to: detail.recipients.first?.recipient.address)
        let preview: ReviewPreview? =
            if let content { try await BlockingWork.runLong { ReviewPreview(ContentReader().facts(content).content) } } else { nil }
        return ReviewDetail(
            line: ReviewLine(HeldMessage(record: detail.record, held: held.count)),
            recipients: held.prefix(100).map(\.recipient.address.description), preview: preview)
    }
}

/// Lets held messages go, or rejects them. What is let go leaves by the pool that it was given when it came: spam never by the normal one.
package struct DecideReview: AdministrativeOperation {
    package enum Decision: String, Codable, Hashable, Sendable, CaseIterable {
        case release, reject
    }

    package static let name = "review.decide"
    package static let scope = AccessScope.reviewDecide
    /// 1…`messagesMax`.
    package var messages: [MessageID]
    package var decision: Decision
    /// Whether the senders are told, with the reason; nil: where it is rejected.
    package var notifies: Bool?

    package static let messagesMax = 500

    package init(messages: [MessageID], decision: Decision, notifies: Bool? = nil) {
        (self.messages, self.decision, self.notifies) = (messages, decision, notifies)
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> ReviewOutcome {
        guard (1...DecideReview.messagesMax).contains(messages.count) else {
            throw AdministrationError(.invalid, "\(messages.count) messages are out of range", "Give 1 to \(DecideReview.messagesMax).")
        }
        guard decision == .release || !act.reason.isEmpty else {
            throw AdministrationError(.invalid, "there is no reason", "Say why it is rejected: the sender and the audit log have it.")
        }
        let directory = try await administration.directory()
        var outcome = ReviewOutcome(messages: 0, recipients: 0, notices: 0, withoutNotice: [])
        for id in messages where !Task.isCancelled {
            guard let detail = try await administration.store.read({ try $0.message(id) }) else { continue }
            var filter = QueueFilter()
            (filter.message, filter.states) = (id, [.held])
            let verb: QueueVerb = decision == .release ? .release : .cancel
            let count = try await administration.act(
                QueueAct(verb: verb, filter: filter, audit: act.entry("review.\(decision.rawValue)", target: "\(id)")))
            guard count > 0 else { continue }
            outcome.messages += 1
            outcome.recipients += count
            guard notifies ?? (decision == .reject) else { continue }
            if let problem = await notify(detail.record, count, directory, administration, act) {
                outcome.withoutNotice.append("\(id): \(problem)")
            } else {
                outcome.notices += 1
            }
        }
        return outcome
    }

    /// Why the sender gets no notice; nil where it does. Only our own people are told: addresses of others may be made up.
    private func notify(
        _ record: MessageRecord, _ recipients: Int, _ directory: Directory, _ administration: Administration, _ act: Act
    ) async -> String? {
        guard let live = administration.live else { return "no gate runs that could send it" }
        let account = directory.accounts[record.sender]?.address
        let own = record.reversePath.address.flatMap { directory.acceptedDomain(of: $0) == nil ? nil : $0 }
        guard let address = account ?? own else { return "its sender is nobody of the organisation" }
        let notice = ReviewNotice(
            recipient: address, message: record.id, subject: record.subject, receivedAt: record.receivedAt, recipients: recipients,
            isReleased: decision == .release, reason: act.reason)
        do {
            try await live.send(notice)
            return nil
        } catch {
            return "\(error)"
        }
    }
}
