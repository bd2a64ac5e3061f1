import MailModel
import OutboundPolicy
import Storage

/// The figures of whose mail something came back of, in the window that slides by hours.
enum SendingRates {
    struct Rate: Sendable {
        var tenant: TenantID
        var subject: RateSubject
        var figures: SendingFigures
    }

    /// Subjects that are looked at.
    private static let subjectsMax = 10_000

    /// `since`: what came before does not count for a sender any more, since it was released then.
    static func read(
        _ store: any Store, _ policy: RatePolicy, at now: Timestamp, since: (RateSubject) -> Timestamp?
    ) throws -> [Rate] {
        let end = SendingCount.hour(of: now) + 1
        let start = end - Int64(policy.windowHours)
        var rates: [Rate] = []
        for concerned in try store.subjectsConcerned(since: start, limit: subjectsMax) {
            guard let subject = RateSubject(concerned.subject) else { continue }
            // An hour that had begun before a release is over with it.
            let from = since(subject).map { max(start, SendingCount.hour(of: $0) + 1) } ?? start
            guard from < end else { continue }
            let counts = try store.sendingCounts(of: concerned, from: from, to: end)
            rates.append(Rate(tenant: concerned.tenant, subject: subject, figures: figures(counts)))
            guard subject == .all else { continue }
            for (provider, own) in Dictionary(grouping: counts, by: \.provider) where provider != "other" {
                rates.append(Rate(tenant: concerned.tenant, subject: .provider(provider), figures: figures(own)))
            }
        }
        return rates
    }

    static func figures(_ counts: [SendingCount]) -> SendingFigures {
        var figures = SendingFigures()
        for count in counts {
            switch count.event {
            case .deferred: figures.deferrals += count.total
            case .ended(.delivered): figures.delivered += count.total
            case .ended(.complaint): figures.complaints += count.total
            case .ended(let other) where other.isHard: figures.hardBounces += count.total
            case .ended(let other) where other.isBounce: figures.otherBounces += count.total
            case .ended: break
            }
        }
        // Mail that came back after it had been delivered is taken out of the hour in which it came back.
        figures.delivered = max(0, figures.delivered)
        return figures
    }
}
