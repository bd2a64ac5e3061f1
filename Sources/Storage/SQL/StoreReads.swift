import DeliveryPlanning
import MailModel
import OutboundPolicy

/// Reads that the readers and the writer share, on whichever connection they are given.
enum StoreReads {
    static func ledger(_ connection: some StoreConnection) throws -> Ledger {
        var ledger = Ledger()
        let statement = try connection.prepare(ReadStatements.ledger).begin()
        while try statement.step() {
            let counter = statement.readInt()
            let total = statement.readInt()
            if counter == -1 {
                ledger.accepted = total
            } else {
                ledger[try RowText.state(counter)] = total
            }
        }
        return ledger
    }

    static func recount(_ connection: some StoreConnection) throws -> Ledger {
        var ledger = Ledger()
        for sql in [ReadStatements.countStates, ReadStatements.purgedTotals] {
            let statement = try connection.prepare(sql).begin()
            while try statement.step() {
                let state = try RowText.state(statement.readInt())
                let total = statement.readInt()
                ledger[state] += total
                ledger.accepted += total
            }
        }
        return ledger
    }

    static func content(_ connection: some StoreConnection, of id: MessageID, tenant: TenantID) throws -> [UInt8]? {
        let statement = try connection.prepareKept(ReadStatements.content).begin().bind(id.day).bind(id.value).bind(tenant.value)
        var content: [UInt8]?
        while try statement.step() {
            if content == nil { content = Array(statement.readBytes()) } else { content?.append(contentsOf: statement.readBytes()) }
        }
        return content
    }

    static func message(_ connection: some StoreConnection, _ id: MessageID) throws -> MessageDetail? {
        let select = try connection.prepare(ReadStatements.messageByKey).begin().bind(id.day).bind(id.value)
        guard try select.step() else { return nil }
        let record = try select.readMessage()
        var recipients: [RecipientRecord] = []
        let recipientRows = try connection.prepare(ReadStatements.recipientsOfMessage).begin().bind(id.day).bind(id.value)
        while try recipientRows.step() { recipients.append(try recipientRows.readRecipient().record) }
        var events: [TraceEvent] = []
        let eventRows = try connection.prepare(ReadStatements.eventsOfMessage).begin().bind(id.day).bind(id.value)
        while try eventRows.step() { events.append(try eventRows.readEvent()) }
        return MessageDetail(record: record, recipients: recipients, events: events)
    }

    static func messages(
        _ connection: some StoreConnection, from first: MessageID, through last: MessageID, limit: Int
    ) throws -> [MessageRecord] {
        guard first <= last else { return [] }
        let select = try connection.prepare(ReadStatements.messageRange(connection.dialect)).begin()
            .bind(last.day).bind(last.value).bind(first.day).bind(first.value).bind(max(0, limit))
        var records: [MessageRecord] = []
        while try select.step() { records.append(try select.readMessage()) }
        return records
    }

    static func heldMessages(_ connection: some StoreConnection, through last: MessageID, limit: Int) throws -> [HeldMessage] {
        let select = try connection.prepare(ReadStatements.heldMessages).begin().bind(last.day).bind(last.value).bind(max(0, limit))
        var counts: [(id: MessageID, held: Int)] = []
        while try select.step() { counts.append((MessageID(select.readInt64()), select.readInt())) }
        return try counts.compactMap { count in
            try messages(connection, from: count.id, through: count.id, limit: 1).first.map { HeldMessage(record: $0, held: count.held) }
        }
    }

    static func directoryVersion(_ connection: some StoreConnection) throws -> Int64 {
        let statement = try connection.prepare(ReadStatements.directoryVersion).begin()
        guard try statement.step() else { throw StoreError.corrupt("no counter of directory versions") }
        return statement.readInt64()
    }

    static func audit(_ connection: some StoreConnection, _ query: AuditQuery) throws -> [AuditRow] {
        let statement = try connection.prepare(ReadStatements.audit).begin().bind(query.before ?? Int64.max).bind(max(0, query.limit))
        var rows: [AuditRow] = []
        while try statement.step() {
            let entry = statement.readAudit()
            rows.append(AuditRow(number: statement.readInt64(), entry: entry))
        }
        return rows
    }

    /// The message that a request with this mark made after `since`.
    static func request(
        _ connection: some StoreConnection, _ mark: IdempotencyMark, tenant: TenantID, since: Timestamp
    ) throws -> RepeatedRequest? {
        let statement = try connection.prepare(ReadStatements.requestKey).begin()
            .bind(tenant.value).bind(mark.principal).bind(mark.key)
        guard try statement.step() else { return nil }
        let message = MessageID(statement.readInt64())
        let isSame = statement.readText() == mark.requestHash
        guard statement.readInt64() > since.milliseconds else { return nil }
        return RepeatedRequest(message: message, isSameRequest: isSame)
    }

    /// What the only writer of a store goes on with.
    static func newestTraceFilter(_ connection: some StoreConnection) throws -> TraceFilter? {
        let statement = try connection.prepare(ReadStatements.newestTraceFilter).begin()
        guard try statement.step() else { return nil }
        return TraceFilter(
            day: statement.readInt32(), bucket: statement.readInt64(), lowest: statement.readInt64(), highest: statement.readInt64(),
            keyCount: statement.readInt(), bits: Array(statement.readBytes()))
    }

    static func newestMessage(_ connection: some StoreConnection) throws -> MessageID? {
        try ReadStatements.newestMessages.compactMap { sql in
            let statement = try connection.prepare(sql).begin()
            return try statement.step() ? MessageID(statement.readInt64()) : nil
        }.max()
    }

    // MARK: Queue

