import DeliveryPlanning
import MailModel
import OutboundPolicy

/// The suppression list, and the figures of what became of mail.
extension StoreWriter {
    /// Rows that one tidying drops of each table, and expired entries that one commit ends.
    private static var tidyMax: Int { 2000 }

    func suppress(_ work: SuppressionWork) throws -> StoreWorkResult {
        switch work {
        case .put(let entries, let audit):
            guard entries.count <= SuppressionWork.partMax else { throw StoreError.rejected("\(entries.count) entries at once") }
            if let audit { try self.audit(audit) }
            return .affected(try put(entries))
        case .remove(let keys, let now, let audit):
            try self.audit(audit)
            return .affected(try change(SuppressionStatements.remove, keys, at: now))
        case .restore(let keys, let now, let audit):
            try self.audit(audit)
            return .affected(try change(SuppressionStatements.restore, keys, at: now))
        case .erase(let digest, let audit):
            try self.audit(audit)
            return .affected(try prepare(SuppressionStatements.erase).bind(digest).run())
        case .endExpired(let now): return .affected(try endExpired(at: now))
        case .tidy(let removedBefore, let softDay, let hour):
            try prepare(SuppressionStatements.dropRemoved(dialect)).bind(removedBefore.milliseconds).bind(StoreWriter.tidyMax).send()
            try prepare(SuppressionStatements.dropSoft(dialect)).bind(softDay).bind(StoreWriter.tidyMax).send()
            return .affected(try prepare(SuppressionStatements.dropCounts(dialect)).bind(hour).bind(StoreWriter.tidyMax).run())
        case .feedback(let feedback): return .affected(try take(feedback) ? 1 : 0)
        }
    }

    /// The first of as many new stamps. Whoever changes the list holds its lock until the commit, so that stamps are seen in their order.
    private func stamps(_ count: Int) throws -> Int64 {
        let counter = try prepare(SuppressionStatements.takeStamps).bind(count)
        guard try counter.step() else { throw StoreError.corrupt("no counter of suppressions") }
        let last = counter.readInt64()
        while try counter.step() {}
        return last - Int64(count) + 1
    }

    private func put(_ entries: [Suppression]) throws -> Int {
        guard !entries.isEmpty else { return 0 }
        var stamp = try stamps(entries.count)
        let statement = try prepare(SuppressionStatements.put)
        let changed = try sendAll(entries) { entry in
            defer { stamp += 1 }
            return try statement.begin().bind(entry.key.digest).bind(entry.key.tenant.value).bind(entry.key.scope.description)
                .bind(entry.key.reason.rawValue).bind(entry.address?.suppressionKey ?? "").bind(entry.source).bind(entry.note)
                .bind(entry.createdAt.milliseconds).bind(entry.expiresAt?.milliseconds).bind(stamp).sendForCount()
        }
        if changed > 0 { noteNews() }
        return changed
    }

    private func change(_ sql: String, _ keys: [SuppressionKey], at now: Timestamp) throws -> Int {
        guard !keys.isEmpty else { return 0 }
        var stamp = try stamps(keys.count)
        let statement = try prepare(sql)
        let changed = try sendAll(keys) { key in
            defer { stamp += 1 }
            return try statement.begin().bind(now.milliseconds).bind(stamp).bind(key).sendForCount()
        }
        if changed > 0 { noteNews() }
        return changed
    }

    /// As many at a time as the pipeline is deep. Returns how many rows changed.
    private func sendAll<Element>(_ elements: [Element], _ send: (Element) throws -> Int?) throws -> Int {
        var changed = 0
        for start in stride(from: 0, to: elements.count, by: connection.pipelineDepth) {
            for element in elements[start..<min(start + connection.pipelineDepth, elements.count)] { changed += try send(element) ?? 0 }
            changed += try connection.flush().reduce(0, +)
        }
        return changed
    }

    private func endExpired(at now: Timestamp) throws -> Int {
        let statement = try prepare(SuppressionStatements.expired).bind(now.milliseconds).bind(StoreWriter.tidyMax)
        var keys: [SuppressionKey] = []
        while try statement.step() { keys.append(try statement.readSuppressionKey()) }
        return try change(SuppressionStatements.remove, keys, at: now)
    }

    // MARK: What comes back

