package import OutboundPolicy

/// What the core has decided about senders, to be carried out beside the answer that it gave: it holds on this node at once, and on the
/// others when it is in the store.
package enum PolicyAct: Sendable {
    /// Keep the restriction, hold the entity's queued mail, and gather evidence.
    case restrict(Restriction)
    case throttle(SubmissionThrottle)
    /// Count the error among those of all nodes; `errorsCounted` follows.
    case count(ErrorReport)
    case alert(AlertCondition)
}
