package import MailModel
package import OutboundPolicy
import Synchronization

/// Checks passwords: from memory where the same sign-in was verified a moment ago, else by the slow hash on a thread of its own.
///
/// Sign-ins that come while the very same one is being checked wait for its answer instead of hashing again: a program that opens fifty
/// connections at once costs one hash. Only so many are checked at a time.
package final class PasswordChecker: Sendable {
    private let cache: SignInCache
    private let checksMax: Int
    private let run: @Sendable (@escaping @Sendable () -> Void) -> Void
    /// Who waits for which check. The key is the cache's digest: it tells nothing of the password.
    private let waiting = Mutex<[[UInt8]: [@Sendable (Bool?) -> Void]]>([:])

    /// Sign-ins that may wait for one check.
    private static let waitingMax = 10_000

    /// `checksMax`: different sign-ins that are being checked at a time. `run`: takes work to a thread that may block.
    package init(cache: SignInCache, checksMax: Int, run: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void) {
        self.cache = cache
        self.checksMax = checksMax
        self.run = run
    }

    /// `account`: nil where there is none of that name, which takes as long. `completion` gets nil where too many are being checked; it may
    /// be called at once, or later from another thread.
    package func check(_ password: [UInt8], of account: Account?, at now: Timestamp, completion: @escaping @Sendable (Bool?) -> Void) {
        if let account, cache.remembers(account, password: password, now: now) {
            completion(true)
            return
        }
        let key = cache.digest(account, password)
        enum Next { case hash, wait, refuse }
        let next: Next = waiting.withLock { waiting in
            if let others = waiting[key] {
                guard others.count < PasswordChecker.waitingMax else { return .refuse }
                waiting[key]?.append(completion)
                return .wait
            }
            guard waiting.count < checksMax else { return .refuse }
            waiting[key] = [completion]
            return .hash
        }
        switch next {
        case .wait: break
        case .refuse: completion(nil)
        case .hash: run { self.hash(password, of: account, at: now, key: key) }
        }
    }

    private func hash(_ password: [UInt8], of account: Account?, at now: Timestamp, key: [UInt8]) {
        let isRight = PasswordHash.accepts(password, for: account)
        if isRight, let account { cache.verified(account, password: password, now: now) }
        let completions = waiting.withLock { $0.removeValue(forKey: key) } ?? []
        for completion in completions { completion(isRight) }
    }
}
