import DeliveryPlanning
import MailModel

/// What is to be done about a commit that was answered as failed for want of an answer, should it turn out to have taken place.
///
/// By then the lease of the run that asked for it is over: nothing of it may be used, and mail whose client was told to come again must not
/// be sent. Outcomes are settled again by whoever made them, which changes nothing where they stand already.
struct DoubtfulCommit {
    private let cancellations: [Settlement]
    /// Each begins anew with its next renewal.
    private let endingRuns: Set<Int64>

    init(_ works: [StoreWork]) {
        let runs = Set(works.flatMap(\.runsWithHoldings))
        cancellations = works.compactMap { work in
            // With an idempotency key the client asks for the first one again.
            guard case .accept(let message) = work, message.idempotency == nil else { return nil }
            // A claim beside it may have taken it.
            return .unanswered(message, at: message.record.receivedAt, run: runs.first)
        }
        endingRuns = runs
    }

    /// One transaction of its own; of no further effect when repeated.
    func undo(_ writer: StoreWriter<PostgresConnection>, at now: Timestamp) throws {
        let settlements = cancellations.map { settlement in
            var settlement = settlement
            settlement.at = now
            return StoreWork.settle(settlement)
        }
        _ = try writer.apply(settlements + endingRuns.sorted().map { .leave(owner: $0, at: now) }) {}
    }
}

extension StoreWork {
    /// Runs that it makes hold recipients, or begin.
    fileprivate var runsWithHoldings: [Int64] {
        switch self {
        case .accept(let message): message.lease.map { [$0.owner] } ?? []
        case .settle(let settlement): settlement.notices.compactMap { $0.lease?.owner }
        case .alert(.conclude(let conclusion)):
            if case .mailed(let mail) = conclusion.outcome { mail.lease.map { [$0.owner] } ?? [] } else { [] }
        case .claim(let claim): [claim.owner]
        case .register(let run, _): [run.owner]
        case .renew(_, let successor): [successor]
        default: []
        }
    }
}
