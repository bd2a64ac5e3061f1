/// Mail of one standing, which leaves from egress sources of its own: what receivers come to think of one pool does not cost the others.
package enum EgressPool: String, Hashable, Sendable, Codable, CaseIterable {
    case normal
    /// What was judged spam, reports on mail that could not be delivered, and mail from domains that cannot be answered.
    case highRisk = "high-risk"
    /// Forwarded mail of domains that are not ours.
    case relay
}
