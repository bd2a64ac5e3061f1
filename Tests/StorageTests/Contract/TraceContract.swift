import DeliveryPlanning
import MailModel
import OwnThreads
import Storage
import Testing

/// What the trace and the queue show on every driver.
@Suite(.ownThreads) struct TraceContract {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private func pages(_ store: any Store, _ query: TraceQuery, of size: Int) throws -> [RecipientID] {
        var query = query
        query.limit = size
        var found: [RecipientID] = []
        while true {
            let page = try store.trace(query)
            found += page.map(\.id)
            guard page.count == size, let last = page.last else { return found }
            query.before = last.id
        }
    }

    /// 3,000 recipients over three days: enough for several filters, in an order of commit that is not that of the identifiers.
    private func fill(_ store: any Store) throws -> [NewMessage] {
        var messages = (0..<1500).map { number in
            Sample.message(
                number, to: ["r\(number % 100)@x.net", "S\(number)@y.net"], from: "w\(number % 30)@example.org",
                at: Sample.start + .seconds(number * 160))
        }
        var random = SeededGenerator(seed: 5)
        for start in stride(from: 0, to: 1500, by: 20) { messages[start..<start + 20].shuffle(using: &random) }
        for start in stride(from: 0, to: 1500, by: 100) { _ = try store.commit(messages[start..<start + 100].map(StoreWork.accept)) }
        return messages.sorted { $0.record.id > $1.record.id }
    }

    @Test(arguments: StoreDriver.all)
    func everyFilterFindsExactlyItsRowsNewestFirst(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        let messages = try fill(store)
        func expected(_ isWanted: (NewMessage, RecipientRecord) -> Bool) -> [RecipientID] {
            messages.flatMap { message in
                message.recipients.reversed().filter { isWanted(message, $0) }.map {
                    RecipientID(tenant: .standard, message: message.record.id, index: $0.index)
                }
            }
        }
        func query(_ change: (inout TraceQuery) -> Void) -> TraceQuery {
            var query = TraceQuery()
            change(&query)
            return query
        }
        let middle = messages[700].record
        let cases: [(String, TraceQuery, [RecipientID])] = [
            ("all", TraceQuery(), expected { _, _ in true }),
            ("sender", query { $0.sender = "W7@Example.org" }, expected { message, _ in message.record.sender == "w7@example.org" }),
            ("recipient", query { $0.recipient = "R42@x.net" }, expected { $1.recipient.address.key == "r42@x.net" }),
            ("one recipient", query { $0.recipient = "s77@y.net" }, expected { $1.recipient.address.key == "s77@y.net" }),
            (
                "Message-ID", query { $0.headerMessageID = middle.headerMessageID },
                expected { message, _ in message.record.id == middle.id }
            ),
            ("message", query { $0.message = middle.id }, expected { message, _ in message.record.id == middle.id }),
            (
                "both",
                query {
                    $0.sender = "w7@example.org"
                    $0.recipient = "r7@x.net"
                },
                expected { $0.record.sender == "w7@example.org" && $1.recipient.address.key == "r7@x.net" }
            ),
            (
                "time",
                query {
                    $0.since = messages[900].record.receivedAt
                    $0.until = middle.receivedAt
                },
                expected { message, _ in
                    message.record.receivedAt >= messages[900].record.receivedAt && message.record.receivedAt <= middle.receivedAt
                }
            ),
            (
                "sender in time",
                query {
                    $0.sender = "w3@example.org"
                    $0.since = middle.receivedAt
                },
                expected { message, _ in message.record.sender == "w3@example.org" && message.record.receivedAt >= middle.receivedAt }
            ),
            ("nobody", query { $0.sender = "nobody@example.org" }, []),
        ]
        for (name, query, rows) in cases {
            #expect(try pages(store, query, of: 10_000) == rows, "\(name)")
            #expect(try pages(store, query, of: 17) == rows, "\(name), by pages")
        }
    }

