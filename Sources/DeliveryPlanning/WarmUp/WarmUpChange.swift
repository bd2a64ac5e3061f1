package import MailModel
package import OutboundPolicy

/// What happened to a warm-up, and what it came to by that.
package struct WarmUpChange: Hashable, Sendable {
    package var warmUp: WarmUp
    /// Why it was set back; nil where mail left for the first time on a day.
    package var setBack: String?
    package var at: Timestamp
    /// To be said once it is written down: it was set back, or goes on; nil for nothing.
    package var condition: AlertCondition?

    /// The same on another version; nil where that needs no change.
    package func redone(on stored: WarmUp) -> WarmUpChange? {
        var redone = self
        redone.warmUp = stored
        return redone.warmUp.happened(setBack: setBack, at: at) ? redone : nil
    }
}

extension WarmUp {
    /// It was set back.
    package func alert(_ reason: String, at now: Timestamp) -> AlertCondition {
        AlertCondition(
            .warmUpSetBack, subject: "warm-up:\(name)", at: now, text: "The warm-up \(name) was set back to day \(step + 1): \(reason)",
            advice: "Its mail takes the route's other sources for 24 hours. Look at what the receivers say, and send less or better mail.")
    }

    /// It goes on, or is no more.
    package func alertOver(at now: Timestamp) -> AlertCondition {
        alert("", at: now).over(at: now, text: "The warm-up \(name) goes on or was ended.")
    }
}
