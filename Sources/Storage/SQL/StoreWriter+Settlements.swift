import DeliveryPlanning
import MailModel
import OutboundPolicy

/// Settlements that are put off until something looks at recipients, or their number fills the pipeline.
struct Unsettled {
    var settlements: [Settlement] = []
    /// Where in the results the answer of each belongs.
    var places: [Int] = []
    var messages: Set<MessageID> = []

    mutating func removeAll() {
        settlements.removeAll(keepingCapacity: true)
        places.removeAll(keepingCapacity: true)
        messages.removeAll(keepingCapacity: true)
    }
}

/// Settling. The updates of many settlements are on their way together; what depends on whether they took effect (events, ledger, body,
/// notices) follows once their counts are known.
extension StoreWriter {
    /// How many outcomes took effect, where that is known already; else 0, and the result at `place` says it once it is known.
    /// The others came too late. Where none did, there is nothing to report either.
    func settle(_ settlement: Settlement, answering place: Int) throws -> Int {
        guard connection.pipelineDepth > 1 else {
            countsKnown.removeAll(keepingCapacity: true)
            try sendUpdates(of: settlement)
            var counts = countsKnown[...]
            return try conclude(settlement, &counts)
        }
        if unsettled.messages.contains(settlement.message) || unsettled.settlements.count >= connection.pipelineDepth {
            try concludeSettlements()
        }
        unsettled.settlements.append(settlement)
        unsettled.places.append(place)
        unsettled.messages.insert(settlement.message)
        return 0
    }

    /// To be called before anything that looks at recipients.
    func concludeSettlements() throws {
        guard !unsettled.settlements.isEmpty else { return }
        let waiting = unsettled
        unsettled.removeAll()
        for settlement in waiting.settlements { try sendUpdates(of: settlement) }
        var counts = try connection.flush()[...]
        for (settlement, place) in zip(waiting.settlements, waiting.places) {
            results[place] = .settled(recipients: try conclude(settlement, &counts))
        }
    }

    private func sendUpdates(of settlement: Settlement) throws {
        for outcome in settlement.outcomes where !outcome.oldState.isFinal {
            if let count = try bindUpdate(outcome, of: settlement, from: outcome.oldState).sendForCount() { countsKnown.append(count) }
        }
    }

    private func conclude(_ settlement: Settlement, _ counts: inout ArraySlice<Int>) throws -> Int {
        var applied = 0
        var hasFinal = false
        for outcome in settlement.outcomes {
            var change: (old: RecipientState, outcome: Settlement.Outcome)? = (outcome.oldState, outcome)
            if outcome.oldState.isFinal || counts.popFirst() != 1 { change = try settleAsItIs(outcome, of: settlement) }
            guard let change else {
                countConflict()
                try noteLateDelivery(outcome, of: settlement)
                continue
            }
            ledgerChanges.move(from: change.old, to: change.outcome.newState, tenant: settlement.tenant, day: settlement.message.day)
            try insertEvent(noted(change.outcome, of: settlement), of: settlement)
            journal.changed(
                RecipientID(tenant: settlement.tenant, message: settlement.message, index: outcome.index), at: settlement.at,
                from: change.old, to: change.outcome.newState, count: TrafficCount(change.outcome.newState), reply: change.outcome.reply)
            applied += 1
            if change.outcome.newState.isFinal { hasFinal = true }
        }
        if hasFinal {
            try dropBodyIfAllFinal(settlement.message, tenant: settlement.tenant, recipientCount: settlement.recipientCount)
        }
        guard applied > 0 || settlement.outcomes.isEmpty else { return 0 }
        for notice in settlement.notices { try accept(notice) }
        return applied
    }

    /// Counts the outcome, and puts its recipient on the suppression list where it says so; then that stands in the trace.
    private func noted(_ outcome: Settlement.Outcome, of settlement: Settlement) throws -> Settlement.Outcome {
        guard let note = outcome.note else { return outcome }
        if let tally = settlement.tally { count(note.event, of: tally, at: settlement.at) }
        guard let effect = note.effect, try apply(effect, at: settlement.at) else { return outcome }
        var outcome = outcome
        outcome.findings.append(effect.finding)
        return outcome
    }

