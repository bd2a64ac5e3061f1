import DeliveryPlanning
import MailModel
import OutboundPolicy

/// Limits: the claims of a message are granted in the transaction that keeps it, or nothing of it is kept.
extension StoreWriter {
    /// Old rows that go with each commit that counts: more than come.
    private static var forgottenMax: Int { 10 }

    /// Nil: there is nothing to claim. An answer without `releaseAt`: the message must not be taken. Where it is granted, the message's
    /// recipients are put off to when it may go out, and it is not leased until then.
    func claim(for message: inout NewMessage) throws -> (answer: ClaimAnswer, exceeded: LimitReading?)? {
        guard !message.claims.isEmpty else { return nil }
        let now = try usageTime(message.record.receivedAt)
        if let answer = grantAtOnce(message.claims, at: now) { return (answer, nil) }
        var holdings: [ClaimAnswer.Holding] = []
        var tried: [(holder: UsageHolder, held: UsageChanges.Held)] = []
        var (releaseAt, firstTime) = (now, 0)
        var slowedBy: LimitReading?
        for claim in message.claims {
            var held = try self.held(claim.holder, at: now)
            var claim = claim
            let new = try newRecipients(of: claim, &held, at: now)
            claim.amounts[.firstTime] = new.count
            firstTime = max(firstTime, new.count)
            if !held.isReadable { try failOpen(claim, &held, &message) }
            switch held.usage.claim(claim, at: now) {
            case .exceeded(let reading):
                usage.held[claim.holder] = held
                let holding = ClaimAnswer.Holding(holder: claim.holder, usage: held.usage, known: known(claim, held), warnings: [])
                let answer = ClaimAnswer(holdings: [holding], releaseAt: nil, slowedBy: nil, firstTime: firstTime)
                return (answer, reading)
            case .granted(let time, let slower, let warnings):
                if time > releaseAt { (releaseAt, slowedBy) = (time, slower) }
                remember(new, of: claim, &held, at: now)
                held.isChanged = true
                tried.append((claim.holder, held))
                holdings.append(
                    ClaimAnswer.Holding(holder: claim.holder, usage: held.usage, known: claim.recipients, warnings: warnings))
            }
        }
        for (holder, held) in tried { usage.held[holder] = held }
        putOff(&message, to: releaseAt, slowedBy, from: now)
        return (ClaimAnswer(holdings: holdings, releaseAt: releaseAt, slowedBy: slowedBy, firstTime: firstTime), nil)
    }

    /// Where every holder was looked at before in this commit and is far from its limits, nothing is to be decided, and nothing told: the
    /// first message of the commit has told what there is to know. Nil where it is not so; then nothing was used.
    private func grantAtOnce(_ claims: [UsageClaim], at now: Timestamp) -> ClaimAnswer? {
        for claim in claims {
            guard claim.recipients.isEmpty, let held = usage.held[claim.holder], held.isReadable, held.usage.hasRoom(for: claim, at: now)
            else {
                return nil
            }
        }
        for claim in claims {
            usage.held[claim.holder]?.usage.add(claim.amounts, at: now)
            usage.held[claim.holder]?.isChanged = true
        }
        return ClaimAnswer(holdings: [], releaseAt: now, slowedBy: nil, firstTime: 0)
    }

    /// What was used cannot be read: the message goes on only where every limit was told to let it, and says so.
    private func failOpen(_ claim: UsageClaim, _ held: inout UsageChanges.Held, _ message: inout NewMessage) throws {
        let text = "what \(claim.holder) has used cannot be read"
        // One sender's row, and no reason to keep the others' mail out.
        guard claim.limits.allSatisfy(\.failsOpen) else { throw StoreError.rejected(text) }
        held.isReadable = true
        message.record.fields.findings.append(
            Finding(rule: "limit.fails-open", matched: claim.holder.name, explanation: "Taken without a count, since \(text)."))
    }

    private func usageTime(_ ours: Timestamp) throws -> Timestamp {
        guard let known = usage.now else {
            let now = try connection.clock(ours)
            if dialect.clock != nil { usage.now = now }
            return now
        }
        return known
    }

    private func held(_ holder: UsageHolder, at now: Timestamp) throws -> UsageChanges.Held {
        if let held = usage.held[holder] { return held }
        let statement = try prepare(UsageStatements.read).bind(holder.tenant.value).bind(holder.name)
        defer { statement.end() }
        var held = UsageChanges.Held(usage: SenderUsage())
        if try statement.step() {
            if let used = SenderUsage(octets: statement.readBytes()) {
                held.usage = used
            } else {
                held.isReadable = false
            }
        } else {
            held.isNew = true
        }
        usage.held[holder] = held
        return held
    }

