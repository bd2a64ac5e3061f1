import OwnThreads
import Testing

@testable import Storage

@Suite("Gathering of works before a commit", .ownThreads)
struct GatheringPauses {
    private let pause = GatheringPause()

    @Test func aClientAloneNeverWaits() {
        #expect(pause.length(afterCommitOf: 0, taking: .milliseconds(5)) == .zero)
        #expect(pause.length(afterCommitOf: 2, taking: .milliseconds(5)) == .zero)
        #expect(pause.length(afterCommitOf: pause.lastWorksMin - 1, taking: .milliseconds(5)) == .zero)
    }

    @Test func underLoadItIsAsLongAsTheCommitWas() {
        #expect(pause.length(afterCommitOf: pause.lastWorksMin, taking: .microseconds(400)) == .microseconds(400))
    }

    @Test func aSlowDiskDoesNotMakeItLonger() {
        #expect(pause.length(afterCommitOf: 500, taking: .seconds(2)) == pause.longest)
    }

    @Test func aClockThatGoesBackDoesNotCount() {
        #expect(pause.length(afterCommitOf: 500, taking: .seconds(-1)) == .zero)
    }
}
