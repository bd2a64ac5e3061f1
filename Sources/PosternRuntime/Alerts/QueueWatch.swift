import DeliveryPlanning
import MailModel
import OutboundPolicy
import Storage
import Synchronization

/// Looks whether mail that is due goes out.
final class QueueWatch: Sendable {
    private let store: OpenStore
    private let center: AlertCenter
    /// As it was told last; nil before the first look, when an alert of an earlier run may be open.
    private let wasStuck = Mutex<Bool?>(nil)

    init(store: OpenStore, center: AlertCenter) {
        self.store = store
        self.center = center
    }

    func look(_ settings: AlertSettings, at now: Timestamp) async throws {
        var query = QueueQuery()
        query.filter.states = [.queued]
        query.filter.dueBy = now - settings.queueStuckAfter
        query.limit = settings.queueStuckCount
        let rows = try await store.read { [query] in try $0.queue(query) }
        let isStuck = rows.count >= settings.queueStuckCount
        let before = wasStuck.withLock { wasStuck in
            defer { wasStuck = isStuck }
            return wasStuck
        }
        if isStuck {
            center.raise(QueueWatch.condition(rows, settings, at: now))
        } else if before != false {
            center.raise(AlertCondition(.queueStuck, subject: "queue", at: now, text: "Mail goes out again.", isOver: true))
        }
    }

    /// `rows`: the oldest, in order of due time.
    static func condition(_ rows: [QueueRow], _ settings: AlertSettings, at now: Timestamp) -> AlertCondition {
        let oldest = rows.first?.dueAt ?? now
        let minutes = (now - oldest).milliseconds / 60_000
        let domains = rows.reduce(into: [String: Int]()) { $0["\($1.recipient.host)", default: 0] += 1 }
            .sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(3).map(\.key)
        let count = rows.count == 1 ? "1 recipient is" : "At least \(rows.count) recipients are"
        return AlertCondition(
            .queueStuck, subject: "queue", at: now,
            text:
                "\(count) due for more than \(SettingKind.text(settings.queueStuckAfter)) without an attempt, the oldest for \(minutes) minutes; "
                + "among the first: \(domains.joined(separator: ", ")).",
            advice: "Look what they wait for with `postern queue list`, whether a node runs with `postern nodes list`, "
                + "and try the way out with `postern routes test ROUTE`.",
            findings: [
                Finding(
                    rule: "queue.stuck", matched: "\(rows.count) recipients, \(minutes) min",
                    explanation: "The limit is \(settings.queueStuckCount) recipients for \(SettingKind.text(settings.queueStuckAfter)).")
            ])
    }
}