    /// Those of the claim that no generation of the history has.
    private func newRecipients(
        of claim: UsageClaim, _ held: inout UsageChanges.Held, at now: Timestamp
    ) throws -> Set<RecipientMark> {
        guard !claim.recipients.isEmpty else { return [] }
        let history = try held.history ?? readHistory(of: claim.holder, at: now)
        held.history = history
        return Set(claim.recipients.filter { mark in !history.values.contains { $0.contains(mark) } })
    }

    private func readHistory(of holder: UsageHolder, at now: Timestamp) throws -> [Int32: RecipientHistory] {
        let oldest = RecipientHistory.generation(at: now) - RecipientHistory.generations
        let statement = try prepare(UsageStatements.readHistory).bind(holder.tenant.value).bind(holder.name).bind(oldest)
        var history: [Int32: RecipientHistory] = [:]
        while try statement.step() {
            let generation = statement.readInt32()
            guard let marks = RecipientHistory(octets: statement.readBytes()) else {
                throw StoreError.rejected("the history of \(holder) cannot be read")
            }
            history[generation] = marks
        }
        return history
    }

    /// Also those that an older generation has: whoever is written to stays known.
    private func remember(_ new: Set<RecipientMark>, of claim: UsageClaim, _ held: inout UsageChanges.Held, at now: Timestamp) {
        guard !claim.recipients.isEmpty else { return }
        let generation = RecipientHistory.generation(at: now)
        var history = held.history?[generation] ?? RecipientHistory()
        let count = history.marks.count
        for mark in claim.recipients { history.remember(mark) }
        guard history.marks.count > count else { return }
        held.history?[generation] = history
        held.changedGeneration = generation
    }

    private func known(_ claim: UsageClaim, _ held: UsageChanges.Held) -> [RecipientMark] {
        claim.recipients.filter { mark in held.history?.values.contains { $0.contains(mark) } ?? false }
    }

    private func putOff(_ message: inout NewMessage, to releaseAt: Timestamp, _ reading: LimitReading?, from now: Timestamp) {
        guard releaseAt > now, let reading else { return }
        message.lease = nil
        message.record.fields.findings.append(reading.slowedFinding(until: releaseAt))
        for index in message.recipients.indices {
            message.recipients[index].dueAt = max(message.recipients[index].dueAt, releaseAt)
        }
        message.record.fields.expiresAt = message.record.expiresAt + (releaseAt - now)
        message.record.fields.warnAt = message.record.warnAt.map { $0 + (releaseAt - now) }
    }

    func writeUsage() throws {
        var dropsOld: Timestamp?
        for (holder, held) in usage.held.sorted(by: { $0.key < $1.key }) {
            if held.isChanged {
                let octets = held.usage.octets
                let last = held.usage.lastUse ?? Timestamp(milliseconds: 0)
                try octets.withUnsafeBytes { bytes in
                    try prepare(UsageStatements.write).bind(holder.tenant.value).bind(holder.name).bind((last + .seconds(2 * 86_400)).day)
                        .bind(keeping: bytes).send()
                }
                if held.isNew { dropsOld = last }
            }
            if let generation = held.changedGeneration, let history = held.history?[generation] {
                try history.octets.withUnsafeBytes { bytes in
                    try prepare(UsageStatements.writeHistory).bind(holder.tenant.value).bind(holder.name).bind(generation)
                        .bind(keeping: bytes).send()
                }
                try prepare(UsageStatements.dropHistory).bind(generation - RecipientHistory.generations).bind(StoreWriter.forgottenMax)
                    .send()
            }
        }
        if let dropsOld { try prepare(UsageStatements.dropForgotten).bind(dropsOld.day).bind(StoreWriter.forgottenMax).send() }
    }
}

extension StoreReads {
    /// Empty where nothing is known of the holder.
    static func usage(_ connection: some StoreConnection, _ holder: UsageHolder) throws -> SenderUsage {
        let statement = try connection.prepare(UsageStatements.read).begin().bind(holder.tenant.value).bind(holder.name)
        defer { statement.end() }
        guard try statement.step() else { return SenderUsage() }
        guard let used = SenderUsage(octets: statement.readBytes()) else { throw StoreError.corrupt("what \(holder) has used") }
        return used
    }

    /// In order of name.
    static func usages(_ connection: some StoreConnection, after name: String, limit: Int) throws -> [(UsageHolder, SenderUsage)] {
        let statement = try connection.prepare(UsageStatements.list).begin().bind(name).bind(max(0, limit))
        var found: [(UsageHolder, SenderUsage)] = []
        while try statement.step() {
            let holder = UsageHolder(tenant: TenantID(statement.readInt32()), name: statement.readText())
            guard let used = SenderUsage(octets: statement.readBytes()) else { throw StoreError.corrupt("what \(holder) has used") }
            found.append((holder, used))
        }
        return found
    }
}
