import Foundation
import OwnThreads
import Testing

/// Promises of `docs/durability.md` on the disk itself: whatever a crash leaves of what was not synced.
@Suite(.ownThreads) struct PromiseTests {
    /// 250 only once message, recipients and counters are on disk, directory entries too: each point of a run, with nothing, all and some of
    /// what was not synced.
    @Test func promise1WhatWasAnsweredIsOnDisk() throws {
        let replay = try CrashReplay(Workload(seed: 1, commitCount: 11), checkpointPages: 60)
        let result = try replay.check(seed: 1)
        #expect(result.problems == [])
        #expect(result.images > 800)
        print("\(replay.recording.count) events, \(result.images) images")
    }

    /// After a crash at any point nobody is lost, and what had an outcome on disk keeps it: sampled points of a long run with checkpoints.
    @Test(arguments: CrashTests.isLong ? Array(1...8) : [2] as [UInt64])
    func promise3ACrashLosesNobody(seed: UInt64) throws {
        let replay = try CrashReplay(Workload(seed: seed, commitCount: 250), checkpointPages: 200)
        let step = max(1, replay.recording.count / (CrashTests.isLong ? 1000 : 80))
        var random = SplitMix64(seed: seed)
        let chosen = Set((0..<replay.recording.count / step).map { $0 * step + Int.random(in: 0..<step, using: &random) })
        let result = try replay.check(seed: seed, isChosen: chosen.contains)
        #expect(result.problems == [])
        #expect(result.images > 100)
        print("\(replay.recording.count) events, \(result.images) images")
    }
}

/// The check of crashes is itself checked.
@Suite(.ownThreads) struct CrashTests {
    static let isLong = ProcessInfo.processInfo.environment["POSTERN_TEST_LONG"] != nil

    /// Without syncing it must find what is lost.
    @Test func withoutSyncingTheCheckFindsTheLoss() throws {
        let replay = try CrashReplay(Workload(seed: 1, commitCount: 14), isSynced: false, checkpointPages: 60)
        let last = replay.recording.count - 1
        let result = try replay.check(seed: 1) { $0 == last || $0 % 20 == 0 }
        #expect(result.problems.contains { $0.contains("is lost") })
    }
}
