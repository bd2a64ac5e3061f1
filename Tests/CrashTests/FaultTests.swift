import Foundation
import MailModel
import OwnThreads
import Testing

@testable import Storage

/// The Nth write, sync or deletion fails, for each N until a run meets none: nothing that was answered is lost, what failed was answered as
/// an error, and the store goes on once the faults end.
@Suite(.ownThreads) struct FaultTests {
    private struct Case: CustomTestStringConvertible {
        var fault: Recording.Fault
        var isLasting: Bool
        var testDescription: String { "\(fault), \(isLasting ? "from then on" : "once")" }
    }

    private static let cases = Recording.Fault.allCases.flatMap { [Case(fault: $0, isLasting: false), Case(fault: $0, isLasting: true)] }

    @Test(arguments: cases)
    private func theNthOperationThatFailsLosesNothing(_ fault: Case) throws {
        let workload = Workload(seed: 3, commitCount: 6)
        let empty = try ScratchDirectory()
        try SQLiteStore(path: "\(empty.path)/store.sqlite", migration: .apply).close()
        var nth = 0
        var wasMet = true
        while wasMet {
            nth += fault.isLasting && !CrashTests.isLong ? 4 : 1
            wasMet = try run(workload, fault, nth: nth, empty: empty)
        }
        #expect(nth > 40)
        print("\(fault.testDescription): met at \(nth - 1) operations")
    }

    /// False where the run met no fault.
    private func run(_ workload: Workload, _ fault: Case, nth: Int, empty: ScratchDirectory) throws -> Bool {
        let recording = try Recording()
        try FileManager.default.copyItem(atPath: "\(empty.path)/store.sqlite", toPath: "\(recording.directory.path)/store.sqlite")
        let store = try open(recording)
        recording.fail(fault.fault, nth: nth, lasting: fault.isLasting)
        var answered: Set<Int> = []
        var failures = 0
        for index in workload.commits.indices {
            while !answered.contains(index) {
                do {
                    _ = try store.commit(workload.commits[index])
                    answered.insert(index)
                } catch let error as StoreError {
                    failures += 1
                    #expect(isExpected(error, fault.fault), "operation \(nth): \(error)")
                    // It lasts for three tries.
                    if failures == 3 { recording.endFaults() }
                    try #require(failures <= 3, "operation \(nth): the store does not go on: \(error)")
                }
            }
            #expect(try StoreCheck.soundness(store) == [], "operation \(nth)")
        }
        let wasMet = failures > 0 || recording.faultsMet > 0
        recording.endFaults()
        #expect(store.settlementConflicts == 0)
        #expect(try StoreCheck.promises(workload, in: store, isAnswered: answered.contains) == [], "operation \(nth)")
        let rows = try StoreCheck.digest(store)
        // Whatever SQLite holds in memory of the failure goes with it.
        try store.close()
        let again = try open(recording)
        #expect(try StoreCheck.digest(again) == rows, "operation \(nth)")
        try again.close()
        return wasMet
    }

    private func open(_ recording: Recording) throws -> SQLiteStore {
        var options = SQLiteStore.Options()
        options.readerCount = 1
        options.checkpointPages = 20
        return try SQLiteStore(path: recording.uri("store.sqlite"), options: options, migration: .apply)
    }

    private func isExpected(_ error: StoreError, _ fault: Recording.Fault) -> Bool {
        switch (error, fault) {
        case (.full, .full), (.unavailable, .broken): true
        default: false
        }
    }

    /// A sync that failed leaves its writes in doubt for ever, whatever later syncs say; what was answered does not stand on them.
    @Test func aCrashAfterASyncThatFailedLosesNothingThatWasAnswered() throws {
        let workload = Workload(seed: 4, commitCount: 8)
        var nth = 0
        var failures = 0
        repeat {
            nth += CrashTests.isLong ? 1 : 9
            let replay = try CrashReplay(workload, checkpointPages: 20) { $0.fail(.broken, nth: nth, lasting: false) }
            failures = replay.failures
            let result = try replay.check(seed: UInt64(nth)) { $0 % 200 == nth % 200 || $0 == replay.lastMark }
            #expect(result.problems == [], "operation \(nth)")
        } while failures > 0
        #expect(nth > 40)
    }

    @Test(arguments: Recording.Fault.allCases)
    func aStoreThatCannotBeMadeIsMadeLater(_ fault: Recording.Fault) throws {
        let recording = try Recording()
        var nth = 0
        var didFail = true
        while didFail {
            nth += 1
            recording.fail(fault, nth: nth, lasting: true)
            do {
                try open(recording).close()
                didFail = recording.faultsMet > 0
            } catch {
                #expect(error is StoreError, "operation \(nth): \(error)")
            }
            recording.endFaults()
        }
        let store = try open(recording)
        #expect(try StoreCheck.soundness(store) == [])
        try store.close()
    }
}
