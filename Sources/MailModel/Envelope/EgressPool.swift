/// Mail of one standing, which leaves from egress sources of its own: what receivers come to think of one pool does not cost the others.
package enum EgressPool: String, Hashable, Sendable, Codable, CaseIterable {
    case normal
    /// What was judged spam, and reports on mail that could not be delivered.
    case highRisk = "high-risk"
    /// What is passed on for others, where neither SPF nor DKIM passed.
    case relay
}