    @Test(arguments: StoreDriver.all)
    func searchGoesOnAfterReopening(_ driver: StoreDriver) throws {
        let first = try driver.open(folder)
        try first.commit(.accept(Sample.message(1, to: ["a@x.net"])))
        try driver.close(first)
        let second = try driver.open(folder)
        try second.commit(.accept(Sample.message(2, to: ["a@x.net"])))
        var query = TraceQuery()
        query.recipient = "a@x.net"
        #expect(try second.trace(query).map(\.id.message) == [Sample.id(2), Sample.id(1)])
    }

    @Test(arguments: StoreDriver.all)
    func aMessageWithMoreRecipientsThanAFilterTakesIsFound(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        try store.commit(.accept(Sample.message(1, to: (0..<6000).map { "r\($0)@x.net" })))
        try store.commit(.accept(Sample.message(2, to: ["r5999@x.net"])))
        var query = TraceQuery()
        query.recipient = "r5999@x.net"
        #expect(try store.trace(query).map(\.id.message) == [Sample.id(2), Sample.id(1)])
    }

    @Test(arguments: StoreDriver.all)
    func statusTellsDeferredAndRefusedFromTheRest(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        let deferred = Sample.message(1)
        _ = try store.commit([.accept(deferred), .accept(Sample.message(2)), .accept(Sample.message(3)), .refuse(Sample.refusal(4))])
        try store.commit(.settle(Sample.settlement(deferred, [Sample.outcome(.queued)])))
        try store.commit(.settle(Sample.settlement(Sample.message(3), [Sample.outcome(.bounced)])))
        #expect(try store.trace(TraceQuery()).map(\.status) == ["refused", "bounced", "queued", "deferred"])
        for (status, numbers) in [("refused", [4]), ("bounced", [3]), ("deferred", [1]), ("queued", [2, 1]), ("delivered", []), ("x", [])] {
            var query = TraceQuery()
            query.status = status
            #expect(try store.trace(query).map(\.id.message) == numbers.map { Sample.id($0) }, "\(status)")
        }
        let refused = try #require(try store.trace(TraceQuery()).first)
        #expect(refused.sender == "writer@example.org")
        #expect(refused.reply == Sample.refusal(4).reply)
        #expect(refused.findings == Sample.refusal(4).findings)
        var query = TraceQuery()
        query.sender = "writer@example.org"
        query.recipient = "reader@example.net"
        #expect(try store.trace(query).count == 4)
    }

    @Test(arguments: StoreDriver.all)
    func severalRefusalsMayCarryOneIdentifier(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        _ = try store.commit([
            .accept(Sample.message(1)), .refuse(Sample.refusal(1, recipient: "a@x.net")), .refuse(Sample.refusal(1, recipient: "b@x.net")),
        ])
        let rows = try store.trace(TraceQuery())
        #expect(rows.map(\.recipient) == ["b@x.net", "a@x.net", "reader@example.net"])
        #expect(Set(rows.map(\.id)).count == 3)
        #expect(try pages(store, TraceQuery(), of: 1) == rows.map(\.id))
    }

    @Test(arguments: StoreDriver.all)
    func theQueueIsListedInOrderOfDueTimeWhoeverHoldsIt(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        let order = [4, 1, 3, 6, 2, 5]
        for (place, number) in order.enumerated() {
            let lease = number % 3 == 0 ? Lease(owner: Int64(number)) : nil
            try store.commit(
                .accept(Sample.message(number, dueAt: Sample.start + .seconds(place), state: number == 2 ? .held : .queued, lease: lease)))
        }
        try store.commit(.accept(Sample.message(7)))
        try store.commit(.settle(Sample.settlement(Sample.message(7), [Sample.outcome(.delivered)])))
        var query = QueueQuery()
        query.limit = 4
        let first = try store.queue(query)
        #expect(first.map(\.id.message) == order.prefix(4).map { Sample.id($0) })
        #expect(first.map(\.isLeased) == [false, false, true, true])
        query.after = first.last.map { QueueQuery.QueueKey(dueAt: $0.dueAt, id: $0.id) }
        #expect(try store.queue(query).map(\.id.message) == [Sample.id(2), Sample.id(5)])
        var held = QueueQuery()
        held.filter.states = [.held]
        #expect(try store.queue(held).map(\.state) == [.held])
        var one = QueueQuery()
        one.filter.message = Sample.id(5)
        #expect(try store.queue(one).map(\.subject) == ["Number 5"])
    }
}
