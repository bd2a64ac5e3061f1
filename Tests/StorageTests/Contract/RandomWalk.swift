import DeliveryPlanning
import MailModel
import OwnThreads
import Storage
import Testing

/// Seeded walks of works over a store, beside a model that is too simple to be wrong.
@Suite(.ownThreads) struct RandomWalk {
    private struct Row {
        var state: RecipientState
        var owner: Int64 = 0
        /// What an act asked for while a run held it.
        var wish: QueueVerb?
        var dueAt: Timestamp
        var message: NewMessage
    }

    private struct Walk {
        let store: any Store
        var random: SeededGenerator
        var rows: [RecipientID: Row] = [:]
        var now = Sample.start
        var number = 0
        private let owners: [Int64] = [11, 12, -13]

        init(store: any Store, seed: UInt64) {
            self.store = store
            random = SeededGenerator(seed: seed)
        }

        var ledger: Ledger {
            var ledger = Ledger()
            for row in rows.values {
                ledger.accepted += 1
                ledger[row.state] += 1
            }
            return ledger
        }

        mutating func step() throws {
            now = now + .milliseconds(Int.random(in: 0...4000, using: &random))
            switch Int.random(in: 0..<100, using: &random) {
            case 0..<35: try accept()
            case 35..<65: try settle()
            case 65..<80: try claim()
            case 80..<90: try act()
            case 90..<95: try release()
            default: try failWhole()
            }
        }

        private mutating func fresh() -> NewMessage {
            number += 1
            let recipients = (0..<Int.random(in: 1...3, using: &random)).map { "r\($0)@x\(number % 3).net" }
            let owner = owners.randomElement(using: &random) ?? 11
            return Sample.message(
                number, to: recipients, at: now, dueAt: now + .milliseconds(Int.random(in: 0...5000, using: &random)),
                state: Int.random(in: 0..<8, using: &random) == 0 ? .held : .queued,
                lease: Bool.random(using: &random) ? Lease(owner: owner) : nil)
        }

        private mutating func accept() throws {
            let message = fresh()
            try store.commit(.accept(message))
            for recipient in message.recipients {
                let lease = recipient.state == .queued ? message.lease : nil
                rows[id(message, recipient.index)] = Row(
                    state: recipient.state, owner: lease?.owner ?? 0, dueAt: recipient.dueAt, message: message)
            }
        }

        private func id(_ message: NewMessage, _ index: Int32) -> RecipientID {
            RecipientID(tenant: .standard, message: message.record.id, index: index)
        }

        /// In a fixed order, so that a seed repeats its walk.
        private mutating func anyRow() -> RecipientID? { rows.keys.sorted().randomElement(using: &random) }

        private mutating func settle() throws {
            guard let id = anyRow(), var row = rows[id] else { return }
            let owner = ([nil] + owners.map(Optional.some)).randomElement(using: &random) ?? nil
            let stated = RecipientState.allCases.randomElement(using: &random) ?? .queued
            let new = [RecipientState.queued, .delivered, .bounced, .expired, .suppressed, .held].randomElement(using: &random) ?? .queued
            let due = now + .seconds(3)
            let outcome = Sample.outcome(new, index: id.index, from: stated, dueAt: due)
            guard case .settled(let applied) = try store.commit(.settle(Sample.settlement(row.message, [outcome], at: now, owner: owner)))
            else { return }
            #expect(applied == (row.state.isFinal || !(owner == nil || row.owner == 0 || row.owner == owner) ? 0 : 1))
            guard !row.state.isFinal, owner == nil || row.owner == 0 || row.owner == owner else { return }
            let unwished: RecipientState = row.state == .held && stated != .held ? .held : .queued
            let wished = row.wish.map { $0 == .cancel ? .cancelled : .held } ?? unwished
            (row.state, row.owner, row.wish, row.dueAt) = (new == .queued ? wished : new, 0, nil, due)
            rows[id] = row
        }

        private mutating func claim() throws {
            let owner = owners.randomElement(using: &random) ?? 11
            let limit = Int.random(in: 1...6, using: &random)
            let free = rows.filter { $0.value.state == .queued && $0.value.owner == 0 }
            let mayTake = Set(free.filter { $0.value.dueAt <= now }.keys)
            let answer = try #require(try store.claim(owner: owner, at: now, limit: limit))
            #expect(Set(answer.ids).count == answer.ids.count)
            #expect(mayTake.isSuperset(of: answer.ids))
            #expect(answer.ids.count == min(limit, mayTake.count))
            for id in answer.ids { rows[id]?.owner = owner }
            #expect(answer.nextDueAt == free.filter { !answer.ids.contains($0.key) }.values.map(\.dueAt).min())
        }

