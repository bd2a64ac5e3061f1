import DeliveryPlanning
import Foundation
import MailModel
import OutboundPolicy
import OwnThreads
import Storage
import Synchronization
import Testing

/// Collects what it hears, call by call.
private final class Ear: CommitListener {
    struct Heard: Sendable {
        var ticket: Int64
        var error: StoreError?
    }

    private let calls = Mutex<[[Heard]]>([])
    private let signal = DispatchSemaphore(value: 0)

    /// Returns once for each call.
    func waitForCall() { signal.wait() }

    func committed(_ results: [CommitResult]) {
        calls.withLock {
            $0.append(
                results.map { result in
                    if case .failure(let error) = result.result { return Heard(ticket: result.ticket, error: error as? StoreError) }
                    return Heard(ticket: result.ticket, error: nil)
                })
        }
        signal.signal()
    }

    var groups: [[Heard]] { calls.withLock { $0 } }
    var tickets: [Int64] { groups.joined().map(\.ticket) }
}

/// Holds the writer's thread in its first commit until opened, so that what comes meanwhile is one group.
private final class Gate: Sendable {
    private let entered = DispatchSemaphore(value: 0)
    private let opened = DispatchSemaphore(value: 0)

    func hold(_ number: Int) {
        guard number == 1 else { return }
        entered.signal()
        opened.wait()
    }

    func waitUntilHeld() { entered.wait() }
    func open() { opened.signal() }
}

