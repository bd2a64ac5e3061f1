import Crypto
import Foundation
package import MailModel
package import OutboundPolicy
import Synchronization

/// Remembers for a while which sign-ins were verified, so that a client that connects for each message does not cost a slow hash each time.
///
/// It holds no password: an entry is a keyed digest (HMAC-SHA-256 under a key that this process drew and never shows) of the account's
/// name, the password, and every hash stored for the account. Whatever changes the account's passwords therefore forgets its entries at
/// once, and a copy of the memory without the key tells nothing.
package final class SignInCache: Sendable {
    private struct State {
        /// Filled since `startedAt`; the one before it is still asked. Two halves instead of a list in order of age: nothing to sweep.
        var young: [SHA256Code: Timestamp] = [:]
        var old: [SHA256Code: Timestamp] = [:]
    }

    private typealias SHA256Code = [UInt8]

    private let state = Mutex(State())
    private let key = SymmetricKey(size: .bits256)
    private let lifetime: Duration
    private let entriesMax: Int

    /// `lifetime`: how long a sign-in is remembered. `entriesMax`: at least 2; the oldest go first.
    package init(lifetime: Duration = .seconds(600), entriesMax: Int = 20_000) {
        precondition(entriesMax >= 2)
        self.lifetime = lifetime
        self.entriesMax = entriesMax
    }

    /// True where this password was verified for this account, as it stands, within the lifetime. A disabled account is never remembered.
    package func remembers(_ account: Account, password: [UInt8], now: Timestamp) -> Bool {
        guard !account.isDisabled else { return false }
        let digest = digest(account, password)
        return state.withLock { state in
            guard let verifiedAt = state.young[digest] ?? state.old[digest] else { return false }
            // A clock that was set back makes no entry live longer.
            return verifiedAt <= now && now - verifiedAt < lifetime
        }
    }

    /// To be called once the slow check has succeeded.
    package func verified(_ account: Account, password: [UInt8], now: Timestamp) {
        let digest = digest(account, password)
        state.withLock { state in
            if state.young.count >= entriesMax / 2 {
                state.old = state.young
                state.young = [:]
            }
            state.young[digest] = now
        }
    }

    package func forgetAll() {
        state.withLock { $0 = State() }
    }

    /// Entries held, expired ones included.
    package var count: Int { state.withLock { $0.young.count + $0.old.count } }

    /// What a sign-in is known by while this process lives. `account`: nil where there is none of that name.
    func digest(_ account: Account?, _ password: [UInt8]) -> [UInt8] {
        var code = HMAC<SHA256>(key: key)
        let hashes = account.map { [$0.passwordHash ?? ""] + $0.appPasswords.map(\.hash) } ?? []
        // Each part with its length before it, so that no two sign-ins make the same bytes.
        for part in [Array((account?.address.key ?? "").utf8), password] + hashes.map({ Array($0.utf8) }) {
            withUnsafeBytes(of: UInt64(part.count)) { code.update(data: Data($0)) }
            code.update(data: Data(part))
        }
        return code.finalize().withUnsafeBytes { Array($0) }
    }
}
