import DeliveryPlanning
import MailModel

/// What a person asked of a recipient that a run holds. The run does it from its memory; what stands here is done by the store where the run
/// ends, gives the recipient back, or would have it queued again without having heard of it.
enum RecipientWish: Int32 {
    case hold = 1
    case cancel = 2

    init?(_ verb: QueueVerb) {
        switch verb {
        case .hold: self = .hold
        case .cancel: self = .cancel
        case .release, .retry: return nil
        }
    }

    var state: RecipientState { self == .cancel ? .cancelled : .held }

    var finding: Finding {
        Finding(
            rule: "queue.wished", matched: self == .cancel ? "cancel" : "hold",
            explanation: "It was asked for while a node held this recipient, and done once that node did not any more.")
    }
}

extension StoreWriter {
    /// Whether an act is for what runs hold, too. A release takes back the wish to hold.
    static func wishes(_ act: QueueAct) -> Bool {
        switch act.verb {
        case .hold, .cancel: act.filter.states.contains(.queued)
        case .release: act.filter.states.contains(.held)
        case .retry: false
        }
    }

    /// Leaves the wish at rows that runs hold. Returns for how many of other runs' than the one that tells its own memory.
    func wish(_ act: QueueAct, for rows: [QueueRow]) throws -> Int {
        guard StoreWriter.wishes(act) else { return 0 }
        let update = try prepare(WriteStatements.wishForRecipient)
        let wish = RecipientWish(act.verb)?.rawValue ?? 0
        // A cancel is final: a later hold does not take it back.
        let before: ClosedRange<Int32> = act.verb == .release ? 1...1 : 0...(wish - 1)
        var affected = 0
        for start in stride(from: 0, to: rows.count, by: connection.pipelineDepth) {
            let part = rows[start..<min(start + connection.pipelineDepth, rows.count)]
            let known = try part.compactMap { row in
                try update.begin().bind(wish).bind(before.lowerBound).bind(before.upperBound).bind(row.id.message.day)
                    .bind(row.id.message.value).bind(row.id.index).bind(row.id.tenant.value).sendForCount()
            }
            let counts = try known + connection.flush()
            affected += zip(part, counts).count { $0.leaseOwner != act.owner && $1 == 1 }
        }
        return affected
    }

    /// Does what was wished for among what a run holds, which is to be given back. Returns how many recipients that were.
    func concludeWishes(of owner: Int64, at now: Timestamp) throws -> Int {
        let select = try prepare(WriteStatements.wished).bind(owner)
        var wished: [(id: RecipientID, wish: RecipientWish)] = []
        while try select.step() {
            let (message, index, tenant) = (MessageID(select.readInt64()), select.readInt32(), TenantID(select.readInt32()))
            guard let wish = RecipientWish(rawValue: select.readInt32()) else { throw RowText.damaged("wish", "of \(message)") }
            wished.append((RecipientID(tenant: tenant, message: message, index: index), wish))
        }
        return try wished.count { try conclude($0.wish, for: $0.id, of: owner, at: now) }
    }

    /// The same for one recipient, whatever was wished. False where nothing was, or the run does not hold it.
    func concludeWish(for id: RecipientID, of owner: Int64, at now: Timestamp) throws -> Bool {
        for wish in [RecipientWish.cancel, .hold] where try conclude(wish, for: id, of: owner, at: now) { return true }
        return false
    }

    private func conclude(_ wish: RecipientWish, for id: RecipientID, of owner: Int64, at now: Timestamp) throws -> Bool {
        let isDone =
            try prepare(WriteStatements.concludeWish).bind(wish.state.rawValue).bind(id.message.day).bind(id.message.value).bind(id.index)
            .bind(id.tenant.value).bind(owner).bind(wish.rawValue).run() == 1
        guard isDone else { return false }
        ledgerChanges.move(from: .queued, to: wish.state, tenant: id.tenant, day: id.message.day)
        try insertEvent(RowText.eventKind(of: wish.state), of: id, at: now, wish.finding)
        journal.changed(id, at: now, from: .queued, to: wish.state, count: TrafficCount(wish.state), reply: nil)
        if wish.state.isFinal { try dropBodyIfAllFinal(id.message, tenant: id.tenant, recipientCount: 2) }
        return true
    }
}
