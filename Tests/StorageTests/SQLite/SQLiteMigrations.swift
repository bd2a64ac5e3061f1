import DeliveryPlanning
import Foundation
import MailModel
import OutboundPolicy
import OwnThreads
import Testing

@testable import Storage

/// Files that earlier schemas made, kept in `Databases`, come to the newest one with all that is in them.
@Suite(.ownThreads) struct SQLiteMigrations {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    /// A copy of a kept file.
    private func copy(_ name: String) throws -> String {
        let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Databases/\(name)")
        try FileManager.default.copyItem(atPath: source.path, toPath: folder.file(name))
        return folder.file(name)
    }

    /// `version-1.sqlite`: one message of 40 days before, delivered and bounced and purged; of four others, six recipients in all, one is
    /// delivered, one bounced, one held, and three are queued, two of them leased by run 4711; a refusal; a pause; two acts.
    @Test func theFirstSchemaComesToTheNewestWithItsData() throws {
        let path = try copy("version-1.sqlite")
        let steps = Migration.all.dropFirst().map(\.name)
        #expect(try SQLiteStore.pendingMigrations(path: path) == steps)
        if !steps.isEmpty {
            #expect(throws: StoreError.pendingMigrations(steps)) { try SQLiteStore(path: path, migration: .refuse) }
        }
        let store = try SQLiteStore(path: path, migration: .apply)
        #expect(try SQLiteStore.pendingMigrations(path: path) == [])
        try checkMessages(store)
        #expect(try store.directory().pauses.count == 1)
        #expect(try store.audit(limit: 10).map(\.action) == ["pause.add", "note"])
        var refused = TraceQuery()
        refused.status = "refused"
        #expect(try store.trace(refused).map(\.recipient) == ["reader@example.net"])
        try checkUse(store)
        try store.close()
        try SQLiteStore(path: path, migration: .refuse).close()
    }

    private func checkMessages(_ store: SQLiteStore) throws {
        let ledger = try store.ledger()
        #expect(ledger.accepted == 8 && ledger.delivered == 2 && ledger.bounced == 2 && ledger.queued == 3 && ledger.held == 1)
        #expect(try store.recount() == ledger)
        #expect(try store.newestMessage() == Sample.id(9))
        let open = try #require(try store.message(Sample.id(2)))
        #expect(open.recipients.map(\.state) == [.delivered, .queued, .queued])
        #expect(open.events.map(\.kind) == ["delivered", "deferred"])
        #expect(try store.content(of: Sample.id(4), tenant: .standard) == [UInt8](repeating: 0x61, count: 9000))
        #expect(try store.content(of: Sample.id(3), tenant: .standard) == nil)
        var query = TraceQuery()
        query.recipient = "e@x.net"
        #expect(try store.trace(query).map(\.id.message) == [Sample.id(4)])
    }

    /// The migrated store is used as one that was made by this program.
    private func checkUse(_ store: SQLiteStore) throws {
        let run = try #require(try store.register(815))
        #expect(run.open == 4 && run.released == 1 && run.newestMessage == Sample.id(9))
        try store.commit(.accept(Sample.message(20)))
        try store.commit(.settle(Sample.settlement(Sample.message(4), [Sample.outcome(.delivered)])))
        #expect(try store.ledger() == store.recount())
        #expect(try store.content(of: Sample.id(4), tenant: .standard) == nil)
        #expect(try store.commit(.purge(before: Sample.day + 2, limit: 100)).affectedCount ?? 0 >= 2)
        #expect(try store.ledger() == store.recount())
    }
}

extension StoreWorkResult {
    fileprivate var affectedCount: Int? { if case .affected(let count) = self { count } else { nil } }
}
