import MailModel

/// Copies that may not leave, on their way from the attempts that found out to who stops their campaigns and holds them.
package final class CampaignStops: Sendable {
    struct Order: Sendable {
        var campaign: String
        var message: MessageID
        var reason: String
        /// True where the copy is held by now, or will be when the attempt under way ends.
        var done: @Sendable (Bool) -> Void
    }

    /// For one reader.
    let orders: AsyncStream<Order>
    private let continuation: AsyncStream<Order>.Continuation

    /// As many attempts as may be told at a time; what finds no room is put off, not held.
    private static let waitingMax = 1000

    package init() { (orders, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(CampaignStops.waitingMax)) }

    /// On any thread. `done` is called once, unless the gate stops meanwhile: then the attempt ends with it.
    func stop(_ campaign: String, _ message: MessageID, reason: String, done: @escaping @Sendable (Bool) -> Void) {
        let order = Order(campaign: campaign, message: message, reason: reason, done: done)
        guard case .enqueued = continuation.yield(order) else { return done(false) }
    }
}
