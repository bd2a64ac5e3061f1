import MailModel
import Synchronization

/// Stops a campaign whose copy may not leave, and holds that copy. What does it is given once all of the gate is there.
package final class CampaignStops: Sendable {
    typealias Body = @Sendable (_ campaign: String, MessageID, _ reason: String) async -> Bool

    private let body = Mutex<Body?>(nil)

    package init() {}

    func set(_ body: @escaping Body) { self.body.withLock { $0 = body } }

    /// True where the copy is held by now, or will be when the attempt under way ends.
    func stop(_ campaign: String, _ message: MessageID, reason: String) async -> Bool {
        guard let body = body.withLock({ $0 }) else { return false }
        return await body(campaign, message, reason)
    }
}
