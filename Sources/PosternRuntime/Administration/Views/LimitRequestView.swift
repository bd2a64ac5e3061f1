package import MailModel
package import OutboundPolicy

/// A request as the command line and the HTTP interface show it. Times are RFC 3339 in UTC, empty where there is none.
package struct LimitRequestView: Codable, Hashable, Sendable {
    package var id: String
    package var sender: String
    /// `open`, `granted`, `refused`, or `over` where the time of the grant is.
    package var state: String
    /// The limit, or `bulk`.
    package var wish: String
    /// As much as is asked for; 0 of `bulk`.
    package var value: Int
    package var reason: String
    package var asked: String
    package var askedBy: String
    /// When what was granted ends.
    package var until: String
    package var decided: String
    package var decidedBy: String
    package var decisionReason: String

    package init(_ request: LimitRequest, at now: Timestamp) {
        id = request.id
        sender = request.sender
        state =
            if request.isInForce(at: now) {
                "granted"
            } else if let decision = request.decision {
                decision.until == nil ? "refused" : "over"
            } else {
                "open"
            }
        switch request.wish {
        case .limit(let name, let value): (wish, self.value) = (name.rawValue, value)
        case .bulk: (wish, value) = ("bulk", 0)
        }
        reason = request.reason
        asked = request.askedAt.rfc3339
        askedBy = request.askedBy
        until = request.decision?.until?.rfc3339 ?? ""
        decided = request.decision?.at.rfc3339 ?? ""
        decidedBy = request.decision?.by ?? ""
        decisionReason = request.decision?.reason ?? ""
    }

    /// `400 external-per-hour`, or `bulk`.
    package var text: String { wish == "bulk" ? wish : "\(value) \(wish)" }
}
