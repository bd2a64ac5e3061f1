/// What became of mail to one recipient, as rates count it. Text forms: `deferred`, or the name of a `BounceClass`.
package enum SendingEvent: Hashable, Sendable {
    /// An attempt that is made again.
    case deferred
    /// How it ended, or what came back afterwards.
    case ended(BounceClass)

    package init?(_ text: some StringProtocol) {
        if text == "deferred" {
            self = .deferred
            return
        }
        guard let found = BounceClass(rawValue: String(text)) else { return nil }
        self = .ended(found)
    }

    package var text: String {
        switch self {
        case .deferred: "deferred"
        case .ended(let bounceClass): bounceClass.rawValue
        }
    }
}
