package import DeliveryPlanning
package import MailModel

/// What is kept of the TLS of others. Answered by `done`, but for `report`.
package enum TLSWork: Sendable {
    /// A domain's MTA-STS policy, in place of the one before.
    case keepPolicy(DomainName, MTASTSMemory)
    /// Hosts that showed TLS with a good certificate, and when.
    case sawHosts([String: Timestamp])
    /// Connections, to be added to the day's counts.
    case count([TLSSessionCount])
    /// A report of a day goes out to a domain, by mail that is accepted with it, or otherwise, or cannot. Answered by `affected`: 0, and
    /// nothing is accepted, where that was said before.
    case report(day: Int32, DomainName, outcome: String, at: Timestamp, mail: NewMessage?)
    /// Drops counts and reports of days before `day`, policies that ended before `time`, and hosts last seen before it, some of each.
    case tidy(beforeDay: Int32, before: Timestamp, limit: Int)
}

/// Connections of one day and kind.
package struct TLSSessionCount: Hashable, Sendable {
    package var day: Int32
    /// Whose mail they were for.
    package var domain: DomainName
    package var kind: TLSSessionKind
    package var total: Int

    package init(day: Int32, domain: DomainName, kind: TLSSessionKind, total: Int) {
        self.day = day
        self.domain = domain
        self.kind = kind
        self.total = total
    }
}
