import Delivery
package import MailModel
import Synchronization

/// Takes messages that have come to groups from the lanes to `GroupDesk`, which is given once all of the gate is there. A few at a time; what
/// finds no room is to come again.
package final class GroupDistribution: Sendable {
    package typealias Answer = Result<SMTPReply, DeliveryFailure>

    private struct Work: Sendable {
        var post: ListPost
        var done: @Sendable (Answer) -> Void
    }

    private let stream: AsyncStream<Work>
    private let continuation: AsyncStream<Work>.Continuation

    private static let worksMax = 8
    private static let waitingMax = 64

    package init() {
        (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(GroupDistribution.waitingMax))
    }

    /// `done` is called once, on any thread: with success when the group's own message is on disk.
    func distribute(_ post: ListPost, done: @escaping @Sendable (Answer) -> Void) {
        if case .enqueued = continuation.yield(Work(post: post, done: done)) { return }
        done(.failure(GroupDistribution.later("The groups have too much to do at this moment")))
    }

    /// Returns after `finish`.
    func run(_ body: @escaping @Sendable (ListPost) async -> Answer) async {
        await withDiscardingTaskGroup { group in
            let gate = AsyncGate(GroupDistribution.worksMax)
            for await work in stream {
                await gate.enter()
                group.addTask {
                    work.done(await body(work.post))
                    await gate.leave()
                }
            }
        }
    }

    func finish() { continuation.finish() }

    static func later(_ text: String) -> DeliveryFailure {
        .local(451, EnhancedStatusCode(4, 3, 0), text, scope: .message, stage: .mail)
    }
}
