/// What a receiver says of our mail of one day, in its own figures.
package struct ReputationFigure: Hashable, Sendable, Codable {
    package enum Source: String, Hashable, Sendable, Codable, CaseIterable {
        /// Google Postmaster Tools, of a domain.
        case postmaster
        /// Microsoft's Smart Network Data Services, of an address.
        case snds
    }

    package var source: Source
    /// Since 1970, in UTC.
    package var day: Int32
    /// A domain, or an address.
    package var subject: String
    /// Messages, or recipients where the receiver counts those; nil where it does not say.
    package var messages: Int?
    /// Percent of what was delivered that people called spam, 0…100; nil where it does not say.
    package var complaintPercent: Double?
    /// How the receiver judges it: `green`, `high`; empty where it does not say.
    package var verdict: String
    /// Mail to traps of the receiver; nil where it does not say.
    package var trapHits: Int?
    /// Percent that passed SPF, DKIM and DMARC; nil where it does not say.
    package var spfPercent: Double?
    package var dkimPercent: Double?
    package var dmarcPercent: Double?

    package init(source: Source, day: Int32, subject: String) {
        self.source = source
        self.day = day
        self.subject = subject
        verdict = ""
    }
}
