import MailModel
import OutboundPolicy
import Storage

extension CampaignReport {
    /// Steps that are shown by the hour; more are days.
    private static let hoursMax = 48

    static func providers(_ counts: [SendingCount]) -> [Provider] {
        Dictionary(grouping: counts, by: \.provider).map { name, own in
            let figures = SendingRates.figures(own)
            var reasons: [String: Int] = [:]
            for count in own {
                if case .ended(let bounce) = count.event, bounce.isBounce { reasons[bounce.rawValue, default: 0] += count.total }
            }
            return Provider(
                // From before it was kept.
                provider: name.isEmpty ? "other" : name, delivered: figures.delivered, deferrals: figures.deferrals,
                bounced: figures.hardBounces + figures.otherBounces, complaints: figures.complaints,
                reasons: reasons.filter { $0.value > 0 }.map { Provider.Reason(reason: $0.key, count: $0.value) }
                    .sorted { ($1.count, $0.reason) < ($0.count, $1.reason) })
        }.sorted { ($1.delivered + $1.bounced, $0.provider) < ($0.delivered + $0.bounced, $1.provider) }
    }

    static func steps(_ counts: [SendingCount]) -> [Step] {
        guard let first = counts.map(\.hour).min(), let last = counts.map(\.hour).max() else { return [] }
        let length: Int64 = last - first < Int64(hoursMax) ? 1 : 24
        let parts = Dictionary(grouping: counts) { $0.hour / length * length }
        return parts.keys.sorted().map { hour in
            let figures = SendingRates.figures(parts[hour] ?? [])
            return Step(
                at: Timestamp(seconds: hour * 3600).rfc3339, delivered: figures.delivered, deferrals: figures.deferrals,
                bounced: figures.hardBounces + figures.otherBounces, complaints: figures.complaints)
        }
    }

    /// By receiver, to be opened by a table program.
    package var csv: String {
        let rows = providers.map { row in
            [
                row.provider, "\(row.delivered)", "\(row.deferrals)", "\(row.bounced)", "\(row.complaints)",
                row.reasons.map { "\($0.reason) \($0.count)" }.joined(separator: "; "),
            ]
        }
        return CSVText.table(["receiver", "delivered", "put_off", "bounced", "complaints", "reasons"], rows)
    }
}
