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
}
