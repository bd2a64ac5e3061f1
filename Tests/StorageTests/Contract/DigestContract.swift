import DeliveryPlanning
import MailModel
import OutboundPolicy
import OwnThreads
import Testing

@testable import Storage

/// What the figures that are made from the journal promise on every driver.
@Suite(.ownThreads) struct DigestContract {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private func traffic(_ store: any Store, _ step: TrafficQuery.Step = .hour, destination: String? = nil) throws -> Traffic {
        try store.traffic(
            TrafficQuery(since: Sample.start, until: Sample.start + .seconds(7200), step: step, destination: destination))
    }

    private func fill(_ store: any Store) throws {
        let first = Sample.message(1, to: ["a@x.net", "b@X.net", "c@y.net"])
        _ = try store.commit([.accept(first), .accept(Sample.message(2, to: ["d@y.net"], state: .held)), .refuse(Sample.refusal(3))])
        let outcomes = [
            Sample.outcome(.delivered), Sample.outcome(.queued, index: 1), Sample.outcome(.bounced, index: 2),
        ]
        try store.commit(.settle(Sample.settlement(first, outcomes, at: Sample.start + .seconds(3600))))
    }

    @Test(arguments: StoreDriver.all)
    func whatWasCommittedIsCountedOnceByTimeAndDestination(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        try fill(store)
        #expect(try traffic(store).steps.isEmpty && traffic(store).journalLength == 2)
        let digest = try #require(try store.traceDigest())
        #expect(digest.commitCount == 2)
        #expect(try store.affected(.digest(digest)) == 2)
        #expect(try store.affected(.digest(digest)) == 0, "another was first")
        #expect(try store.traceDigest() == nil)
        let found = try traffic(store)
        let begin = Sample.start.begin(of: .hour)
        let (now, later) = (try #require(found.steps[begin]), try #require(found.steps[begin + .seconds(3600)]))
        #expect(now[.accepted] == 4 && now[.held] == 1 && now[.refused] == 1 && now[.delivered] == 0)
        #expect(later[.delivered] == 1 && later[.deferred] == 1 && later[.bounced] == 1 && later[.accepted] == 0)
        #expect(found.journalLength == 0)
        let destinations = found.destinations.mapValues { "\($0[.accepted]) \($0[.delivered]) \($0[.bounced]) \($0[.refused])" }
        #expect(destinations == ["x.net": "2 1 0 0", "y.net": "2 0 1 0", "example.net": "0 0 0 1"])
        #expect(try traffic(store, .fiveMinutes).steps.values.reduce(0) { $0 + $1[.accepted] } == 4)
        #expect(try traffic(store, .day).steps.values.first?[.delivered] == 1)
        let one = try traffic(store, .hour, destination: "y.net")
        #expect(one.steps[begin]?[.accepted] == 2 && one.steps[begin + .seconds(3600)]?[.bounced] == 1 && one.destinations.isEmpty)
        #expect(try traffic(store, .day, destination: "x.net").steps.values.first?[.deferred] == 1)
    }

    @Test(arguments: StoreDriver.all)
    func aWholeDayIsTheSumOfItsHours(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        for hour in 0..<60 { try store.commit(.accept(Sample.message(hour, at: Sample.start + .seconds(hour * 3600)))) }
        while let digest = try store.traceDigest() { try store.commit(.digest(digest)) }
        let query = TrafficQuery(since: Sample.start, until: Sample.start + .seconds(59 * 3600), step: .hour)
        #expect(try store.traffic(query).destinations["example.net"]?[.accepted] == 60)
        #expect(try store.traffic(query).steps.count == 60)
        let part = TrafficQuery(since: Sample.start + .seconds(3600), until: Sample.start + .seconds(10 * 3600), step: .hour)
        #expect(try store.traffic(part).destinations["example.net"]?[.accepted] == 10)
    }

    @Test(arguments: StoreDriver.all)
    func theShapeOfTheQueueIsWhatIsOpen(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        try fill(store)
        let old = Sample.message(7, to: ["z@x.net"], at: Sample.start + .seconds(1800))
        try store.commit(.accept(old))
        var digest = try #require(try store.traceDigest())
        try store.commit(.digest(digest))
        func shape() throws -> [String: QueueShapeRow] {
            let rows = try store.queueShape(at: Sample.start + .seconds(1800 + 120))
            return Dictionary(uniqueKeysWithValues: rows.map { ($0.destination, $0) })
        }
        #expect(try shape().mapValues(\.counts) == ["x.net": [1, 0, 0, 1, 0, 0, 0, 0, 0, 0], "y.net": [0, 0, 0, 1, 0, 0, 0, 0, 0, 0]])
        #expect(try shape()["y.net"]?.held == 1 && shape()["x.net"]?.held == 0)
        #expect(try shape()["x.net"]?.oldest.seconds == Sample.start.seconds / 60 * 60)
        #expect(try store.affected(Sample.act(.release)) == 1)
        #expect(try store.affected(Sample.act(.cancel)) == 3)
        digest = try #require(try store.traceDigest())
        try store.commit(.digest(digest))
        #expect(try store.queueShape(at: Sample.start).isEmpty)
    }

    @Test(arguments: StoreDriver.all)
    func whatIsPurgedIsNotCountedAnyMore(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        try fill(store)
        while let digest = try store.traceDigest() { try store.commit(.digest(digest)) }
        try store.commit(.purge(before: Sample.day + 2, limit: 100))
        let found = try store.traffic(TrafficQuery(since: Sample.start - .seconds(86_400), until: Sample.start, step: .hour))
        #expect(found.steps.isEmpty && found.destinations.isEmpty)
    }

    @Test func aJournalReadsBackAsItWasWritten() throws {
        var journal = TraceJournal()
        let message = Sample.message(1, to: ["a@x.net", "b@x.net", "c@y.net"])
        journal.accepted(message)
        let id = RecipientID(tenant: .standard, message: message.record.id, index: 2)
        journal.changed(id, at: Sample.start, from: .queued, to: .bounced, count: .bounced, reply: SMTPReply(550, nil, ["no", "no"]))
        journal.refused(Sample.refusal(2))
        let entries = try journal.octets.withUnsafeBytes(TraceJournalEntry.read)
        #expect(entries.count == 3)
        guard case .accepted(let head, let sender, let path, let subject, _, let recipients) = entries[0],
            case .changed(_, let index, .queued, .bounced, .bounced, let reply) = entries[1]
        else {
            Issue.record("\(entries)")
            return
        }
        #expect(head.message == message.record.id && sender == path && subject == "Number 1")
        #expect(recipients.map(\.destination) == ["x.net", "x.net", "y.net"])
        #expect(index == 2 && reply == "550 - no\nno")
        for length in 1..<journal.octets.count where length < 20 {
            #expect(throws: StoreError.self) { try Array(journal.octets.prefix(length)).withUnsafeBytes(TraceJournalEntry.read) }
        }
    }
}
