package import DeliveryPlanning
package import MailAuthentication
package import MailModel

/// All that is asked about a domain before anything is said of it: DNS's answers, and what is ours.
package struct DomainFacts: Sendable {
    package var domain: DomainName
    /// SOA: whether the domain is there at all, and whether DNSSEC proves it.
    package var authority: DNSAnswer<[UInt8]>
    /// DNSKEY of the zone, DS in the zone above; of the domain where its zone begins.
    package var zoneKeys: DNSAnswer<[UInt8]>
    package var delegationSigners: DNSAnswer<[UInt8]>
    /// True where the resolver that was asked proves answers itself.
    package var validates = false
    package var addresses: DNSAnswer<IPAddress>
    package var mx: DNSAnswer<MXRecord>
    /// Of each MX host.
    package var hosts: [DomainName: HostFacts] = [:]
    package var spf: SPFSurvey
    package var dmarc: DMARCWalk
    /// Permissions of others to send them reports, by the name that was asked for.
    package var reportPermissions: [DomainName: DNSAnswer<String>] = [:]
    /// Of domains that reports go to, that sign or that are in reverse-paths.
    package var organizations: [DomainName: DomainName] = [:]
    package var mtaSTS: DNSAnswer<String>
    /// What came of fetching the policy; nil where none is announced, or it was not fetched.
    package var policy: Result<MTASTSPolicy, MTASTSFault>?
    package var tlsReports: DNSAnswer<String>
    package var bimi: DNSAnswer<String>
    /// Keys that were asked for, by selector and domain.
    package var keys: [KeyFacts] = []
    /// Nil where nothing is known of an installation.
    package var own: OwnFacts?

    package init(
        domain: DomainName, authority: DNSAnswer<[UInt8]>, zoneKeys: DNSAnswer<[UInt8]>, delegationSigners: DNSAnswer<[UInt8]>,
        addresses: DNSAnswer<IPAddress>, mx: DNSAnswer<MXRecord>, spf: SPFSurvey, dmarc: DMARCWalk, mtaSTS: DNSAnswer<String>,
        tlsReports: DNSAnswer<String>, bimi: DNSAnswer<String>
    ) {
        self.domain = domain
        self.authority = authority
        self.zoneKeys = zoneKeys
        self.delegationSigners = delegationSigners
        self.addresses = addresses
        self.mx = mx
        self.spf = spf
        self.dmarc = dmarc
        self.mtaSTS = mtaSTS
        self.tlsReports = tlsReports
        self.bimi = bimi
    }

    /// False where DNS says that there is no such name.
    package var exists: Bool {
        if case .noRecords(nameExists: false, _, _) = authority { return false }
        return true
    }
}

/// A mail host of the domain.
package struct HostFacts: Hashable, Sendable {
    package var addresses: DNSAnswer<IPAddress>
    package var tlsa: DNSAnswer<TLSARecord>

    package init(addresses: DNSAnswer<IPAddress>, tlsa: DNSAnswer<TLSARecord>) {
        self.addresses = addresses
        self.tlsa = tlsa
    }
}

/// A DKIM key's place in DNS.
package struct KeyFacts: Hashable, Sendable {
    package var domain: DomainName
    package var selector: String
    package var answer: DNSAnswer<String>
    /// The record that should be there; nil where the key is not ours.
    package var expected: String?
    /// Whether mail is signed with it now.
    package var signs: Bool

    package init(domain: DomainName, selector: String, answer: DNSAnswer<String>, expected: String? = nil, signs: Bool = false) {
        self.domain = domain
        self.selector = selector
        self.answer = answer
        self.expected = expected
        self.signs = signs
    }

    package var name: String { "\(selector)._domainkey.\(domain)" }
}

/// What the installation is that sends in the domain's name.
package struct OwnFacts: Sendable {
    package var sources: [AddressFacts]
    package var routes: [RouteFacts]
    /// The domain in reverse-paths of campaigns; nil for the senders' own.
    package var returnPathDomain: DomainName?
    /// The addresses to which reports should come; nil: none were set.
    package var reportAddress: EmailAddress?

    package init(
        sources: [AddressFacts], routes: [RouteFacts], returnPathDomain: DomainName? = nil, reportAddress: EmailAddress? = nil
    ) {
        self.sources = sources
        self.routes = routes
        self.returnPathDomain = returnPathDomain
        self.reportAddress = reportAddress
    }
}

/// One address that mail leaves from, as receivers see it.
package struct AddressFacts: Hashable, Sendable {
    package var source: String
    package var address: IPAddress
    package var helloName: DomainName
    /// PTR.
    package var names: DNSAnswer<DomainName>
    /// Addresses of each of these names, and of the EHLO name.
    package var forward: [DomainName: DNSAnswer<IPAddress>]
    /// Of SPF for the domain, and for the reverse-path domain of campaigns where there is one.
    package var results: [DomainName: SPF.Result]

    package init(
        source: String, address: IPAddress, helloName: DomainName, names: DNSAnswer<DomainName>,
        forward: [DomainName: DNSAnswer<IPAddress>] = [:], results: [DomainName: SPF.Result] = [:]
    ) {
        self.source = source
        self.address = address
        self.helloName = helloName
        self.names = names
        self.forward = forward
        self.results = results
    }
}

/// A way that mail takes.
package struct RouteFacts: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// From these sources to the hosts of recipients.
        case direct(sources: [String])
        /// By a host of someone else, whose addresses receivers see.
        case smarthost(String)
    }

    package var name: String
    package var kind: Kind

    package init(name: String, kind: Kind) {
        self.name = name
        self.kind = kind
    }
}
