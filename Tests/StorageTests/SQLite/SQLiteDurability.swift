import DeliveryPlanning
import Foundation
import MailModel
import OutboundPolicy
import OwnThreads
import Synchronization
import Testing

@testable import Storage

/// What the SQLite driver promises about its file.
@Suite(.ownThreads) struct SQLiteDurability {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private func open(_ name: String = "store.sqlite", _ change: (inout SQLiteStore.Options) -> Void = { _ in }) throws -> SQLiteStore {
        var options = SQLiteStore.Options()
        change(&options)
        return try SQLiteStore(path: folder.file(name), options: options, migration: .apply)
    }

    /// One row of one column.
    private func value(_ store: SQLiteStore, _ sql: String) throws -> String {
        try store.onWriter { connection in
            let statement = try connection.prepare(sql).begin()
            return try statement.step() ? statement.readText() : ""
        }
    }

    /// Every row of every table.
    private func dump(_ store: SQLiteStore) throws -> [String] {
        try store.read { connection in
            let names = try connection.prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").begin()
            var lines: [String] = []
            while try names.step() {
                let name = names.readText()
                let info = try connection.prepare(
                    "SELECT group_concat('quote(' || name || ')', ' || \",\" || ') FROM pragma_table_info($1)"
                )
                .begin().bind(name)
                guard try info.step() else { continue }
                let columns = info.readText().replacingOccurrences(of: "\"", with: "'")
                let rows = try connection.prepare("SELECT \(columns) FROM \(name)").begin()
                while try rows.step() { lines.append("\(name): \(rows.readText())") }
            }
            return lines.sorted()
        }
    }

    @Test func aCommitIsSyncedBeforeItReturns() throws {
        let store = try open()
        #expect(try value(store, "PRAGMA synchronous") == "2", "FULL")
        #expect(try value(store, "PRAGMA journal_mode") == "wal")
        #expect(try value(store, "PRAGMA page_size") == "4096")
    }

    @Test(arguments: 1...6)
    func theCommitThatFailsLeavesNothingHalfApplied(failing: Int) throws {
        let store = try open {
            $0.beforeCommit = { number in if number == failing { throw StoreError.unavailable("as the test asks") } }
        }
        let messages = (1...3).map { Sample.message($0, to: ["a@x.net", "b@x.net"]) }
        let commits: [[StoreWork]] = [
            messages.map(StoreWork.accept),
            [.settle(Sample.settlement(messages[0], [Sample.outcome(.delivered), Sample.outcome(.queued, index: 1)]))],
            [Sample.claim(owner: 5, at: Sample.start, limit: 2), .refuse(Sample.refusal(9))],
            [Sample.act(.cancel), .audit(Sample.audit("x"))],
            [.change(DirectoryChange(kind: .pause, name: "all", value: "{\"scope\":\"all\"}", audit: Sample.audit("pause")))],
            [
                .register(NodeRun(owner: 6, node: 1, name: "mail", at: Sample.start), previous: nil),
                .purge(before: Sample.day + 1, limit: 10),
            ],
        ]
        for (index, works) in commits.enumerated() {
            let before = try dump(store)
            if index + 1 == failing {
                #expect(throws: StoreError.unavailable("as the test asks")) { try store.commit(works) }
                #expect(try dump(store) == before)
            }
            _ = try store.commit(works)
            #expect(try dump(store) != before)
            #expect(try store.ledger() == store.recount())
        }
        var query = TraceQuery()
        query.recipient = "a@x.net"
        #expect(try store.trace(query).allSatisfy { $0.recipient == "a@x.net" })
    }

