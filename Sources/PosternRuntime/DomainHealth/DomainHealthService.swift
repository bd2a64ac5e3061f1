import DomainHealth
import Logging
import MailModel
import ServiceLifecycle
import Storage

/// Looks at each own domain once a day, a few at a time and one after the other, and drops reports and looks that are past their keeping:
/// one of the nodes on a store does so.
struct DomainHealthService: Service {
    let administration: Administration
    /// The run in whose name it is done; nil while there is none.
    let owner: @Sendable () -> Int64?
    let logger: Logger

    /// How often each node looks whether it is due, or whether the node that does it has died.
    private static let interval = Duration.seconds(600)
    private static let roundsPerDay = 144
    /// Far above what a round takes.
    private static let lease = Duration.seconds(3600)
    private static let statesMax = 100_000
    /// Rows of each table, dropped at a time.
    private static let tidyMax = 10_000

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                // First of all the rest: a gate that has just started has other things to do.
                try? await Task.sleep(for: DomainHealthService.interval)
                guard !Task.isCancelled, let owner = owner() else { continue }
                do {
                    try await perform(TaskHold(name: "domain-health", owner: owner, lease: DomainHealthService.lease, at: .now))
                } catch {
                    logger.warning("domains could not be looked at", metadata: ["error": "\(error)"])
                }
            }
        }
    }

    private func perform(_ task: TaskHold) async throws {
        guard case .task(isHeld: true) = try await administration.store.perform(.holdTask(task)) else { return }
        try await round()
        let before = Timestamp.now - .seconds(KeptReport.daysKept * 86_400)
        _ = try await administration.store.perform(.domain(.tidy(before: before, limit: DomainHealthService.tidyMax)))
        _ = try await administration.store.perform(.endTask(task, dueAfter: DomainHealthService.interval / 2))
    }

    /// Returns the domains that were looked at.
    @discardableResult
    func round() async throws -> [DomainName] {
        let domains = try await administration.directory().ownDomains
        let states = try await administration.store.read { try $0.domainStates(nil, limit: DomainHealthService.statesMax) }
        let last = Dictionary(states.map { ($0.domain, $0.at) }) { first, _ in first }
        let due = DomainRound.due(
            domains.filter { !$0.isReserved }, lastLooks: last, roundsPerDay: DomainHealthService.roundsPerDay, at: .now)
        let look = DomainLook(administration: administration)
        try await look.dropStandings(except: domains, at: .now)
        for domain in due where !Task.isCancelled { _ = try await look.perform(domain, at: .now) }
        return due
    }
}
