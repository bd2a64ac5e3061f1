import MailModel
import OutboundPolicy
import OwnThreads
import Submission
import Synchronization
import Testing

/// Sign-ins at the same moment share one hash; only so many different ones are hashed at a time.
@Suite(.ownThreads) struct PasswordCheckerTests {
    /// Work that was handed to a thread, kept until the test runs it.
    private final class HeldWork: Sendable {
        private let works = Mutex<[@Sendable () -> Void]>([])
        var count: Int { works.withLock { $0.count } }
        func add(_ work: @escaping @Sendable () -> Void) { works.withLock { $0.append(work) } }
        func runAll() {
            let taken = works.withLock { works in
                defer { works = [] }
                return works
            }
            for work in taken { work() }
        }
    }

    private final class Answers: Sendable {
        private let answers = Mutex<[Bool?]>([])
        var all: [Bool?] { answers.withLock { $0 } }
        func add(_ answer: Bool?) { answers.withLock { $0.append(answer) } }
    }

    private let now = Timestamp(seconds: 1_800_000_000)
    private let cheap = PasswordHash.Cost(logRounds: 4, blockSize: 1, parallelism: 1)

    private func account(_ password: String) throws -> Account {
        Account(
            address: try #require(EmailAddress("a@example.org")),
            passwordHash: try PasswordHash(password: Array(password.utf8), cost: cheap).description)
    }

    @Test func sameSignInAtTheSameMomentIsHashedOnce() throws {
        let work = HeldWork()
        let answers = Answers()
        let checker = PasswordChecker(cache: SignInCache(), checksMax: 1) { work.add($0) }
        let account = try account("correct horse")
        for _ in 0..<3 { checker.check(Array("correct horse".utf8), of: account, at: now) { answers.add($0) } }
        #expect(work.count == 1)
        #expect(answers.all.isEmpty)
        work.runAll()
        #expect(answers.all == [true, true, true])
        checker.check(Array("correct horse".utf8), of: account, at: now) { answers.add($0) }
        #expect(work.count == 0, "a verified sign-in is remembered")
        #expect(answers.all.count == 4)
    }

    @Test func moreDifferentSignInsThanAllowedAreTurnedAway() throws {
        let work = HeldWork()
        let answers = Answers()
        let checker = PasswordChecker(cache: SignInCache(), checksMax: 1) { work.add($0) }
        let account = try account("correct horse")
        checker.check(Array("one guess".utf8), of: account, at: now) { answers.add($0) }
        checker.check(Array("another guess".utf8), of: account, at: now) { answers.add($0) }
        #expect(answers.all == [nil])
        work.runAll()
        #expect(answers.all == [nil, false])
        checker.check(Array("one guess".utf8), of: account, at: now) { answers.add($0) }
        #expect(work.count == 1, "a wrong password is hashed each time")
    }
}
