/// One reason of a decision: which rule, what it looked at, and what it says. A decision without findings had none to give.
package struct Finding: Hashable, Sendable, Codable, CustomStringConvertible {
    /// The rule's stable name in dotted form: `send-as.envelope`, `message.bare-lf`, `route.default`.
    package var rule: String
    /// What matched: an address, a header field, a number with its limit. Never a secret.
    package var matched: String
    /// One plain sentence for the person who asks why.
    package var explanation: String

    package init(rule: String, matched: String, explanation: String) {
        self.rule = rule
        self.matched = matched
        self.explanation = explanation
    }

    package var description: String { "\(rule) [\(matched)]: \(explanation)" }
}
