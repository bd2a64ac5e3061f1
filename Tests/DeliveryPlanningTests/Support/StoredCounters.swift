import DeliveryPlanning
import Foundation
import MailModel
import Storage

/// The counters of a real store in a file, which is closed and opened again with each restart.
final class StoredCounters: WindowCounters {
    private let folder: URL
    private var store: SQLiteStore
    private(set) var faults: [String] = []
    private(set) var reopened = 0

    init(at now: Timestamp) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("postern-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        store = try StoredCounters.open(folder)
        _ = try store.commit([.register(StoredCounters.run(1, at: now), previous: nil)])
    }

    deinit {
        try? store.close()
        try? FileManager.default.removeItem(at: folder)
    }

    private static func open(_ folder: URL) throws -> SQLiteStore {
        var options = SQLiteStore.Options()
        // The process dies in these tests, not the machine.
        options.isSynced = false
        return try SQLiteStore(path: folder.appendingPathComponent("store.sqlite").path, options: options, migration: .apply)
    }

    private static func run(_ owner: Int64, at now: Timestamp) -> NodeRun { NodeRun(owner: owner, node: 1, name: "test", at: now) }

    func answer(_ call: ShapingCall, at now: Timestamp) -> ShapingAnswer {
        let key = CounterKey(name: call.counter.name, window: call.counter.window)
        let work = CounterCall(
            key: key, owner: call.owner, used: call.used, wanted: call.wanted, limit: call.counter.limit, at: now)
        do {
            if case .counted(let grant) = try store.commit([.count(work)])[0] {
                return .counted(call, granted: grant.granted, freeAt: grant.reading.nextFreeAt)
            }
            faults.append("no count: \(call)")
        } catch {
            faults.append("\(error)")
        }
        return .counted(call, granted: nil, freeAt: nil)
    }

    func end(_ owner: Int64, windows: [String: Duration], at now: Timestamp) {
        do {
            try store.close()
            store = try StoredCounters.open(folder)
            reopened += 1
            let answer = try store.commit([.register(StoredCounters.run(owner + 1, at: now), previous: owner)])[0]
            if case .registered = answer { return }
            faults.append("not registered: \(answer)")
        } catch {
            faults.append("\(error)")
        }
    }
}
