import DeliveryPlanning
import GateCore
import Logging
import MailModel
import OutboundPolicy
import Storage
import Synchronization

/// Sends copies of suspicious mail to the reviewer, as the scan policy says. What finds no room is not copied, and logged: the message itself is on its way.
final class ReviewCopies: Sendable {
    private let stream: AsyncStream<NewMessage>
    private let continuation: AsyncStream<NewMessage>.Continuation
    private let waitingBytes = Atomic<Int>(0)
    private let sender: OwnMailSender
    private let logger: Logger

    private static let waitingMax = 200
    private static let bytesMax = 64 << 20

    init(sender: OwnMailSender, logger: Logger) {
        (self.sender, self.logger) = (sender, logger)
        (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(ReviewCopies.waitingMax))
    }

    /// After a message was stored; on any thread. Does nothing for one that is not suspicious.
    func stored(_ message: NewMessage) {
        guard message.record.scan?.kind == .suspicious, reviewer(of: message.record) != nil else { return }
        let bytes = message.content.count
        guard waitingBytes.wrappingAdd(bytes, ordering: .relaxed).newValue <= ReviewCopies.bytesMax,
            case .enqueued = continuation.yield(message)
        else {
            waitingBytes.subtract(bytes, ordering: .relaxed)
            logger.warning("no copy for the reviewer: too many wait", metadata: ["message": "\(message.record.id)"])
            return
        }
    }

    /// Nil where no copy is wanted; the reviewer's own mail needs none.
    private func reviewer(of record: MessageRecord) -> EmailAddress? {
        guard let policy = sender.engine.decide({ core, _ in core.directory.scanPolicy }), policy.actionOnSuspicious == .copy,
            let reviewer = policy.reviewer, reviewer.key != record.sender
        else { return nil }
        return reviewer
    }

    /// Returns after `finish`.
    func run() async {
        for await message in stream {
            waitingBytes.subtract(message.content.count, ordering: .relaxed)
            guard let reviewer = reviewer(of: message.record) else { continue }
            do {
                try await sender.send(ReviewCopy(record: message.record, content: message.content, reviewer: reviewer).mail)
            } catch {
                logger.warning("no copy for the reviewer", metadata: ["message": "\(message.record.id)", "error": "\(error)"])
            }
        }
    }

    func finish() { continuation.finish() }
}
