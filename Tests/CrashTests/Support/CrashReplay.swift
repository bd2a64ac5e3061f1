import DeliveryPlanning
import Foundation
import MailModel

@testable import Storage

/// A recorded run of a workload, and the check of what crashes within it leave.
struct CrashReplay {
    let workload: Workload
    let recording: Recording
    /// Digests of all rows after each commit; before the first at 0.
    private let snapshots: [UInt64]

    static let storeName = "store.sqlite"
    /// Messages that are looked at one by one in each image.
    private static let newest = 8

    /// Faults that were met: commits answered with an error and then repeated, or a checkpoint that failed.
    private(set) var failures = 0
    /// The event at which the last commit had returned.
    let lastMark: Int

    /// Runs the workload on a recorded disk. `prepare` may have the disk fail once from the first commit on.
    init(_ workload: Workload, isSynced: Bool = true, checkpointPages: Int, prepare: (Recording) -> Void = { _ in }) throws {
        self.workload = workload
        recording = try Recording()
        var options = SQLiteStore.Options()
        options.readerCount = 1
        options.isSynced = isSynced
        options.checkpointPages = checkpointPages
        let store = try SQLiteStore(path: recording.uri(CrashReplay.storeName), options: options, migration: .apply)
        recording.mark(.returned(commit: 0))
        var snapshots = [try StoreCheck.digest(store)]
        prepare(recording)
        for (index, works) in workload.commits.enumerated() {
            recording.mark(.began(commit: index + 1))
            do {
                _ = try store.commit(works)
            } catch is StoreError {
                failures += 1
                _ = try store.commit(works)
            }
            recording.mark(.returned(commit: index + 1))
            snapshots.append(try StoreCheck.digest(store))
        }
        self.snapshots = snapshots
        lastMark = recording.count - 1
        if failures == 0, recording.faultsMet > 0 { failures = 1 }
        recording.endFaults()
        try store.close()
    }

    struct Result {
        var images = 0
        var problems: [String] = []
    }

    /// Crashes after each event that `isChosen` names (nil: each there is) and checks what is left. Stops at the tenth image with a problem.
    func check(seed: UInt64, isChosen: (Int) -> Bool = { _ in true }) throws -> Result {
        var disk = DiskModel()
        var random = SplitMix64(seed: seed)
        var progress = Progress()
        var result = Result()
        var lastNothing: [Int: Data]?
        var badImages = 0
        for index in 0..<recording.count {
            let event = recording.event(index)
            disk.happened(event)
            if case .mark(let mark) = event { progress.happened(mark) }
            guard isChosen(index) else { continue }
            for rest in [DiskModel.Rest.nothing, .everything, .some(seed: random.next())] {
                let image = disk.image(rest)
                if rest == .nothing {
                    if image == lastNothing, !progress.isNew { continue }
                    lastNothing = image
                    progress.isNew = false
                }
                result.images += 1
                let found = problems(in: image, progress)
                result.problems += found.map { "after event \(index) with \(rest) of the rest: \($0)" }
                badImages += found.isEmpty ? 0 : 1
                if badImages == 10 { return result }
            }
        }
        return result
    }

    private struct Progress {
        /// Nil until the store was open.
        var returned: Int?
        var began = 0
        /// Since the last look at what is durable alone.
        var isNew = true

        mutating func happened(_ mark: Recording.Mark) {
            isNew = true
            switch mark {
            case .began(let commit): began = commit
            case .returned(let commit): returned = commit
            }
        }
    }

    /// Opens what a crash left, as the next start would.
    private func problems(in image: [Int: Data], _ progress: Progress) -> [String] {
        do {
            let directory = try ScratchDirectory()
            for (file, octets) in image {
                try octets.write(to: URL(fileURLWithPath: "\(directory.path)/\(recording.name(of: file))"))
            }
            var options = SQLiteStore.Options()
            options.readerCount = 1
            options.isSynced = false
            let store = try SQLiteStore(path: "\(directory.path)/\(CrashReplay.storeName)", options: options, migration: .apply)
            let problems = try self.problems(in: store, progress)
            try store.close()
            return problems
        } catch {
            return ["it does not open: \(error)"]
        }
    }

    private func problems(in store: SQLiteStore, _ progress: Progress) throws -> [String] {
        // All of a commit or nothing of it: the rows are those before or after the one under way.
        let answered = progress.returned ?? 0
        var problems: [String] = []
        let isWhole = snapshots[answered...max(progress.began, answered)].contains(try StoreCheck.digest(store))
        if !isWhole { problems.append("the rows are not those after commit \(answered) or \(progress.began)") }
        // The rows of all else are in the digest.
        problems += try StoreCheck.promises(workload, in: store, newest: isWhole ? CrashReplay.newest : .max) { $0 < answered }
        let before = try store.ledger()
        let next = NodeRun(owner: 815, node: 1, name: "mail", at: Workload.start)
        guard case .registered(let run) = try store.commit([.register(next, previous: nil)])[0] else { return problems + ["no recovery"] }
        if run.open != before.queued + before.held { problems.append("recovery found \(run.open) open recipients of \(before)") }
        var query = QueueQuery()
        query.limit = 10_000
        if try store.queue(query).contains(where: \.isLeased) { problems.append("a recipient is still leased after recovery") }
        return problems + (try StoreCheck.soundness(store))
    }
}