    /// Carries out what an outcome does to its recipient's address. True where it was put on the list by it.
    func apply(_ effect: SuppressionEffect, at now: Timestamp) throws -> Bool {
        let key = effect.entry.key
        switch effect.measure {
        case .suppress: return try put([effect.entry]) > 0
        case .countSoft(let daysMax, let since):
            try prepare(SuppressionStatements.noteSoft).bind(key.digest).bind(key.tenant.value).bind(now.day).send()
            let count = try prepare(SuppressionStatements.softDays).bind(key.digest).bind(key.tenant.value).bind(since)
            let days = try count.step() ? count.readInt() : 0
            count.end()
            guard days >= daysMax else { return false }
            try prepare(SuppressionStatements.forgetSoft).bind(key.digest).bind(key.tenant.value).send()
            return try put([effect.entry]) > 0
        }
    }

    func take(_ feedback: Feedback) throws -> Bool {
        var findings = feedback.findings
        let isSuppressed = try feedback.note.effect.map { try apply($0, at: feedback.at) } ?? false
        if isSuppressed, let effect = feedback.note.effect { findings.append(effect.finding) }
        count(feedback.note.event, of: feedback.tally, at: feedback.at)
        if feedback.undoesDelivery { count(.ended(.delivered), of: feedback.tally, at: feedback.at, by: -1) }
        guard let id = feedback.recipient else { return isSuppressed }
        let isKnown =
            try prepare(WriteStatements.numberEvent).bind(id.message.day).bind(id.message.value).bind(id.index).bind(id.tenant.value)
            .run() == 1
        if isKnown { try insertEvent(feedback.kind, of: id, at: feedback.at, reply: feedback.reply, findings) }
        try noteReturn(feedback, of: id)
        return isSuppressed
    }

    /// Added to the figures when the commit is about to end.
    func count(_ event: SendingEvent, of tally: SendingTally, at now: Timestamp, by amount: Int = 1) {
        for (subject, provider) in tally.subjects {
            let key = SendingKey(
                tenant: tally.tenant, subject: subject, event: event.text, hour: SendingCount.hour(of: now), provider: provider)
            sendingCounts[key, default: 0] += amount
        }
    }

    /// In the order of keys, so that no two writers wait for each other.
    func writeSendingCounts() throws {
        guard !sendingCounts.isEmpty else { return }
        let statement = try prepare(SuppressionStatements.addCount)
        for (key, amount) in sendingCounts.sorted(by: { $0.key < $1.key }) where amount != 0 {
            try statement.begin().bind(key.tenant.value).bind(key.subject).bind(key.event).bind(key.hour).bind(key.provider).bind(slot)
                .bind(amount).send()
        }
    }
}

/// A row of figures.
struct SendingKey: Hashable, Comparable {
    var tenant: TenantID
    var subject: String
    var event: String
    var hour: Int64
    var provider: String

    static func < (one: SendingKey, other: SendingKey) -> Bool {
        (one.tenant.value, one.subject, one.event, one.hour, one.provider)
            < (other.tenant.value, other.subject, other.event, other.hour, other.provider)
    }
}

extension SuppressionEffect {
    /// Said in the trace where it took effect.
    var finding: Finding {
        let until = entry.expiresAt.map { "until \($0.rfc3339)" } ?? "for ever"
        return Finding(
            rule: "suppression.added", matched: entry.key.scope.description,
            explanation: "The address is on the suppression list from now on, \(until): \(entry.key.reason.words).")
    }
}

extension StoreStatement {
    @discardableResult
    func bind(_ digest: AddressDigest) -> Self { bind(Int64(bitPattern: digest.high)).bind(Int64(bitPattern: digest.low)) }

    @discardableResult
    func bind(_ key: SuppressionKey) -> Self {
        bind(key.digest).bind(key.tenant.value).bind(key.scope.description).bind(key.reason.rawValue)
    }

    func readSuppressionKey() throws -> SuppressionKey {
        let digest = AddressDigest(high: UInt64(bitPattern: readInt64()), low: UInt64(bitPattern: readInt64()))
        let (tenant, scopeText, reasonText) = (TenantID(readInt32()), readText(), readText())
        guard let scope = SuppressionScope(scopeText) else { throw RowText.damaged("scope", scopeText) }
        guard let reason = SuppressionReason(rawValue: reasonText) else { throw RowText.damaged("reason", reasonText) }
        return SuppressionKey(tenant: tenant, scope: scope, digest: digest, reason: reason)
    }

    func readSuppression() throws -> Suppression {
        let key = try readSuppressionKey()
        return Suppression(
            key: key, address: EmailAddress(readText()), source: readText(), note: readText(),
            createdAt: Timestamp(milliseconds: readInt64()), expiresAt: readOptionalInt64().map(Timestamp.init(milliseconds:)),
            removedAt: readOptionalInt64().map(Timestamp.init(milliseconds:)), stamp: readInt64())
    }
}
