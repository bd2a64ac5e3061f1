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
        if let answer = try grantAtOnce(message.claims, at: now) { return (answer, nil) }
        var holdings: [ClaimAnswer.Holding] = []
        var tried: [(claim: UsageClaim, held: HeldUsage, usage: SenderUsage)] = []
        var (releaseAt, firstTime) = (now, 0)
        var slowedBy: LimitReading?
        for claim in message.claims {
            let held = try self.held(claim.holder)
            var claim = claim
            let new = try newRecipients(of: claim, held, at: now)
            claim.amounts[.firstTime] = new
            firstTime = max(firstTime, new)
            if !held.isReadable { try failOpen(claim, &message) }
            var usage = held.usage
            switch usage.claim(claim, at: now) {
            case .exceeded(let reading):
                held.usage = usage
                let holding = ClaimAnswer.Holding(holder: claim.holder, usage: usage, known: known(claim, held), warnings: [])
                let answer = ClaimAnswer(holdings: [holding], releaseAt: nil, slowedBy: nil, firstTime: firstTime)
                return (answer, reading)
            case .granted(let time, let slower, let warnings):
                if time > releaseAt { (releaseAt, slowedBy) = (time, slower) }
                tried.append((claim, held, usage))
                holdings.append(ClaimAnswer.Holding(holder: claim.holder, usage: usage, known: claim.recipients, warnings: warnings))
            }
        }
        for (claim, held, usage) in tried { use(usage, claim, held) }
        putOff(&message, to: releaseAt, slowedBy, from: now)
        return (ClaimAnswer(holdings: holdings, releaseAt: releaseAt, slowedBy: slowedBy, firstTime: firstTime), nil)
    }

    private func use(_ usage: SenderUsage, _ claim: UsageClaim, _ held: HeldUsage) {
        held.usage = usage
        (held.isReadable, held.isChanged, held.isTold) = (true, true, true)
        held.history?.remember(claim.recipients)
    }

    /// Where every holder is far from its limits, nothing is to be decided. What was used is told once in a commit, and which recipients are
    /// known by now each time. Nil where it is not so; then nothing was used.
    private func grantAtOnce(_ claims: [UsageClaim], at now: Timestamp) throws -> ClaimAnswer? {
        var granted: [(held: HeldUsage, amounts: UsageAmounts)] = []
        granted.reserveCapacity(claims.count)
        var firstTime = 0
        for claim in claims {
            let held = try self.held(claim.holder)
            var amounts = claim.amounts
            if !claim.recipients.isEmpty {
                amounts[.firstTime] = try newRecipients(of: claim, held, at: now)
                firstTime = max(firstTime, amounts[.firstTime])
            }
            guard held.isReadable, held.usage.hasRoom(for: amounts, of: claim, at: now) else { return nil }
            granted.append((held, amounts))
        }
        var holdings: [ClaimAnswer.Holding] = []
        for (index, (held, amounts)) in granted.enumerated() {
            held.usage.add(amounts, at: now)
            held.isChanged = true
            let recipients = claims[index].recipients
            if !recipients.isEmpty { held.history?.remember(recipients) }
            if held.isTold, recipients.isEmpty { continue }
            holdings.append(
                ClaimAnswer.Holding(
                    holder: claims[index].holder, usage: held.isTold ? nil : held.usage, known: recipients, warnings: []))
            held.isTold = true
        }
        return ClaimAnswer(holdings: holdings, releaseAt: now, slowedBy: nil, firstTime: firstTime)
    }

    /// What was used cannot be read: the message goes on only where every limit was told to let it, and says so.
    private func failOpen(_ claim: UsageClaim, _ message: inout NewMessage) throws {
        let text = "what \(claim.holder) has used cannot be read"
        // One sender's row, and no reason to keep the others' mail out.
        guard claim.limits.allSatisfy(\.failsOpen) else { throw StoreError.rejected(text) }
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

    /// As it stands in the store at the beginning of the commit, with what the commit has added since.
    private func held(_ holder: UsageHolder) throws -> HeldUsage {
        if let held = usage.held[holder] { return held }
        let known = usage.remembered(holder)
        let statement = usageStatements.read.begin().bind(holder.tenant.value).bind(holder.name)
        defer { statement.end() }
        var held = HeldUsage()
        if try statement.step() {
            let stamp = statement.readInt64()
            if let known, known.stamp != 0, known.stamp == stamp {
                held = known
            } else {
                held.history = known?.history
                if let used = SenderUsage(octets: statement.readBytes()) { held.usage = used } else { held.isReadable = false }
                held.stamp = stamp
            }
        } else {
            held.isNew = true
        }
        usage.hold(held, holder)
        return held
    }

    /// How many of the claim's recipients the history does not have.
    private func newRecipients(of claim: UsageClaim, _ held: HeldUsage, at now: Timestamp) throws -> Int {
        guard !claim.recipients.isEmpty else { return 0 }
        try readHistory(of: claim.holder, held, at: now)
        guard let history = held.history?.known else { return 0 }
        if claim.recipients.count == 1 { return history.contains(claim.recipients[0]) ? 0 : 1 }
        return Set(claim.recipients.filter { !history.contains($0) }).count
    }

    /// Once in a commit: what the store has beyond what is known here.
    private func readHistory(of holder: UsageHolder, _ held: HeldUsage, at now: Timestamp) throws {
        let generation = RecipientHistory.generation(at: now)
        if let history = held.history, history.isLookedAt { return }
        if held.history?.known.generation != generation { held.history = HeldHistory(known: RecipientHistory(generation: generation)) }
        guard let known = held.history else { return }
        let (first, part) = known.known.count == 0 ? (known.known.oldestGeneration, 0) : (generation, known.part)
        let statement = usageStatements.readHistory.begin().bind(holder.tenant.value).bind(holder.name).bind(first).bind(part)
        defer { statement.end() }
        while try statement.step() {
            let (generation, part) = (statement.readInt32(), statement.readInt32())
            let octets = statement.readBytes()
            // Only grows: of the same length it is the same.
            if generation == known.known.generation, part == known.part, octets.count == 4 * known.partMarks.count { continue }
            guard let marks = [RecipientMark](octets: octets) else {
                throw StoreError.rejected("the history of \(holder) cannot be read")
            }
            held.history?.take(marks, part: part, of: generation)
        }
        held.history?.isLookedAt = true
    }

    private func known(_ claim: UsageClaim, _ held: HeldUsage) -> [RecipientMark] {
        claim.recipients.filter { held.history?.known.contains($0) ?? false }
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
        let stamp = Int64.random(in: 1...Int64.max)
        for (holder, held) in usage.held.sorted(by: { $0.key < $1.key }) {
            if held.isChanged {
                held.stamp = stamp
                let last = held.usage.lastUse ?? Timestamp(milliseconds: 0)
                try held.usage.octets.withUnsafeBytes { bytes in
                    try usageStatements.write.begin().bind(holder.tenant.value).bind(holder.name).bind((last + .seconds(2 * 86_400)).day)
                        .bind(stamp).bind(keeping: bytes).send()
                }
                if held.isNew { dropsOld = last }
            }
            if held.history?.isChanged == true { try writeHistory(of: holder, held) }
        }
        if let dropsOld { try prepare(UsageStatements.dropForgotten).bind(dropsOld.day).bind(StoreWriter.forgottenMax).send() }
    }

    private func writeHistory(of holder: UsageHolder, _ held: HeldUsage) throws {
        guard let history = held.history, let parts = held.history?.takeParts() else { return }
        let generation = history.known.generation
        for (part, marks) in parts {
            try Array(marks).octets.withUnsafeBytes { bytes in
                try usageStatements.writeHistory.begin().bind(holder.tenant.value).bind(holder.name).bind(generation).bind(part)
                    .bind(keeping: bytes).send()
            }
        }
        guard history.beginsPart || parts.count > 1 else { return }
        try prepare(UsageStatements.dropHistory).bind(generation - RecipientHistory.generations).bind(StoreWriter.forgottenMax).send()
    }
}

extension StoreReads {
    /// Empty where nothing is known of the holder.
    static func usage(_ connection: some StoreConnection, _ holder: UsageHolder) throws -> SenderUsage {
        let statement = try connection.prepare(UsageStatements.read).begin().bind(holder.tenant.value).bind(holder.name)
        defer { statement.end() }
        guard try statement.step() else { return SenderUsage() }
        _ = statement.readInt64()
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
