package import MailModel

/// What the store found about the claims of a message, in their order.
package struct ClaimAnswer: Hashable, Sendable {
    package struct Holding: Hashable, Sendable {
        package var holder: UsageHolder
        /// After the claim; before it where the message was over a limit. Nil where an earlier message of the commit has told it, and what
        /// was added since is far from every limit.
        package var usage: SenderUsage?
        /// Recipients of the claim that the history has by now.
        package var known: [RecipientMark]
        package var warnings: [LimitWarning]

        package init(holder: UsageHolder, usage: SenderUsage?, known: [RecipientMark], warnings: [LimitWarning]) {
            self.holder = holder
            self.usage = usage
            self.known = known
            self.warnings = warnings
        }
    }

    package var holdings: [Holding]
    /// When the message goes out; nil where it was not taken.
    package var releaseAt: Timestamp?
    /// The limit that puts it off; nil where none does.
    package var slowedBy: LimitReading?
    /// Recipients that the history did not have.
    package var firstTime: Int

    package init(holdings: [Holding], releaseAt: Timestamp?, slowedBy: LimitReading?, firstTime: Int) {
        self.holdings = holdings
        self.releaseAt = releaseAt
        self.slowedBy = slowedBy
        self.firstTime = firstTime
    }
}
