import MailModel

/// A search of the trace on one reading connection: ranges of identifiers, newest first, and in each the rows that match.
struct TraceSearch<Connection: StoreConnection> {
    private let connection: Connection
    private let query: TraceQuery
    private let match: TraceMatch
    private let limit: Int
    private let lowest: MessageID
    private let highest: MessageID
    private let recipients: Connection.Statement
    private let refusals: Connection.Statement

    /// How far the time in an identifier may be from the time of receipt: a slow dialogue, or a clock that was set.
    private static var slack: Duration { .seconds(3600) }

    init(_ connection: Connection, _ query: TraceQuery) throws {
        self.connection = connection
        self.query = query
        match = TraceMatch(query)
        limit = min(max(query.limit, 1), 10_000)
        var low = MessageID(0)
        var high = MessageID(Int64.max)
        if let since = query.since { low = max(low, TraceSearch.firstIdentifier(at: since - TraceSearch.slack)) }
        if let until = query.until { high = min(high, TraceSearch.firstIdentifier(at: until + TraceSearch.slack)) }
        if let before = query.before { high = min(high, before.message) }
        if let message = query.message {
            low = max(low, message)
            high = min(high, message)
        }
        lowest = low
        highest = high
        recipients = try connection.prepareLong(ReadStatements.traceRecipients(connection.dialect))
        refusals = try connection.prepareLong(ReadStatements.traceRefusals(connection.dialect))
    }

    private static func firstIdentifier(at time: Timestamp) -> MessageID {
        let milliseconds = min(max(time.milliseconds, MessageID.epoch.milliseconds), Timestamp.distantFuture.milliseconds)
        let sinceEpoch = milliseconds - MessageID.epoch.milliseconds
        return MessageID(sinceEpoch > Int64.max >> 22 ? Int64.max : sinceEpoch << 22)
    }

    func rows() throws -> [TraceRow] {
        var found: [TraceRow] = []
        guard lowest <= highest else { return found }
        if query.message == nil, !match.terms.isEmpty { return try rows(havingAll: match.terms) }
        let keys = match.keys
        guard query.message == nil, !keys.isEmpty else {
            try scan(lowest, highest, into: &found)
            return found
        }
        var day = highest.day
        while found.count < limit, let next = try newestFilterDay(upTo: day), next >= lowest.day {
            for range in try ranges(onDay: next, keys) where found.count < limit { try scan(range.low, range.high, into: &found) }
            day = next - 1
        }
        return found
    }

    // MARK: Words

    /// By the index of words, a day at a time. Where a word is too common to say anything, the rows of the day are looked at one by one.
    private func rows(havingAll terms: [[TraceTerm]]) throws -> [TraceRow] {
        var found: [TraceRow] = []
        let index = try TraceWordIndex(connection)
        var day = highest.day
        while found.count < limit, let next = try index.newestDay(upTo: day), next >= lowest.day {
            let low = max(lowest, TraceSearch.firstIdentifier(at: Timestamp(seconds: Int64(next) * 86_400)))
            let high = min(highest, TraceSearch.firstIdentifier(at: Timestamp(seconds: (Int64(next) + 1) * 86_400)))
            if var messages = try index.messages(onDay: next, havingAll: terms, from: low, to: high) {
                if !match.keys.isEmpty, !messages.isEmpty {
                    let ranges = try ranges(onDay: next, match.keys)
                    messages.removeAll { message in !ranges.contains { $0.low <= message && message <= $0.high } }
                }
                for message in messages where found.count < limit { try scan(message, message, into: &found) }
            } else {
                try scan(low, high, into: &found)
            }
            day = next - 1
        }
        return found
    }

    private func newestFilterDay(upTo day: Int32) throws -> Int32? {
        let statement = try connection.prepare(ReadStatements.traceFilterDays).begin().bind(Int64(day) + 1)
        guard try statement.step(), let found = statement.readOptionalInt64() else { return nil }
        return Int32(clamping: found)
    }

