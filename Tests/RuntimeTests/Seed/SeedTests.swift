import DeliveryPlanning
import MailModel
import Storage
import Testing

@testable import PosternRuntime

struct SeedTests {
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
