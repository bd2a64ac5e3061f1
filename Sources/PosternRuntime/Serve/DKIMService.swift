import Logging
import ServiceLifecycle
import Storage

/// Looks after the records of DKIM keys and takes rotations on: one of the nodes on a store does so.
struct DKIMService: Service {
    let administration: Administration
    /// The run in whose name it is done; nil while there is none.
    let owner: @Sendable () -> Int64?
    let logger: Logger

    private static let interval = Duration.seconds(3600)
    /// How often each node looks whether it is due, or whether the node that does it has died.
    private static let look = Duration.seconds(600)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                // First of all the rest: a gate that has just started has other things to do.
                try? await Task.sleep(for: DKIMService.look)
                guard !Task.isCancelled, let owner = owner() else { continue }
                do {
                    try await perform(TaskHold(name: "dkim", owner: owner, lease: DKIMService.interval, at: .now))
                } catch {
                    logger.warning("DKIM records could not be checked", metadata: ["error": "\(error)"])
                }
            }
        }
    }

    private func perform(_ task: TaskHold) async throws {
        guard case .task(isHeld: true) = try await administration.store.perform(.holdTask(task)) else { return }
        _ = try await administration.perform(CheckDKIM(), Act(actor: "postern", reason: "looked at DNS", at: .now))
        _ = try await administration.store.perform(.endTask(task, dueAfter: DKIMService.interval))
    }
}