        private mutating func release() throws {
            let owner = owners.randomElement(using: &random) ?? 11
            guard let id = anyRow(), let row = rows[id] else { return }
            try store.commit(.release(owner: owner, recipients: [id], dueAt: now))
            guard row.owner == owner else { return }
            rows[id]?.owner = 0
            if let wish = row.wish {
                rows[id]?.state = wish == .cancel ? .cancelled : .held
                rows[id]?.wish = nil
            } else {
                rows[id]?.dueAt = now
            }
        }

        private mutating func act() throws {
            let verb = [QueueVerb.hold, .release, .retry, .cancel].randomElement(using: &random) ?? .hold
            var filter = QueueFilter()
            if Bool.random(using: &random) { filter.message = anyRow()?.message } else { filter.domain = DomainName("x\(number % 3).net") }
            let affected = try store.affected(Sample.act(verb, filter, at: now))
            var expected = 0
            for (id, row) in rows {
                guard filter.message == nil || filter.message == id.message,
                    filter.domain == nil || row.message.recipients[Int(id.index)].recipient.address.domain == filter.domain
                else { continue }
                guard row.owner == 0 else {
                    if wish(verb, id) { expected += 1 }
                    continue
                }
                switch (verb, row.state) {
                case (.hold, .queued): rows[id]?.state = .held
                case (.release, .held):
                    rows[id]?.state = .queued
                    rows[id]?.dueAt = now
                case (.retry, .queued): rows[id]?.dueAt = min(now, row.dueAt)
                case (.cancel, .queued), (.cancel, .held): rows[id]?.state = .cancelled
                default: continue
                }
                expected += 1
            }
            #expect(affected == expected)
        }

        /// False where that changes nothing.
        private mutating func wish(_ verb: QueueVerb, _ id: RecipientID) -> Bool {
            switch (verb, rows[id]?.wish) {
            case (.hold, nil), (.cancel, nil), (.cancel, .hold): rows[id]?.wish = verb
            case (.release, .hold): rows[id]?.wish = nil
            default: return false
            }
            return true
        }

        /// Good works with a bad one at the end: nothing of it may stay.
        private mutating func failWhole() throws {
            let message = fresh()
            #expect(throws: StoreError.self) {
                _ = try store.commit([.accept(message), Sample.act(.cancel), .accept(message)])
            }
        }

        func check() throws {
            #expect(try store.ledger() == ledger)
            #expect(try store.recount() == ledger)
            var query = QueueQuery()
            query.limit = 10_000
            let open = try store.queue(query)
            #expect(Set(open.map(\.id)) == Set(rows.filter { !$0.value.state.isFinal }.keys))
            #expect(open.allSatisfy { rows[$0.id]?.dueAt == $0.dueAt && rows[$0.id]?.state == $0.state })
            #expect(open.allSatisfy { $0.isLeased == (rows[$0.id]?.owner != 0) })
            while let digest = try store.traceDigest() { try store.commit(.digest(digest)) }
            let shape = try store.queueShape(at: now)
            #expect(shape.reduce(0) { $0 + $1.total } == open.count)
            #expect(shape.reduce(0) { $0 + $1.held } == ledger.held)
            for (message, parts) in Dictionary(grouping: rows, by: { $0.key.message }) {
                let isOpen = parts.contains { !$0.value.state.isFinal }
                #expect(try (store.content(of: message, tenant: .standard) != nil) == isOpen)
            }
        }
    }

    @Test(arguments: StoreDriver.all, [1, 2, 3, 4] as [UInt64])
    func theStoreAgreesWithTheModelAtEachStep(_ driver: StoreDriver, seed: UInt64) throws {
        let folder = try TemporaryFolder()
        let store = try driver.open(folder)
        var walk = Walk(store: store, seed: seed)
        for step in 0..<250 {
            try walk.step()
            #expect(try store.ledger() == walk.ledger, "seed \(seed), step \(step)")
            if step % 25 == 24 { try walk.check() }
        }
    }
}
