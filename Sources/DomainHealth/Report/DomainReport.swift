/// What a look at a domain came to.
package struct DomainReport: Codable, Hashable, Sendable {
    package struct Source: Codable, Hashable, Sendable {
        package var source: String
        package var address: String
        /// As RFC 8601 names it: `pass`, `fail`, `softfail`, …
        package var result: String
    }

    package struct SPFPart: Codable, Hashable, Sendable {
        /// Empty where there is none.
        package var record: String
        package var isValid: Bool
        package var lookups: Int
        package var voids: Int
        /// A line for each node.
        package var tree: [String]
        /// Of our own sources; empty without an installation.
        package var sources: [Source]
    }

    package struct Key: Codable, Hashable, Sendable {
        package var selector: String
        package var domain: String
        /// `published`, `missing`, `different`, `revoked`, `unreadable`, `unfit`, `unknown` (DNS was silent).
        package var state: String
        /// `rsa`, `ed25519`; empty where there is no record.
        package var type: String
        /// 0 where it is not known.
        package var bits: Int
        /// Whether we sign with it.
        package var signs: Bool
    }

    package struct DMARCPart: Codable, Hashable, Sendable {
        /// Empty where no record holds.
        package var record: String
        /// The domain it stands at.
        package var at: String
        /// Nil where no record holds.
        package var policy: String?
        package var subdomainPolicy: String?
        package var absentPolicy: String?
        /// What holds for the domain itself, `t` counted in.
        package var effective: String?
        package var organization: String
        package var dkimAlignment: String
        package var spfAlignment: String
        package var isTest: Bool
        package var reports: [String]
        package var failureReports: [String]
    }

    /// Whether mail with From in the domain passes DMARC by one route.
    package struct Alignment: Codable, Hashable, Sendable {
        package var route: String
        package var source: String
        /// `mail` or `campaign`: whose reverse-path it is.
        package var kind: String
        package var spf: Bool
        package var dkim: Bool
        package var passes: Bool
    }

    package struct Host: Codable, Hashable, Sendable {
        package var host: String
        package var preference: Int
        package var addresses: [String]
        /// TLSA records as `3 1 1`.
        package var tlsa: [String]
        /// Whether MTA-STS names it; nil without a policy.
        package var isNamed: Bool?
    }

    package struct Transport: Codable, Hashable, Sendable {
        /// `enforce`, `testing`, `none`; nil where there is no policy.
        package var mtaSTS: String?
        package var tlsReports: [String]
        /// `used`, `unusable`, `insecure`, `none`.
        package var dane: String
        /// `secure`, `signed` (not proved here), `unsigned`, `broken`, `unknown`.
        package var dnssec: String
        package var bimi: String
    }

    package struct Address: Codable, Hashable, Sendable {
        package var source: String
        package var address: String
        package var hello: String
        package var names: [String]
        /// Whether one of the names leads back to the address.
        package var isForwardConfirmed: Bool
        /// Whether the EHLO name leads to the address.
        package var isHelloConfirmed: Bool
    }

    package enum State: String, Codable, Hashable, Sendable, CaseIterable {
        case healthy, warning, failing
    }

    package var domain: String
    /// RFC 3339.
    package var checkedAt: String
    package var state: State
    package var spf: SPFPart
    package var dkim: [Key]
    package var dmarc: DMARCPart
    package var alignment: [Alignment]
    package var mx: [Host]
    package var hasNullMX: Bool
    package var transport: Transport
    package var addresses: [Address]
    /// The gravest first.
    package var findings: [HealthFinding]
}
