import GateCore
import Logging
import MailModel
import OutboundPolicy
import Storage
import Synchronization

/// Looks at the rates of what comes back, tells the core which have reached a threshold, and whoever is responsible.
///
/// Each node looks for itself: what is held or stopped is so on all of them, and alerts of the same subject are one.
final class RateWatch: Sendable {
    private static let interval = Duration.seconds(60)
    /// Told of at a time: the worst.
    private static let alertsMax = 200

    private let engine: GateEngine
    private let context: GateContext
    /// What was told last, so that its end is told too.
    private let told = Mutex<[RateStanding.Key: RateStanding]>([:])

    init(engine: GateEngine, context: GateContext) {
        self.engine = engine
        self.context = context
    }

    func run() async {
        while !Task.isCancelled {
            do {
                try await look(at: .now)
            } catch {
                context.logger.warning("rates of what comes back could not be read", metadata: ["error": "\(error)"])
            }
            try? await Task.sleep(for: RateWatch.interval)
        }
    }

    func look(at now: Timestamp) async throws {
        let (policy, releases) = engine.decide { core, _ in
            (core.directory.suppressionPolicy.rates, core.restrictions.compactMapValues { $0.releasedAt })
        }
        let rates = try await context.store.read { store in
            try SendingRates.read(store, policy, at: now) { subject in
                guard case .sender(let name) = subject else { return nil }
                return releases[RestrictedEntity(senderNamed: name)]
            }
        }
        let reached = rates.compactMap { rate in
            RateStanding(RateStanding.Key(tenant: rate.tenant, subject: rate.subject), rate.figures, policy)
        }
        engine.decide { core, now in core.ratesBecame(reached, at: now) }
        tell(reached.sorted { $0.finding > $1.finding }.prefix(RateWatch.alertsMax), at: now)
    }

    private func tell(_ reached: some Collection<RateStanding>, at now: Timestamp) {
        let new = Dictionary(reached.map { ($0.key, $0) }) { first, _ in first }
        let before = told.withLock { told in
            defer { told = new }
            return told
        }
        context.alerts.raise(reached.map { $0.condition(at: now) })
        let ended = before.filter { new[$0.key] == nil }.values
        context.alerts.raise(
            ended.map { standing in
                standing.condition(at: now).over(at: now, text: "What comes back of \(standing.key.subject) is below the thresholds again.")
            })
    }
}
