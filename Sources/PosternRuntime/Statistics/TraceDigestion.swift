import Logging
import ServiceLifecycle
import Storage

/// Makes figures and words of the trace from the journal of what was committed.
package enum TraceDigestion {
    /// A part of the journal. False where there was nothing to do.
    static func step(_ store: any StoreAccess) async throws -> Bool {
        guard let digest = try await store.read({ try $0.traceDigest() }) else { return false }
        _ = try await store.perform(.digest(digest))
        return true
    }

    /// All of the journal, where no gate does so.
    package static func finish(_ store: any StoreAccess) async throws {
        while try await step(store) {}
    }
}

/// Keeps figures and words at most some seconds behind: one of the nodes on a store does so.
struct DigestService: Service {
    let store: any StoreAccess
    /// False where this process has the store for itself, and needs nobody's leave.
    let isShared: Bool
    /// The run in whose name it is done; nil while there is none.
    let owner: @Sendable () -> Int64?
    let logger: Logger

    private static let look = Duration.seconds(1)
    private static let afterFailure = Duration.seconds(10)
    private static let lease = Duration.seconds(15)
    private static let renewal = Duration.seconds(5)
    /// Rests as many times as long as a step took: while much mail comes in, that is what the processors are for.
    private static let restsPerWork = 7
    private static let restMax = Duration.seconds(2)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var heldUntil: ContinuousClock.Instant?
            while !Task.isCancelled {
                var wait = DigestService.look
                do {
                    try await work(&heldUntil)
                } catch {
                    logger.warning("figures and words of the trace are not kept up", metadata: ["error": "\(error)"])
                    wait = DigestService.afterFailure
                }
                try? await Task.sleep(for: wait)
            }
        }
    }

    /// Until nothing is left.
    private func work(_ heldUntil: inout ContinuousClock.Instant?) async throws {
        var begun = ContinuousClock.now
        while !Task.isCancelled, let digest = try await store.read({ try $0.traceDigest() }) {
            guard try await holds(&heldUntil) else { return }
            _ = try await store.perform(.digest(digest))
            try? await Task.sleep(for: min((ContinuousClock.now - begun) * DigestService.restsPerWork, DigestService.restMax))
            begun = .now
        }
    }

    /// Asks rarely: two that work at the same time do no harm, since a journal is digested with the commit that drops it.
    private func holds(_ heldUntil: inout ContinuousClock.Instant?) async throws -> Bool {
        guard isShared else { return true }
        let now = ContinuousClock.now
        if let heldUntil, now < heldUntil { return true }
        guard let owner = owner() else { return false }
        let task = TaskHold(name: "trace-digest", owner: owner, lease: DigestService.lease, at: .now)
        guard case .task(isHeld: true) = try await store.perform(.holdTask(task)) else { return false }
        heldUntil = now + DigestService.renewal
        return true
    }
}
