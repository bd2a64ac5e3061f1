package import MailModel

/// Slows and stops password guessing, without letting a guesser lock out the person whose name is guessed.
///
/// Failures are counted for an address block, and for a name. A block with too many failures is shut out for a while. A name with too
/// many failures from anywhere is shut only for blocks from which it has not signed in lately: its owner, who has, goes on.
package struct SignInGuard: Sendable {
    package struct Limits: Hashable, Sendable {
        /// Failures from one block within `window` before it is shut out.
        package var failuresPerBlockMax = 10
        /// Failures for one name within `window` before strangers to it are shut out.
        package var failuresPerNameMax = 50
        /// Failures for one name from a block that it is known to use, before that pair is shut out.
        package var failuresPerKnownPairMax = 30
        package var window = Duration.seconds(600)
        /// How long a block or name stays shut.
        package var lockOut = Duration.seconds(900)
        /// How long a block from which a name signed in stays known to it.
        package var known = Duration.seconds(30 * 86_400)
        /// The longest wait before a failure is answered; it doubles with each failure from half a second on.
        package var delayMax = Duration.seconds(16)
        /// Blocks, names and pairs remembered, each: beyond it the oldest half is forgotten.
        package var entriesMax = 50_000

        package init() {}
    }

    private struct Failures: Sendable {
        var count = 0
        var since: Timestamp
        var shutUntil: Timestamp?
    }

    private struct Pair: Hashable, Sendable {
        var block: IPAddress?
        var name: String
    }

    package let limits: Limits
    private var blocks: [IPAddress: Failures] = [:]
    private var names: [String: Failures] = [:]
    private var known: [Pair: Timestamp] = [:]
    private var pairs: [Pair: Failures] = [:]

    package init(limits: Limits = Limits()) { self.limits = limits }

    /// Before a password is looked at. A reply: answer it without looking, so that guessing goes no further.
    package func signInBegan(name: String, from address: IPAddress?, at now: Timestamp) -> SMTPReply? {
        let pair = Pair(block: address?.block, name: name)
        let isKnown = isKnown(pair, at: now)
        if let until = end(of: pairs[pair], at: now) { return shut("for this account", until: until, at: now) }
        if !isKnown, let block = address?.block, let until = end(of: blocks[block], at: now) {
            return shut("from \(block)", until: until, at: now)
        }
        if !isKnown, let until = end(of: names[name], at: now) {
            return shut("for this account from addresses that it has not used before", until: until, at: now)
        }
        return nil
    }

    /// Until when failures shut out; nil where they do not. A time further ahead than a lock-out can be was noted before the clock was set
    /// back, and counts no longer: else it would shut out for as long as the clock had been wrong.
    private func end(of failures: Failures?, at now: Timestamp) -> Timestamp? {
        guard let until = failures?.shutUntil, until > now, until <= now + limits.lockOut + limits.window else { return nil }
        return until
    }

    private func isKnown(_ pair: Pair, at now: Timestamp) -> Bool { known[pair].map { $0 + limits.known > now } ?? false }

    private func shut(_ whom: String, until: Timestamp, at now: Timestamp) -> SMTPReply {
        let minutes = max(1, ((until - now).milliseconds + 59_999) / 60_000)
        return SMTPReply(454, EnhancedStatusCode(4, 7, 0), "Too many failed sign-ins \(whom); try again in \(minutes) minutes")
    }

    package mutating func signInSucceeded(name: String, from address: IPAddress?, at now: Timestamp) {
        let pair = Pair(block: address?.block, name: name)
        if known.count >= limits.entriesMax, known[pair] == nil { known = SignInGuard.newerHalf(known) { $0 } }
        known[pair] = now
    }

    /// A wrong name or password. Returns how long to wait before saying so.
    package mutating func signInFailed(name: String, from address: IPAddress?, at now: Timestamp) -> Duration {
        var worst = count(&names, name, max: limits.failuresPerNameMax, at: now)
        if let block = address?.block { worst = max(worst, count(&blocks, block, max: limits.failuresPerBlockMax, at: now)) }
        let pair = Pair(block: address?.block, name: name)
        if isKnown(pair, at: now) { worst = max(worst, count(&pairs, pair, max: limits.failuresPerKnownPairMax, at: now)) }
        let milliseconds = 500 << Int64(min(max(worst - 1, 0), 10))
        return min(.milliseconds(milliseconds), limits.delayMax)
    }

    private func count<Key: Hashable>(_ table: inout [Key: Failures], _ key: Key, max: Int, at now: Timestamp) -> Int {
        if table.count >= limits.entriesMax, table[key] == nil { table = SignInGuard.newerHalf(table) { $0.since } }
        var failures = table[key] ?? Failures(since: now)
        let isOver = failures.since + limits.window <= now && end(of: failures, at: now) == nil
        let isAhead = failures.since > now + limits.window
        if isOver || isAhead { failures = Failures(since: now) }
        failures.count += 1
        if failures.count >= max { failures.shutUntil = now + limits.lockOut }
        table[key] = failures
        return failures.count
    }

    private static func newerHalf<Key, Value>(_ table: [Key: Value], _ time: (Value) -> Timestamp) -> [Key: Value] {
        let newest = table.sorted { time($0.value) > time($1.value) }.prefix(table.count / 2)
        return Dictionary(uniqueKeysWithValues: newest.map { ($0.key, $0.value) })
    }

    /// Entries of the largest table: never more than `entriesMax`.
    package var entriesHeld: Int { max(blocks.count, names.count, known.count, pairs.count) }
}
