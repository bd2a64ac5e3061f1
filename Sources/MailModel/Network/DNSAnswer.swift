/// What a look-up came to. Values only: decisions get answers, the DNS client asks.
package enum DNSAnswer<Record: Hashable & Sendable>: Hashable, Sendable {
    /// At least one record.
    case records([Record], isSecure: Bool, ttlSeconds: Int)
    /// The name exists without a record of this type (NODATA), or is known not to exist (NXDOMAIN).
    case noRecords(nameExists: Bool, isSecure: Bool, ttlSeconds: Int)
    /// SERVFAIL, time-out, or an answer that DNSSEC shows to be forged (`isBogus`): try again later.
    case failure(reason: String, isBogus: Bool)
}

/// MX of RFC 1035 §3.3.9. `exchange` is nil for the root, the null MX of RFC 7505.
package struct MXRecord: Hashable, Sendable {
    package var preference: Int
    package var exchange: DomainName?
    package init(preference: Int, exchange: DomainName?) {
        self.preference = preference
        self.exchange = exchange
    }
}

/// Types of which nobody reads the content. The raw value is the type's number (IANA DNS parameters).
package enum DNSRecordKind: Int32, Hashable, Sendable {
    /// Where a zone begins.
    case authority = 6
    /// DS: the zone above vouches for the keys of this one.
    case delegationSigner = 43
    /// DNSKEY: the zone is signed.
    case zoneKey = 48
}

/// The look-ups that delivery and authentication need. Never throws: a failure is an answer.
package protocol DNSResolver: Sendable {
    func mx(_ name: DomainName) async -> DNSAnswer<MXRecord>
    /// A and AAAA together, IPv4 first.
    func addresses(_ name: DomainName) async -> DNSAnswer<IPAddress>
    func txt(_ name: DomainName) async -> DNSAnswer<String>
    func tlsa(_ name: DomainName) async -> DNSAnswer<TLSARecord>
    /// Where a name's addresses are: what its CNAME records lead to in the end, and whether the first of them is secure; nil where the
    /// name has none.
    func alias(of name: DomainName) async -> DNSAlias?
    /// PTR: the names that an address gives itself.
    func names(of address: IPAddress) async -> DNSAnswer<DomainName>
    /// Records that are of interest for being there.
    func records(_ kind: DNSRecordKind, of name: DomainName) async -> DNSAnswer<[UInt8]>
}

/// A name that stands for another.
package struct DNSAlias: Hashable, Sendable {
    package var target: DomainName
    /// Of the name's own CNAME record, wherever that leads.
    package var isSecure: Bool

    package init(target: DomainName, isSecure: Bool) {
        self.target = target
        self.isSecure = isSecure
    }
}

/// A resolver that knows nothing of DNSSEC has neither.
extension DNSResolver {
    package func tlsa(_ name: DomainName) async -> DNSAnswer<TLSARecord> { .noRecords(nameExists: false, isSecure: false, ttlSeconds: 0) }
    package func alias(of name: DomainName) async -> DNSAlias? { nil }
    package func names(of address: IPAddress) async -> DNSAnswer<DomainName> {
        .noRecords(nameExists: false, isSecure: false, ttlSeconds: 0)
    }
    package func records(_ kind: DNSRecordKind, of name: DomainName) async -> DNSAnswer<[UInt8]> {
        .failure(reason: "not asked for", isBogus: false)
    }
}

extension IPAddress {
    /// Where its PTR records are: `4.3.2.1.in-addr.arpa` (RFC 1035 §3.5), `….ip6.arpa` (RFC 3596 §2.5).
    package var reverseName: DomainName {
        let suffix = isV6 ? ".ip6.arpa" : ".in-addr.arpa"
        guard let name = DomainName(reversedLabels + suffix) else { preconditionFailure("digits and dots are a name") }
        return name
    }

    /// The same without the suffix, as blocklists are asked (RFC 5782 §2.1).
    package var reversedLabels: String {
        guard isV6 else { return octets.reversed().map { "\($0)" }.joined(separator: ".") }
        return octets.reversed().flatMap { [$0 & 15, $0 >> 4] }.map { String($0, radix: 16) }.joined(separator: ".")
    }
}
