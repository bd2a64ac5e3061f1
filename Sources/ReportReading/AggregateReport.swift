package import MailModel

/// What one receiver saw in a time of mail with a domain in From (RFC 9990; RFC 7489 appendix C).
package struct AggregateReport: Codable, Hashable, Sendable {
    package struct Policy: Codable, Hashable, Sendable {
        package var domain = ""
        /// As the receiver read them; empty where it says nothing.
        package var policy = ""
        package var subdomainPolicy = ""
        package var absentPolicy = ""
        package var dkimAlignment = ""
        package var spfAlignment = ""
        package var percent = ""
        /// `t` of the record, in reports by RFC 9990.
        package var testing = ""
        /// `psl` or `treewalk`.
        package var discovery = ""
    }

    /// What SPF or DKIM came to by itself, alignment left aside.
    package struct Result: Codable, Hashable, Sendable {
        package var domain = ""
        /// Of DKIM.
        package var selector = ""
        /// Of SPF: `mfrom` or `helo`.
        package var scope = ""
        /// In lower case: `pass`, `fail`, `none`, …
        package var result = ""
    }

    package struct Record: Codable, Hashable, Sendable {
        package var address: IPAddress
        package var count: Int
        /// `none`, `pass`, `quarantine`, `reject`.
        package var disposition = ""
        /// Aligned, and passed.
        package var dkim = false
        package var spf = false
        /// Why the receiver did something else than the policy says: `forwarded`, `mailing_list`, …
        package var reasons: [String] = []
        package var headerFrom = ""
        package var envelopeFrom = ""
        package var envelopeTo = ""
        package var dkimResults: [Result] = []
        package var spfResults: [Result] = []

        package var passes: Bool { dkim || spf }
    }

    package var organization = ""
    package var contact = ""
    package var id = ""
    package var begin = Timestamp(milliseconds: 0)
    package var end = Timestamp(milliseconds: 0)
    /// True for the name space of RFC 9990.
    package var isNewForm = false
    package var published = Policy()
    package var records: [Record] = []
    /// Records that could not be read.
    package var skipped = 0

    package var messages: Int { records.reduce(0) { $0 + $1.count } }
    package var passing: Int { records.reduce(0) { $0 + ($1.passes ? $1.count : 0) } }
}
