extension LimitAction {
    /// What becomes of a message that does not fit, as the end of a sentence.
    package var text: String {
        switch self {
        case .alert: "it goes out, and the people responsible are told"
        case .slow: "it is accepted at once and goes out as soon as there is room"
        case .hold: "it is accepted and held until somebody releases it"
        case .defer: "the client is asked to come again (451)"
        case .refuse: "it is refused (550)"
        case .restrictToday: "it is refused, and its sender is restricted until the next midnight of the organisation"
        case .restrict: "it is refused, and its sender is restricted until somebody releases it"
        }
    }

    /// What it comes to for one message: whoever is restricted for it is restricted either way.
    package var decision: LimitDecision {
        switch self {
        case .alert: .accept
        case .hold: .hold
        case .defer: .defer
        // A message that can never fit, or not in time, is not slowed.
        case .slow, .refuse: .refuse
        case .restrictToday, .restrict: .restrict
        }
    }
}

/// What becomes of a message by the limits.
package enum LimitDecision: String, Hashable, Sendable, Codable, CaseIterable {
    case accept, slow, hold, `defer`, refuse, restrict
}