    /// The ranges of those filters that may hold all keys, newest first, overlapping ones made one.
    private func ranges(onDay day: Int32, _ keys: [[TraceKey]]) throws -> [(low: MessageID, high: MessageID)] {
        let statement = try connection.prepareLong(ReadStatements.traceFilters).begin().bind(day)
        var found: [(low: MessageID, high: MessageID)] = []
        while try statement.step() {
            let low = max(MessageID(statement.readInt64()), lowest)
            let high = min(MessageID(statement.readInt64()), highest)
            guard low <= high else { continue }
            let bits = statement.readBytes()
            if keys.allSatisfy({ $0.contains { TraceFilter.mayContain($0, in: bits) } }) { found.append((low, high)) }
        }
        found.sort { $0.high > $1.high }
        var merged: [(low: MessageID, high: MessageID)] = []
        for range in found {
            if let last = merged.last, last.low <= range.high {
                merged[merged.count - 1].low = min(last.low, range.low)
            } else {
                merged.append(range)
            }
        }
        return merged
    }

    /// Merges recipients and refusals of one range.
    private func scan(_ low: MessageID, _ high: MessageID, into found: inout [TraceRow]) throws {
        for statement in [recipients, refusals] {
            statement.begin().bind(high.day).bind(high.value).bind(low.day).bind(low.value)
        }
        recipients.bind(match.states.lowerBound).bind(match.states.upperBound)
        defer {
            recipients.end()
            refusals.end()
        }
        var recipient = try nextRecipient()
        var refusal = try nextRefusal()
        while found.count < limit {
            if let row = recipient, refusal.map({ ($0.id.message, $0.id.index) < (row.id.message, row.id.index) }) ?? true {
                found.append(row)
                if found.count < limit { recipient = try nextRecipient() }
            } else if let row = refusal {
                found.append(row)
                if found.count < limit { refusal = try nextRefusal() }
            } else {
                return
            }
        }
    }

    private func nextRecipient() throws -> TraceRow? {
        if match.status == "refused" { return nil }
        while try recipients.step() {
            let message = MessageID(recipients.readInt64())
            let index = recipients.readInt32()
            let id = RecipientID(tenant: TenantID(recipients.readInt32()), message: message, index: index)
            let state = try RowText.state(recipients.readInt())
            let attempts = recipients.readInt()
            let status = TraceRow.status(state, attempts: attempts)
            guard match.isBefore(message, index), match.allows(status: status) else { continue }
            let address = try RowText.address(localPart: recipients.readText(), host: recipients.readText())
            let reply = recipients.readOptionalText()
            let time = Timestamp(milliseconds: recipients.readInt64())
            let sender = recipients.readText()
            let reversePath = recipients.readText()
            var row = TraceRow(
                id: id, time: time, sender: sender, reversePath: reversePath, recipient: address.description,
                subject: recipients.readText(), headerMessageID: recipients.readText(), status: status, pool: recipients.readText(),
                reply: nil, attempts: attempts, findings: [])
            guard match.allows(row, recipientKey: address.key, reply: reply) else { continue }
            row.findings = try RowText.findings(recipients.readOptionalText())
            row.reply = try reply.map(RowText.reply)
            return row
        }
        return nil
    }

    private func nextRefusal() throws -> TraceRow? {
        guard match.allows(status: "refused") else { return nil }
        while try refusals.step() {
            let message = MessageID(refusals.readInt64())
            let index = refusals.readInt32()
            let id = RecipientID(tenant: TenantID(refusals.readInt32()), message: message, index: index)
            let time = Timestamp(milliseconds: refusals.readInt64())
            let sender = TraceRow.sender(ofPrincipal: refusals.readText())
            let reversePath = refusals.readText()
            let recipient = refusals.readText()
            let subject = refusals.readText()
            let reply = refusals.readOptionalText()
            let row = TraceRow(
                id: id, time: time, sender: sender, reversePath: reversePath, recipient: recipient, subject: subject,
                headerMessageID: "", status: "refused", pool: "", reply: try reply.map(RowText.reply), attempts: 0,
                findings: try RowText.findings(refusals.readOptionalText()))
            guard match.isBefore(message, index), match.allows(row, recipientKey: recipient.lowercased(), reply: reply) else { continue }
            return row
        }
        return nil
    }
}
