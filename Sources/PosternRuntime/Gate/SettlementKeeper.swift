import Delivery
import DeliveryPlanning
import GateCore
import Logging
import MailModel
import NIOPosix
import OutboundPolicy
import Storage
import Synchronization

/// Brings what attempts came to onto the disk, however often that takes: an outcome that happened in the world is never dropped.
///
/// Bounded by the queue's window: what is here counts as in memory until it is committed.
final class SettlementKeeper: CommitListener {
    private enum Kept: Sendable {
        case settlement(SettlementOrder, notices: [NewMessage])
        case giveBack([RecipientID], dueAt: Timestamp, owner: Int64, waitsFor: Int32)
    }

    private let state = Mutex(UnstoredWork<Kept>())
    private let engine: GateEngine
    private let committer: Committer
    private let reader: StoreReader
    private let pool: NIOThreadPool
    private let reports: ReportWriter
    private let counters: GateCounters
    private let flights: FlightBook
    private let logger: Logger

    init(
        engine: GateEngine, committer: Committer, reader: StoreReader, pool: NIOThreadPool, reports: ReportWriter, counters: GateCounters,
        flights: FlightBook, logger: Logger
    ) {
        self.engine = engine
        self.committer = committer
        self.reader = reader
        self.pool = pool
        self.reports = reports
        self.counters = counters
        self.flights = flights
        self.logger = logger
    }

    /// Settlements that are not on disk yet.
    var count: Int { state.withLock { $0.count } }

    func settle(_ order: SettlementOrder) {
        guard !order.reports.isEmpty else {
            keep(.settlement(order, notices: []))
            return
        }
        if let content = order.content {
            compose(order, content)
            return
        }
        reader.read(
            { try $0.content(of: order.record.id, tenant: order.record.tenant) },
            // A report without the message's words is better than none.
            completion: { self.compose(order, ((try? $0.get()) ?? nil) ?? []) })
    }

    private func compose(_ order: SettlementOrder, _ kept: [UInt8]) {
        // Of a campaign's copy nobody is sent a report.
        let content = CopyReference.isOne(kept) ? [] : kept
        pool.submit { _ in
            var order = order
            order.content = nil
            let notices: [NewMessage] = order.reports.compactMap { report in
                guard let notice = self.engine.decide({ core, now in core.notice(for: order.record, at: now) }) else { return nil }
                return self.reports.message(report, order, content: content, notice: notice, retryUntil: order.record.expiresAt)
            }
            self.keep(.settlement(order, notices: notices))
        }
    }

    /// Ends a message that nobody was told is kept.
    func cancel(_ message: NewMessage) {
        let settlement = Settlement.unanswered(message, at: .now, run: engine.decide { core, _ in core.run.owner })
        let order = SettlementOrder(settlement: settlement, reports: [], record: message.record, content: nil, leased: 0)
        keep(.settlement(order, notices: []))
    }

    func giveBack(_ recipients: [RecipientID], dueAt: Timestamp, owner: Int64, waitsFor list: Int32) {
        keep(.giveBack(recipients, dueAt: dueAt, owner: owner, waitsFor: list))
    }

    private func keep(_ kept: Kept) {
        submit(state.withLock { $0.keep(kept) }, kept)
    }

    private func submit(_ ticket: Int64, _ kept: Kept) {
        let work: StoreWork =
            switch kept {
            case .settlement(let order, let notices):
                {
                    var settlement = order.settlement
                    settlement.notices = notices
                    return .settle(settlement)
                }()
            case .giveBack(let recipients, let dueAt, let owner, let list):
                .release(owner: owner, recipients: recipients, dueAt: dueAt, waitsFor: list)
            }
        if !committer.enqueue(work, ticket: ticket, listener: self) { state.withLock { $0.refused(ticket) } }
    }

    func committed(_ results: [CommitResult]) {
        var events: [GateEvent] = []
        for result in results {
            switch result.result {
            case .success(let outcome):
                guard let kept = state.withLock({ $0.stored(result.ticket) }) else { continue }
                events += happened(kept, outcome)
            case .failure(let error):
                if state.withLock({ $0.failed(result.ticket) }) {
                    logger.error("outcomes cannot be stored; they are tried again", metadata: ["error": "\(error)"])
                }
            }
        }
        engine.perform(engine.handle(events))
    }

    /// Reports are stored only with an outcome that took effect.
    private func happened(_ kept: Kept, _ outcome: StoreWorkResult) -> [GateEvent] {
        switch kept {
        case .giveBack(let recipients, _, _, _):
            flights.ended(recipients)
            return [.settled(recipients: recipients.count)]
        case .settlement(let order, let notices):
            flights.ended(order.settlement.outcomes.map { order.record.recipient($0.index) })
            tellIfLate(order, outcome)
            tellSuppressions(order, outcome)
            return [.settled(recipients: order.leased)]
                + notices.compactMap { notice in
                    if case .settled(recipients: 0) = outcome, !order.settlement.outcomes.isEmpty {
                        return notice.lease == nil ? nil : .notStored(recipients: notice.recipients.count)
                    }
                    return .stored(notice, lane: Lane(Int(notice.record.id.value & 0xFF)))
                }
        }
    }

    /// Nothing begins to an address that the outcome has just put on the list.
    private func tellSuppressions(_ order: SettlementOrder, _ outcome: StoreWorkResult) {
        guard case .settled(order.settlement.outcomes.count) = outcome else { return }
        let entries = order.settlement.outcomes.compactMap { outcome in
            outcome.note?.effect.flatMap { $0.measure == .suppress ? $0.entry : nil }
        }
        if !entries.isEmpty { engine.decide { core, _ in core.suppressionsChanged(entries) } }
    }

    /// What another node has taken over meanwhile is that node's to settle. Where the receiver took it from both, this line says so.
    private func tellIfLate(_ order: SettlementOrder, _ outcome: StoreWorkResult) {
        guard case .settled(let count) = outcome, count < order.settlement.outcomes.count else { return }
        counters.settledLate(order.settlement.outcomes.count - count)
        let delivered = order.settlement.outcomes.count { $0.newState == .delivered }
        logger.warning(
            "outcomes came too late: others have settled or hold these recipients",
            metadata: [
                "message": "\(order.record.id)", "outcomes": "\(order.settlement.outcomes.count)", "applied": "\(count)",
                "delivered": "\(delivered)",
            ])
    }

    /// To be called a few times a second.
    func retryFailed() {
        for (ticket, kept) in state.withLock({ $0.takeWaiting() }) { submit(ticket, kept) }
    }
}
