import DeliveryPlanning
import MailModel
import OutboundPolicy
import OwnThreads
import Storage
import Testing

@testable import PosternRuntime

@Suite(.ownThreads) struct SeedTests {
    @Test(arguments: [false, true]) func aSeededQueueIsOneThatAGateCouldHaveMade(isDue: Bool) async throws {
        let data = try await TestData()
        let seed = QueueSeed(recipients: 25, recipientsPerMessage: 10, messageBytes: 600, isDue: isDue, node: 7)
        try await seed.fill(data.store, now: TestData.now)

        let ledger = try await data.store.read { (kept: try $0.ledger(), counted: try $0.recount()) }
        #expect(ledger.kept.queued == 25 && ledger.kept.isBalanced)
        #expect(ledger.counted == ledger.kept)
        let rows = try await data.store.read { try $0.queue(QueueQuery()) }
        #expect(rows.count == 25)
        #expect(Set(rows.map(\.recipient)).count == 25)
        #expect(rows.allSatisfy { ($0.dueAt <= TestData.now) == isDue && $0.recipient.host.description.hasSuffix(".test") })
        let messages = Set(rows.map(\.id.message)).sorted()
        #expect(messages.count == 3)
        for id in messages {
            let content = try await data.store.read { try $0.content(of: id, tenant: .standard) }
            #expect(content?.count == 600)
            #expect(content?.suffix(2) == [0x0D, 0x0A])
        }
    }

    @Test func moreIsAddedBehindWhatIsThere() async throws {
        let data = try await TestData()
        let seed = QueueSeed(recipients: 3, recipientsPerMessage: 1, messageBytes: 512, isDue: true, node: 1)
        try await seed.fill(data.store, now: TestData.now)
        let first = try await data.store.read { try $0.newestMessage() }
        try await seed.fill(data.store, now: TestData.now)
        let rows = try await data.store.read { try $0.queue(QueueQuery()) }
        #expect(rows.count == 6)
        #expect(rows.filter { row in first.map { row.id.message <= $0 } ?? false }.count == 3)
    }

    @Test func aSeededHistoryAddsUpAndIsTheSameEachTime() async throws {
        func fill() async throws -> (TestData, HistorySeed.Report) {
            let data = try await TestData()
            try await SeedDirectory(data.administration(), actor: "local:tester", now: TestData.now).fill()
            return (data, try HistorySeed(events: 1500, seed: 4, node: 1).fill(data.store.store, now: TestData.now))
        }
        let (data, report) = try await fill()
        #expect(report.events >= 1500 && report.messages > 500)
        let ledger = try await data.store.read { (kept: try $0.ledger(), counted: try $0.recount()) }
        #expect(ledger.kept.isBalanced && ledger.counted == ledger.kept && ledger.kept.accepted == report.recipients)
        #expect(ledger.kept.held > 0 && ledger.kept.bounced > 0 && ledger.kept.queued > 0)
        let view = try await data.perform(ShowStatistics(since: TestData.now - HistorySeed.span, by: .day))
        #expect(view.total.accepted == report.recipients && view.total.delivered == ledger.kept.delivered && view.total.refused > 0)
        let shape = try await data.perform(ShowQueueShape())
        #expect(shape.total.total == ledger.kept.queued + ledger.kept.held && shape.total.held == ledger.kept.held)
        #expect(try await data.perform(ListRestrictions()).count == 2)
        #expect(try await data.perform(ListAlerts()).count == 6)
        #expect(try await data.perform(ListAudit(limit: 1000)).filter { $0.reason.contains("postern seed") }.count > 40)
        let reference = try await data.perform(ListRestrictions())[0].reference
        let refused = try await data.perform(FindTrace(text: reference))
        #expect(refused.reading == .reference && refused.rows.first?.status == "refused")
        #expect(try await data.perform(FindTrace(text: "paket bestätigen")).rows.count > 3)
        // Nothing of it is under way at once when a gate starts.
        let queue = try await data.store.read { try $0.queue(QueueQuery()) }
        #expect(queue.allSatisfy { $0.state == .held || $0.dueAt > TestData.now })
        let (other, _) = try await fill()
        let newest = { (data: TestData) in try await data.perform(SearchTrace(query: TraceQuery())).map { "\($0.id) \($0.recipient)" } }
        #expect(try await newest(other) == newest(data))
    }

    @Test func aSeededDomainHasBeenLookedAtAndReportedOn() async throws {
        let data = try await TestData()
        try await SeedDirectory(data.administration(), actor: "local:tester", now: TestData.now).fill()
        let domain = SeedCast.organisation
        let history = try await data.perform(ShowDomainHistory(domain: domain))
        #expect(history.history.count == 2)
        #expect(history.report != nil && history.history.contains { $0.changes.contains { $0.contains("DMARC") } })
        let reports = try await data.perform(ListDomainReports(domain: domain, limit: 1000))
        #expect(reports.count(where: { $0.kind == "aggregate" }) == 4 * 45 && reports.count(where: { $0.kind == "tls" }) == 45)
        #expect(reports.contains { $0.kind == "tls" && $0.passing < $0.total })
        let ahead = try await data.perform(ShowDayAhead())
        #expect(Set(ahead.map(\.kind)).isSuperset(of: [.domain, .listing]))
        #expect(ahead.first?.severity == .high && ahead.first?.kind == .listing)
    }

    @Test func theCommandLeavesAStoreWithMailAlone() throws {
        let data = try TemporaryDirectory()
        #expect(try PosternProcess.run(["init", "--host-name", "gate.example.org"], data: data).code == 0)
        let first = try PosternProcess.run(["seed", "--queued", "12", "--recipients-per-message", "5"], data: data)
        #expect(first.code == 0)
        #expect(first.output == "12 recipients of 3 messages queued\n")
        #expect(try PosternProcess.run(["seed", "--queued", "1"], data: data).code == 4)
        #expect(try PosternProcess.run(["seed", "--queued", "1", "--in-use"], data: data).code == 0)
        #expect(try PosternProcess.run(["ledger", "--verify"], data: data).output.contains("queued      13"))
    }
}
