package import MailModel

/// A mailbox with what the service remembers of it, to be shown.
package struct ExchangeMailboxState: Sendable, Hashable {
    package var mailbox: ExchangeMailbox
    package var connections: Int
    package var recipientsOfDay: Int
    package var externalOfHour: Int
    package var internalOfHour: Int
    package var accepted: Int
    package var refused: Int
    package var throttle: (error: ExchangeError, until: Timestamp)? { throttled.map { ($0.error, $0.until) } }
    var throttled: ContinuousErrors.Throttle?
    package var restriction: ExchangeRestriction?
    package var errors: [String: Int]
}

extension ExchangeOnline {
    package mutating func state(of mailbox: ExchangeMailbox, at now: Timestamp) -> ExchangeMailboxState {
        var memory = memories[mailbox.address] ?? MailboxMemory()
        defer { if memories[mailbox.address] != nil { memories[mailbox.address] = memory } }
        let counts = ExchangeError.allCases.map { ($0.name, memory.errors.count($0)) }.filter { $0.1 > 0 }
        return ExchangeMailboxState(
            mailbox: mailbox, connections: memory.sessions.count, recipientsOfDay: memory.recipients.sum(at: now),
            externalOfHour: memory.externalOfHour.sum(at: now), internalOfHour: memory.internalOfHour.sum(at: now),
            accepted: memory.accepted, refused: memory.refused, throttled: memory.errors.current(at: now),
            restriction: memory.restriction(at: now), errors: Dictionary(uniqueKeysWithValues: counts))
    }

    /// All mailboxes.
    package mutating func states(at now: Timestamp) -> [ExchangeMailboxState] { tenant.mailboxes.map { state(of: $0, at: now) } }

    /// External recipients of the tenant in the last 24 hours.
    package mutating func tenantRecipients(at now: Timestamp) -> Int { tenantExternal.sum(at: now) }
}