@Suite(.ownThreads) struct CommitterTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private func open(_ beforeCommit: (@Sendable (Int) throws -> Void)? = nil) throws -> SQLiteStore {
        var options = SQLiteStore.Options()
        options.beforeCommit = beforeCommit
        return try SQLiteStore(path: folder.file("store.sqlite"), options: options, migration: .apply)
    }

    @Test func whatGathersDuringACommitIsTheNextOneInOrderAndEachListenerIsCalledOnce() throws {
        let gate = Gate()
        let store = try open { gate.hold($0) }
        let committer = Committer(store: store)
        let (first, second) = (Ear(), Ear())
        #expect(committer.enqueue(.accept(Sample.message(0)), ticket: 0, listener: first))
        gate.waitUntilHeld()
        for number in 1...20 {
            #expect(committer.enqueue(.accept(Sample.message(number)), ticket: Int64(number), listener: number % 2 == 0 ? first : second))
        }
        gate.open()
        committer.stop()
        #expect(first.groups.map { $0.map(\.ticket) } == [[0], [2, 4, 6, 8, 10, 12, 14, 16, 18, 20]])
        #expect(second.groups.map { $0.map(\.ticket) } == [[1, 3, 5, 7, 9, 11, 13, 15, 17, 19]])
        #expect(committer.statistics.commits == 2)
        #expect(committer.statistics.works == 21)
        #expect(try store.ledger().accepted == 21)
    }

    @Test func groupsKeepTheirLimits() throws {
        let gate = Gate()
        let store = try open { gate.hold($0) }
        var limits = Committer.Limits()
        limits.groupWorksMax = 4
        limits.groupBytesMax = 1000
        let committer = Committer(store: store, limits: limits)
        let ear = Ear()
        _ = committer.enqueue(.accept(Sample.message(0)), ticket: 0, listener: ear)
        gate.waitUntilHeld()
        for number in 1...6 { _ = committer.enqueue(.accept(Sample.message(number)), ticket: Int64(number), listener: ear) }
        for (number, size) in [(7, 600), (8, 600), (9, 5000)] {
            let message = Sample.message(number, content: [UInt8](repeating: 65, count: size))
            _ = committer.enqueue(.accept(message), ticket: Int64(number), listener: ear)
        }
        gate.open()
        committer.stop()
        #expect(ear.groups.map { $0.map(\.ticket) } == [[0], [1, 2, 3, 4], [5, 6, 7], [8], [9]])
    }

    @Test func aFullQueueTakesNoMoreUntilItIsCommitted() async throws {
        let gate = Gate()
        let store = try open { gate.hold($0) }
        var limits = Committer.Limits()
        limits.queueWorksMax = 4
        limits.queueBytesMax = 1000
        let committer = Committer(store: store, limits: limits)
        let ear = Ear()
        let large = Sample.message(1, content: [UInt8](repeating: 65, count: 2000))
        #expect(committer.enqueue(.accept(large), ticket: 1, listener: ear), "one work is let in whatever its size")
        gate.waitUntilHeld()
        #expect(!committer.enqueue(.accept(Sample.message(2)), ticket: 2, listener: ear), "octets")
        #expect(committer.enqueue(Sample.act(.hold), ticket: 3, listener: ear))
        #expect(committer.enqueue(Sample.act(.hold), ticket: 4, listener: ear))
        #expect(!committer.enqueue(.refuse(Sample.refusal(3)), ticket: 5, listener: ear), "the last quarter is for outcomes")
        #expect(committer.enqueue(Sample.act(.hold), ticket: 6, listener: ear))
        #expect(!committer.enqueue(Sample.act(.hold), ticket: 7, listener: ear), "works")
        await #expect(throws: StoreError.busy) { try await committer.perform(Sample.act(.hold)) }
        #expect(committer.statistics.waiting == 4)
        gate.open()
        committer.stop()
        #expect(ear.tickets == [1, 3, 4, 6])
        #expect(!committer.enqueue(Sample.act(.hold), ticket: 8, listener: ear))
        await #expect(throws: StoreError.stopped) { try await committer.perform(Sample.act(.hold)) }
    }

    @Test func aBadWorkFailsAlone() throws {
        let gate = Gate()
        let store = try open { gate.hold($0) }
        let committer = Committer(store: store)
        let ear = Ear()
        _ = committer.enqueue(.accept(Sample.message(0)), ticket: 0, listener: ear)
        gate.waitUntilHeld()
        let bad: Set<Int64> = [3, 11, 12]
        for number in 1...16 as ClosedRange<Int64> {
            let message = Sample.message(bad.contains(number) ? 0 : Int(number))
            _ = committer.enqueue(.accept(message), ticket: number, listener: ear)
        }
        gate.open()
        committer.stop()
        #expect(ear.tickets == Array(0...16))
        #expect(Set(ear.groups.joined().filter { $0.error != nil }.map(\.ticket)) == bad)
        #expect(try store.ledger().accepted == 14)
        #expect(committer.statistics.failedWorks == 3)
        #expect(committer.statistics.lastError != nil)
    }

    @Test func aFailureOfTheWholeStoreFailsTheGroupAtOnceAndTheNextOneIsTried() throws {
        let attempts = Mutex(0)
        let gate = Gate()
        let store = try open { number in
            attempts.withLock { $0 += 1 }
            gate.hold(number)
            if number == 2 { throw StoreError.full("no space") }
        }
        let committer = Committer(store: store)
        let ear = Ear()
        _ = committer.enqueue(.accept(Sample.message(0)), ticket: 0, listener: ear)
        gate.waitUntilHeld()
        for number in 1...8 { _ = committer.enqueue(.accept(Sample.message(number)), ticket: Int64(number), listener: ear) }
        gate.open()
        for _ in 1...2 { ear.waitForCall() }
        _ = committer.enqueue(.accept(Sample.message(9)), ticket: 9, listener: ear)
        committer.stop()
        let failed = ear.groups.joined().filter { $0.error == .full("no space") }.map(\.ticket)
        #expect(failed == Array(1...8))
        #expect(ear.tickets == Array(0...9))
        #expect(attempts.withLock { $0 } == 3)
        #expect(try store.ledger().accepted == 2)
    }

    @Test func manyThreadsLoseNothing() async throws {
        let store = try open()
        let committer = Committer(store: store)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for number in 0..<25 { _ = try await committer.perform(.accept(Sample.message(task * 25 + number))) }
                }
            }
            try await group.waitForAll()
        }
        committer.stop()
        #expect(try store.recount().accepted == 200)
        #expect(committer.statistics.works == 200)
    }

    // MARK: Readers and disk

    @Test func readsRunOnTheirOwnThreadsUntilStopped() async throws {
        let store = try open()
        try store.commit(.accept(Sample.message(1)))
        let reader = StoreReader(store: store, threadCount: 2)
        #expect(try await reader.read { try $0.ledger().accepted } == 1)
        await #expect(throws: StoreError.corrupt("as thrown")) { try await reader.read { _ in throw StoreError.corrupt("as thrown") } }
        reader.stop()
        await #expect(throws: StoreError.stopped) { try await reader.read { try $0.ledger() } }
    }

    @Test func readsBeyondTheBoundAreRefused() throws {
        let store = try open()
        let reader = StoreReader(store: store, threadCount: 1, waitingMax: 2)
        let gate = Gate()
        let answers = Mutex<[String]>([])
        reader.read({ _ in gate.hold(1) }, completion: { _ in })
        gate.waitUntilHeld()
        for number in 1...4 {
            reader.read(
                { _ in number },
                completion: { result in
                    answers.withLock { $0.append((try? result.get()).map(String.init) ?? "refused \(number)") }
                })
        }
        #expect(answers.withLock { $0 } == ["refused 3", "refused 4"])
        gate.open()
        reader.stop()
        #expect(answers.withLock { $0 } == ["refused 3", "refused 4", "1", "2"])
    }

    @Test func theDiskGuardComparesWhatIsFree() {
        #expect(DiskGuard(path: folder.path, freeBytesMin: 0, freeFilesMin: 0).check() == .enough)
        guard case .short = DiskGuard(path: folder.path, freeBytesMin: .max, freeFilesMin: 0).check() else {
            Issue.record("not short")
            return
        }
        guard case .unknown = DiskGuard(path: folder.file("none"), freeBytesMin: 0, freeFilesMin: 0).check() else {
            Issue.record("not unknown")
            return
        }
    }
}
