import DeliveryPlanning
package import MailModel
import OutboundPolicy
package import Storage

/// Fills a store with two weeks of made-up mail and what became of it, through the same verbs as mail that came in: for tests, measurements
/// and pictures. The same seed makes the same history up to its time.
package struct HistorySeed: Sendable {
    /// Entries of the trace to make: what happened to recipients after they were accepted, and refusals.
    package var events: Int
    package var seed: UInt64
    /// The node that is to have received it.
    package var node: UInt8

    package init(events: Int, seed: UInt64, node: UInt8) {
        precondition(events >= 1)
        self.events = events
        self.seed = seed
        self.node = node
    }

    package static let span = Duration.seconds(14 * 86_400)
    /// Works of one commit.
    private static let groupMax = 1000

    package struct Report: Sendable {
        package var events = 0
        package var messages = 0
        package var recipients = 0
    }

    /// Blocks. Throws what the store says; what was stored until then stays.
    package func fill(_ store: any Store, now: Timestamp) throws -> Report {
        var writer = HistoryWriter(self, identifiers: MessageIDSource(node: node, notBefore: try store.newestMessage()), now: now)
        let hours = HistoryHours(now: now)
        while writer.report.events < events {
            let time = hours.time(at: Double(writer.report.events) / Double(events))
            writer.mail(at: time)
            if writer.works.count >= HistorySeed.groupMax {
                _ = try store.commit(writer.takeWorks())
                if let digest = try store.traceDigest() { _ = try store.commit([.digest(digest)]) }
            }
        }
        writer.finish()
        _ = try store.commit(writer.takeWorks())
        while let digest = try store.traceDigest() { _ = try store.commit([.digest(digest)]) }
        return writer.report
    }
}

/// When mail comes: by day on weekdays, and a little at other times.
struct HistoryHours {
    private let start: Timestamp
    private var sums: [Double] = [0]

    init(now: Timestamp) {
        start = now - HistorySeed.span
        let hours = Int(HistorySeed.span.milliseconds / 3_600_000)
        for hour in 0..<hours {
            let time = start + .seconds(hour * 3600)
            let ofDay = Int((time.seconds % 86_400) / 3600)
            let isWeekend = [2, 3].contains(Int(time.day) % 7)
            let weight = (ofDay >= 7 && ofDay < 17 ? 10.0 : ofDay >= 5 && ofDay < 20 ? 4 : 1) * (isWeekend ? 0.3 : 1)
            sums.append((sums.last ?? 0) + weight)
        }
    }

    /// `fraction` of the mail has come by then.
    func time(at fraction: Double) -> Timestamp {
        let wanted = fraction * (sums.last ?? 1)
        let hour = max(0, (sums.firstIndex { $0 > wanted } ?? sums.count - 1) - 1)
        let part = (wanted - sums[hour]) / max(sums[hour + 1] - sums[hour], 0.001)
        return start + .milliseconds(Int64((Double(hour) + part) * 3_600_000))
    }
}