    /// The receiver took it from this run, too: the recipient's state is others' to say, but that it was sent twice must be in the trace.
    private func noteLateDelivery(_ outcome: Settlement.Outcome, of settlement: Settlement) throws {
        guard outcome.newState == .delivered else { return }
        let id = settlement.message
        let isKnown =
            try prepare(WriteStatements.numberEvent).bind(id.day).bind(id.value).bind(outcome.index)
            .bind(settlement.tenant.value).run() == 1
        guard isKnown else { return }
        var late = outcome
        late.findings.append(
            Finding(
                rule: "lease.late", matched: settlement.owner.map { "\($0)" } ?? "",
                explanation: "The node that sent it had lost its lease meanwhile. Another may have sent it, too, or will."))
        try insertEvent(late, of: settlement)
    }

    /// Settles a recipient that is not as the outcome has it: in another state than was known, or with a person's wish that its run had not
    /// heard of. What would be queued again is held or cancelled then. Nil where it is final already, unknown, or in another run's hands.
    private func settleAsItIs(
        _ outcome: Settlement.Outcome, of settlement: Settlement
    ) throws -> (old: RecipientState, outcome: Settlement.Outcome)? {
        guard let (state, wish) = try current(outcome.index, of: settlement), state != outcome.oldState || wish != nil, !state.isFinal
        else {
            return nil
        }
        var outcome = outcome
        if outcome.newState == .queued {
            if let wish {
                outcome.newState = wish.state
                outcome.findings.append(wish.finding)
            } else if state == .held {
                outcome.newState = .held
            }
        }
        return try bindUpdate(outcome, of: settlement, from: state).run() == 1 ? (state, outcome) : nil
    }

    private func bindUpdate(
        _ outcome: Settlement.Outcome, of settlement: Settlement, from state: RecipientState
    ) -> Connection.Statement {
        settleRecipient.begin()
            .bind(outcome.newState.rawValue).bind(outcome.attempts).bind(outcome.dueAt.milliseconds).bind(outcome.isWarned)
            .bind(outcome.reply.map(RowText.text)).bind(outcome.newState == .queued ? outcome.waitsFor : 0).bind(settlement.message.day)
            .bind(settlement.message.value).bind(outcome.index)
            .bind(settlement.tenant.value).bind(state.rawValue).bind(settlement.owner ?? 0)
    }

    private func current(_ index: Int32, of settlement: Settlement) throws -> (state: RecipientState, wish: RecipientWish?)? {
        let statement = try prepare(WriteStatements.recipientState)
            .bind(settlement.message.day).bind(settlement.message.value).bind(index).bind(settlement.tenant.value)
        defer { statement.end() }
        guard try statement.step() else { return nil }
        return (try RowText.state(statement.readInt()), RecipientWish(rawValue: statement.readInt32()))
    }

    private func insertEvent(_ outcome: Settlement.Outcome, of settlement: Settlement) throws {
        let facts = settlement.connection
        try insertEvent.begin()
            .bind(settlement.message.day).bind(settlement.message.value).bind(outcome.index).bind(settlement.tenant.value)
            .bind(settlement.at.milliseconds).bind(RowText.eventKind(of: outcome.newState)).bind(outcome.reply.map(RowText.text))
            .bind(outcome.stage?.rawValue).bind(settlement.route).bind(facts.host).bind(facts.address?.description)
            .bind(facts.port.map(Int64.init)).bind(facts.tlsVersion).bind(facts.tlsVerified).bind(RowText.text(outcome.findings))
            .bind(settlement.route.isEmpty || settlement.source == EgressSource.standardName ? nil : settlement.source).send()
    }

    /// Where two nodes settle the last two recipients of a message at once, each waits for the other's commit before it looks.
    func dropBodyIfAllFinal(_ message: MessageID, tenant: TenantID, recipientCount: Int) throws {
        guard recipientCount > 1 else {
            return try deleteBody.begin().bind(message.day).bind(message.value).bind(tenant.value).send()
        }
        if let lock = dialect.lockMessage { try prepare(lock).bind(message.day).bind(message.value).bind(tenant.value).send() }
        try deleteBodyIfAllFinal.begin().bind(message.day).bind(message.value).bind(tenant.value).send()
    }
}
