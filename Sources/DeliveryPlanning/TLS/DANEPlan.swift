package import MailModel

/// What TLSA says of one mail host (RFC 7672 §2.2).
package enum HostDANE: Hashable, Sendable {
    /// No secure TLSA records: DANE does not apply.
    case none
    /// `base`: the name at which they stand.
    case records([TLSARecord], base: DomainName)
    /// Secure records, none of them usable.
    case unusable
    /// It is not known whether there are any: the host is not to be used now (RFC 7672 §2.1.2).
    case failed(String)
}

/// RFC 7672 as functions from DNS answers to what a host has to show.
package enum DANEPlan {
    /// Names at which a host's TLSA records may stand, in the order to be asked; empty where DANE does not apply. Call only where the MX
    /// answer is secure.
    package static func bases(of host: DomainName, _ addresses: DNSAnswer<IPAddress>, alias: DNSAlias?) -> [DomainName] {
        guard case .records(_, let isSecure, _) = addresses else { return [] }
        guard let alias, alias.target != host else { return isSecure ? [host] : [] }
        // RFC 7672 §2.2.3: the end of a secure chain first, then its beginning; of a chain that is secure at its beginning only, that.
        if isSecure { return [alias.target, host] }
        return alias.isSecure ? [host] : []
    }

    /// The answer for one base; nil: the next base is to be asked.
    package static func reading(_ answer: DNSAnswer<TLSARecord>, base: DomainName) -> HostDANE? {
        switch answer {
        case .failure(let reason, _): return .failed(reason)
        case .noRecords: return nil
        case .records(let records, let isSecure, _):
            guard isSecure else { return nil }
            let usable = records.filter(\.isUsable)
            return usable.isEmpty ? .unusable : .records(Array(usable.prefix(recordsMax)), base: base)
        }
    }

    /// `_25._tcp.mx.example.org`; nil where that is too long for a name.
    package static func name(of base: DomainName, port: Int) -> DomainName? { DomainName("_\(port)._tcp.\(base)") }

    /// Each is held against each certificate of a chain.
    private static let recordsMax = 20
}
