import Delivery
import DeliveryPlanning
import GateCore
import Logging

/// Answers the queue's questions to DNS, many at a time, as children of one task.
struct ResolverService: Sendable {
    let targets: AsyncStream<ResolveTarget>
    let resolver: RouteResolver
    let answered: @Sendable (ResolveTarget, Resolution) -> Void

    /// Look-ups side by side; the DNS client has a bound of its own on queries.
    private static let lookupsMax = 200

    func run() async {
        await withDiscardingTaskGroup { group in
            let gate = AsyncGate(ResolverService.lookupsMax)
            for await target in targets {
                await gate.enter()
                group.addTask {
                    answered(target, await resolver.resolve(target))
                    await gate.leave()
                }
            }
        }
    }
}

/// Lets a number of tasks through at a time; the others wait in the order in which they came.
actor AsyncGate {
    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(_ limit: Int) { free = limit }

    func enter() async {
        if free > 0 {
            free -= 1
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
    }

    func leave() {
        if waiting.isEmpty {
            free += 1
        } else {
            waiting.removeFirst().resume()
        }
    }
}
