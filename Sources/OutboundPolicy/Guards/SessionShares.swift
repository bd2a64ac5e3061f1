package import MailModel

/// How many connections each account has signed in on, here, and how many of those that all nodes may have together are this node's.
///
/// A share is asked for with the sign-in that needs it, and what is no longer needed is given back a little later, so that a program that
/// comes again and again asks once.
package struct SessionShares: Sendable {
    /// To be asked of the store, in the order in which they were made.
    package struct Wish: Hashable, Sendable {
        package var account: EmailAddress
        /// Connections in all, not in addition.
        package var wanted: Int
        /// Of all nodes together.
        package var limit: Int
        /// True where a sign-in waits for the answer.
        package var isOfSignIn: Bool
    }

    package enum Start: Hashable, Sendable {
        case began
        /// The account has as many as it may have.
        case full
        /// `answered` must follow.
        case ask(Wish)
    }

    private struct Entry {
        /// Signed in, or waiting for an answer.
        var count = 0
        var share = 0
        var limit = 0
        var asks = 0

        var isUnused: Bool { count == 0 && share == 0 && asks == 0 }
    }

    /// False where no other node uses the store.
    package var isShared: Bool
    private var entries: [EmailAddress: Entry] = [:]
    private var returnsAt = SteadyTime(milliseconds: 0)

    /// How long what is unused is kept for a program that comes again.
    private static let returnInterval = Duration.seconds(5)

    package init(isShared: Bool = false) { self.isShared = isShared }

    /// `limit`: of connections of an account; 0 for any number.
    package mutating func began(_ account: EmailAddress, limit: Int) -> Start {
        var entry = entries[account, default: Entry()]
        guard limit == 0 || entry.count < limit else { return .full }
        entry.count += 1
        entry.limit = limit
        defer { entries[account] = entry }
        guard isShared, limit > 0, entry.count > entry.share else { return .began }
        entry.asks += 1
        return .ask(Wish(account: account, wanted: entry.count, limit: limit, isOfSignIn: true))
    }

    /// `granted`: the share from now on; nil where the store did not answer. False: the sign-in is refused, and its session has not begun.
    package mutating func answered(_ wish: Wish, granted: Int?) -> Bool {
        guard var entry = entries[wish.account] else { return false }
        entry.asks -= 1
        if let granted { entry.share = granted }
        let isGranted = (granted ?? 0) >= wish.wanted
        if wish.isOfSignIn, !isGranted { entry.count -= 1 }
        entries[wish.account] = entry.isUnused ? nil : entry
        return isGranted
    }

    package mutating func ended(_ account: EmailAddress) {
        guard var entry = entries[account], entry.count > 0 else { return }
        entry.count -= 1
        entries[account] = entry.isUnused ? nil : entry
    }

    /// What this node had is nobody's any more: it is asked for anew.
    package mutating func lost() {
        for account in entries.keys { entries[account]?.share = 0 }
        returnsAt = SteadyTime(milliseconds: 0)
    }

    /// What has to be given back, or asked for again. To be called now and then.
    package mutating func wishes(at now: SteadyTime) -> [Wish] {
        guard isShared, now >= returnsAt else { return [] }
        returnsAt = now + SessionShares.returnInterval
        var wishes: [Wish] = []
        for (account, entry) in entries where entry.asks == 0 && entry.share != entry.count && entry.limit > 0 {
            entries[account]?.asks += 1
            entries[account]?.share = min(entry.share, entry.count)
            wishes.append(Wish(account: account, wanted: entry.count, limit: entry.limit, isOfSignIn: false))
        }
        return wishes
    }
}