    static func queue(_ connection: some StoreConnection, _ query: QueueQuery) throws -> [QueueRow] {
        let limit = min(max(query.limit, 1), 10_000)
        if query.filter.message != nil {
            let rows = try queueOfMessage(connection, query.filter).filter { row in
                query.after.map { ($0.dueAt, $0.id.message, $0.id.index) < (row.dueAt, row.id.message, row.id.index) } ?? true
            }
            return Array(rows.prefix(limit))
        }
        var rows: [QueueRow] = []
        for state in query.filter.states where !state.isFinal {
            var ranges: [(list: Int32, owner: Int64)] = [(0, 0)]
            if state == .queued {
                ranges += try leaseOwners(connection).map { (0, $0) } + waitingLists(connection).map { ($0, 0) }
            }
            for (list, owner) in ranges {
                rows += try queueRange(
                    connection, state: state, waitsFor: list, owner: owner, filter: query.filter, after: query.after, limit: limit)
            }
        }
        rows.sort { ($0.dueAt, $0.id.message, $0.id.index) < ($1.dueAt, $1.id.message, $1.id.index) }
        return Array(rows.prefix(limit))
    }

    /// Every run that holds a recipient, in order; hops from one to the next along the index.
    static func leaseOwners(_ connection: some StoreConnection) throws -> [Int64] {
        let statement = try connection.prepare(WriteStatements.nextLeaseOwner)
        var owners: [Int64] = []
        var last = Int64.min
        while true {
            statement.begin().bind(last)
            guard try statement.step(), let next = statement.readOptionalInt64() else { return owners }
            if next != 0 { owners.append(next) }
            last = next
        }
    }

    /// The numbers of the lists of sources that something waits for, in order; hops from one to the next along the index.
    static func waitingLists(_ connection: some StoreConnection) throws -> [Int32] {
        var lists: [Int32] = []
        while let next = try nextWaitingList(connection, after: lists.last ?? 0) { lists.append(next) }
        return lists
    }

    static func nextWaitingList(_ connection: some StoreConnection, after list: Int32) throws -> Int32? {
        let statement = try connection.prepare(WriteStatements.nextWaitsFor).begin().bind(list)
        defer { statement.end() }
        return try statement.step() ? statement.readOptionalInt64().map { Int32(clamping: $0) } : nil
    }

    static func waitingForSources(_ connection: some StoreConnection) throws -> [Int32: Int] {
        var counts: [Int32: Int] = [:]
        for list in try waitingLists(connection) {
            let statement = try connection.prepare(WriteStatements.countWaiting).begin().bind(list)
            if try statement.step() { counts[list] = statement.readInt() }
            statement.end()
        }
        return counts
    }

    /// The rows of one state that wait for one list (0: for none), in one pair of hands, in order of due time.
    static func queueRange(
        _ connection: some StoreConnection, state: RecipientState, waitsFor list: Int32, owner: Int64, filter: QueueFilter,
        after: QueueQuery.QueueKey?, limit: Int
    ) throws -> [QueueRow] {
        let statement = try connection.prepareLong(ReadStatements.queueRange).begin().bind(state.rawValue).bind(list).bind(owner)
            .bind(after?.dueAt.milliseconds ?? Int64.min).bind(after?.id.message.day ?? Int32.min)
            .bind(after?.id.message.value ?? Int64.min).bind(after?.id.index ?? Int32.min)
        return try matchingRows(statement, filter, limit: limit, isInOrderOfDueTime: true)
    }

    /// As `queueRange`, but bounded by the rows that are read, not by those that match. `last`: the key to go on from; nil at the end.
    static func queuePart(
        _ connection: some StoreConnection, _ place: QueueAct.Place, filter: QueueFilter, readMax: Int
    ) throws -> (rows: [QueueRow], last: QueueQuery.QueueKey?) {
        var unfiltered = QueueFilter()
        unfiltered.states = [place.state]
        unfiltered.dueBy = filter.dueBy
        let read = try queueRange(
            connection, state: place.state, waitsFor: place.waitsFor, owner: place.owner ?? 0, filter: unfiltered, after: place.after,
            limit: readMax)
        let last = read.count == readMax ? read.last.map { QueueQuery.QueueKey(dueAt: $0.dueAt, id: $0.id) } : nil
        return (read.filter { matches($0, filter, sender: filter.sender?.lowercased()) }, last)
    }

    static func queueOfMessage(_ connection: some StoreConnection, _ filter: QueueFilter) throws -> [QueueRow] {
        guard let message = filter.message else { return [] }
        let statement = try connection.prepare(ReadStatements.queueOfMessage).begin().bind(message.day).bind(message.value)
        return try matchingRows(statement, filter, limit: .max, isInOrderOfDueTime: false)
    }

    private static func matchingRows(
        _ statement: some StoreStatement, _ filter: QueueFilter, limit: Int, isInOrderOfDueTime: Bool
    ) throws -> [QueueRow] {
        let sender = filter.sender?.lowercased()
        var rows: [QueueRow] = []
        while rows.count < limit, try statement.step() {
            let row = try statement.readQueueRow()
            if let end = filter.dueBy, row.dueAt > end {
                if isInOrderOfDueTime { break }
                continue
            }
            if matches(row, filter, sender: sender) { rows.append(row) }
        }
        return rows
    }

    /// `sender`: the filter's, in lower case.
    private static func matches(_ row: QueueRow, _ filter: QueueFilter, sender: String?) -> Bool {
        filter.states.contains(row.state) && (filter.recipientIndex == nil || filter.recipientIndex == row.id.index)
            && (sender == nil || row.sender.lowercased() == sender) && (filter.domain == nil || row.recipient.domain == filter.domain)
    }
}