    @Test func aFullDiskFailsTheCommitAndTheStoreGoesOnAfterwards() throws {
        let store = try open()
        try store.commit(.accept(Sample.message(1)))
        let pages = try value(store, "PRAGMA page_count")
        try store.runOnWriter("PRAGMA max_page_count = \(pages)")
        let before = try dump(store)
        let large = Sample.message(2, content: [UInt8](repeating: 65, count: 300_000))
        let error = #expect(throws: StoreError.self) { try store.commit(.accept(large)) }
        guard case .full = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try dump(store) == before)
        try store.runOnWriter("PRAGMA max_page_count = 1000000")
        try store.commit(.accept(large))
        #expect(try store.content(of: large.record.id, tenant: .standard) == large.content)
        #expect(try store.ledger() == store.recount())
    }

    @Test func theFilesAsACrashLeavesThemHoldAllThatWasCommitted() throws {
        let store = try open { $0.checkpointPages = 40 }
        for number in 1...60 {
            let message = Sample.message(number, content: [UInt8](repeating: 66, count: 5000))
            try store.commit(.accept(message))
            if number % 3 == 0 { try store.commit(.settle(Sample.settlement(message, [Sample.outcome(.delivered)]))) }
            guard number % 7 == 0 else { continue }
            for suffix in ["", "-wal"] {
                try FileManager.default.copyItem(
                    atPath: folder.file("store.sqlite\(suffix)"), toPath: folder.file("crash\(number)\(suffix)"))
            }
            let image = try open("crash\(number)")
            #expect(try image.ledger() == store.ledger())
            #expect(try image.recount() == store.ledger())
            #expect(try image.ledger().accepted == number)
            #expect(try image.newestMessage() == Sample.id(number))
            try image.close()
        }
    }

    @Test func manyReadersReadWhileTheWriterWrites() throws {
        let store = try open()
        let failures = Mutex(0)
        let group = DispatchGroup()
        for _ in 0..<3 {
            DispatchQueue.global().async(group: group) {
                for _ in 0..<50 {
                    // A reader sees whole commits only.
                    let isSound = (try? store.ledger().accepted % 2 == 0) ?? false
                    if !isSound { failures.withLock { $0 += 1 } }
                }
            }
        }
        for number in 0..<50 { _ = try store.commit([.accept(Sample.message(2 * number)), .accept(Sample.message(2 * number + 1))]) }
        group.wait()
        #expect(failures.withLock { $0 } == 0)
    }

    // MARK: Migrations

    @Test func aNewFileIsMadeOnlyWhereAsked() throws {
        let path = folder.file("new.sqlite")
        let names = Migration.all.map(\.name)
        #expect(try SQLiteStore.pendingMigrations(path: path) == names)
        #expect(throws: StoreError.pendingMigrations(names)) { try SQLiteStore(path: path, migration: .refuse) }
        try SQLiteStore(path: path, migration: .apply).close()
        #expect(try SQLiteStore.pendingMigrations(path: path) == [])
        try SQLiteStore(path: path, migration: .refuse).close()
    }

    @Test func aNewerStoreIsRefused() throws {
        let store = try open()
        try store.runOnWriter("INSERT INTO schema_migration (number, name) VALUES (99, 'from-the-future')")
        try store.close()
        for choice in [SchemaChoice.apply, .refuse] {
            #expect(throws: StoreError.newerSchema("99 from-the-future")) {
                try SQLiteStore(path: folder.file("store.sqlite"), migration: choice)
            }
        }
        #expect(throws: StoreError.self) { try SQLiteStore.pendingMigrations(path: folder.file("store.sqlite")) }
    }

    @Test func aFileThatIsNoStoreIsCalledDamaged() throws {
        try Data(repeating: 0x41, count: 8192).write(to: URL(fileURLWithPath: folder.file("text")))
        let error = #expect(throws: StoreError.self) { try SQLiteStore(path: folder.file("text"), migration: .apply) }
        guard case .corrupt = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func anObjectOfAnUnknownKindStopsTheDirectory() throws {
        let store = try open()
        try store.runOnWriter(
            """
            INSERT INTO directory_object (tenant, kind, name, version, value, is_removed, actor, reason, at)
            VALUES (1, 'oracle', 'delphi', 1, '{}', 0, 'a', 'r', 0)
            """)
        let error = #expect(throws: StoreError.self) { try store.directory() }
        guard case .undecodable("oracle", "delphi", _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test(arguments: [
        "UPDATE recipient SET state = 7", "UPDATE recipient SET state = 2, lease_owner = 5", "UPDATE recipient SET attempts = -1",
        "UPDATE message SET recipient_count = 0", "UPDATE message SET traffic_class = 9", "UPDATE ledger SET counter = 7",
        "UPDATE recipient SET host = NULL",
    ])
    func theSchemaRefusesWhatCannotBe(_ sql: String) throws {
        let store = try open()
        try store.commit(.accept(Sample.message(1)))
        #expect(throws: StoreError.self) { try store.runOnWriter(sql) }
    }
}
