import MailModel
import OutboundPolicy

/// What the holders that one commit looks at have used: read when the first claim on one comes, written once at the end.
struct UsageChanges {
    struct Held {
        var usage: SenderUsage
        /// False where the row could not be read: limits that fail closed grant nothing then.
        var isReadable = true
        /// True where there is no row of it yet.
        var isNew = false
        var isChanged = false
        /// Nil until a claim asks for it. By generation.
        var history: [Int32: RecipientHistory]?
        var changedGeneration: Int32?
    }

    var held: [UsageHolder: Held] = [:]
    /// The store's time, asked once.
    var now: Timestamp?

    mutating func removeAll() {
        held.removeAll(keepingCapacity: true)
        now = nil
    }
}
