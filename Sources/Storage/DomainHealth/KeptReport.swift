package import MailModel

/// A report of others on mail in a domain's name, or on the way to it, as it is kept.
package struct KeptReport: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        /// DMARC, summed up.
        case aggregate
        /// DMARC, one message.
        case failure
        /// Sessions with TLS (RFC 8460).
        case tls
    }

    /// Messages or sessions of which the same is said.
    package struct Row: Hashable, Sendable {
        /// The address that sent; of TLS the receiving host. Empty where nothing is said, or for the rest of a report with too many rows.
        package var source: String
        /// The domain in From; of TLS the policy's type.
        package var about: String
        /// What the receiver did (`none`, `quarantine`, `reject`); of TLS why it failed, empty where it did not.
        package var result: String
        /// Aligned, and passed; of TLS both are false.
        package var dkim: Bool
        package var spf: Bool
        package var passes: Bool
        package var total: Int

        package init(
            source: String, about: String, result: String, dkim: Bool = false, spf: Bool = false, passes: Bool, total: Int
        ) {
            self.source = source
            self.about = about
            self.result = result
            self.dkim = dkim
            self.spf = spf
            self.passes = passes
            self.total = total
        }
    }

    /// The same for the same report of the same organization; 1…64 octets.
    package var id: String
    package var kind: Kind
    package var domain: DomainName
    package var organization: String
    /// As the organization calls it; empty where it has none.
    package var reportID: String
    package var begin: Timestamp
    package var end: Timestamp
    package var receivedAt: Timestamp
    /// `listener`, `import`.
    package var way: String
    /// Messages or sessions.
    package var total: Int
    package var passing: Int
    /// Not read with a list of reports.
    package var rows: [Row]

    package init(
        id: String, kind: Kind, domain: DomainName, organization: String, reportID: String, begin: Timestamp, end: Timestamp,
        receivedAt: Timestamp, way: String, rows: [Row]
    ) {
        self.id = id
        self.kind = kind
        self.domain = domain
        self.organization = organization
        self.reportID = reportID
        self.begin = begin
        self.end = end
        self.receivedAt = receivedAt
        self.way = way
        self.rows = rows
        total = rows.reduce(0) { $0 + $1.total }
        passing = rows.reduce(0) { $0 + ($1.passes ? $1.total : 0) }
    }
}

package struct KeptReportQuery: Hashable, Sendable {
    package var domain: DomainName?
    package var kind: KeptReport.Kind?
    /// That one alone, with its rows.
    package var id: String?
    /// 1…10,000.
    package var limit = 100

    package init() {}
}

/// What of the reports on a domain is added up.
package struct ReportSpan: Hashable, Sendable {
    package var domain: DomainName
    package var kind: KeptReport.Kind
    /// The first day (UTC, since 1970).
    package var since: Int32
    /// Rows at most.
    package var limit: Int

    package init(_ domain: DomainName, _ kind: KeptReport.Kind, since: Int32, limit: Int) {
        self.domain = domain
        self.kind = kind
        self.since = since
        self.limit = limit
    }
}

/// Who sends as a domain, added up over reports; of TLS who is not reached.
package struct ReportedSource: Hashable, Sendable {
    package var source: String
    /// Of TLS why; else empty.
    package var result: String
    package var total: Int
    package var passing: Int
    package var dkim: Int
    package var spf: Int
    package var quarantined: Int
    package var rejected: Int
    package var firstDay: Int32
    package var lastDay: Int32

    package init(
        source: String, result: String, total: Int, passing: Int, dkim: Int, spf: Int, quarantined: Int, rejected: Int, firstDay: Int32,
        lastDay: Int32
    ) {
        self.source = source
        self.result = result
        self.total = total
        self.passing = passing
        self.dkim = dkim
        self.spf = spf
        self.quarantined = quarantined
        self.rejected = rejected
        self.firstDay = firstDay
        self.lastDay = lastDay
    }
}

/// One day of one source.
package struct ReportedDay: Hashable, Sendable {
    package var day: Int32
    package var source: String
    package var total: Int
    package var passing: Int

    package init(day: Int32, source: String, total: Int, passing: Int) {
        self.day = day
        self.source = source
        self.total = total
        self.passing = passing
    }
}
