import Logging
import OutboundPolicy
import ServiceLifecycle
import Storage

/// Asks the lists every few hours, and hears what providers' replies say: one of the nodes on a store does so.
struct ReputationService: Service {
    let administration: Administration
    let live: LiveSettings
    /// The run in whose name it is done; nil while there is none.
    let owner: @Sendable () -> Int64?
    let logger: Logger

    private static let look = Duration.seconds(60)
    /// A gate that has just started has other things to do; so have the lists, where a gate starts again and again.
    private static let rounds = 10
    private static let lease = Duration.seconds(2 * 3600)
    private static let time = Duration.seconds(3600)
    private static let pause = Duration.seconds(2)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var round = 0
            while !Task.isCancelled {
                try? await Task.sleep(for: ReputationService.look)
                guard !Task.isCancelled, let owner = owner() else { continue }
                round += 1
                do {
                    try await hear(owner)
                    if round % ReputationService.rounds == 0 { try await look(owner) }
                } catch {
                    logger.warning("the reputation of our addresses could not be looked at", metadata: ["error": "\(error)"])
                }
            }
        }
    }

    private var act: Act { Act(actor: "postern", reason: "looked at lists and replies", at: .now) }

    private func hear(_ owner: Int64) async throws {
        let holds = administration.live?.directory()?.deliveryHolds.values
        let isSaid = holds?.contains { hold in
            if case .destination = hold.subject { return true }
            return false
        }
        guard isSaid == true else { return }
        let task = TaskHold(name: "reputation-replies", owner: owner, lease: ReputationService.look * 5, at: .now)
        guard case .task(isHeld: true) = try await administration.store.perform(.holdTask(task)) else { return }
        try await ReputationDesk(administration).hearReplies(act)
        _ = try await administration.store.perform(.endTask(task, dueAfter: ReputationService.look / 2))
    }

    private func look(_ owner: Int64) async throws {
        let every = live.current.reputation.every
        guard every > .zero else { return }
        let task = TaskHold(name: "reputation", owner: owner, lease: ReputationService.lease, at: .now)
        guard case .task(isHeld: true) = try await administration.store.perform(.holdTask(task)) else { return }
        try await ReputationDesk(administration).look(
            by: nil, pause: ReputationService.pause, time: ReputationService.time, unbidden: true, act)
        _ = try await administration.store.perform(.endTask(task, dueAfter: every))
    }
}
