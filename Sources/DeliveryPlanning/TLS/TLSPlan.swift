package import MailModel

/// What is known of the TLS of a domain and of its hosts, from DNS, its policy, and what was seen before.
package struct TLSKnowledge: Hashable, Sendable {
    package var sts: DomainSTS
    /// By host name; what is missing has none.
    package var dane: [String: HostDANE]
    /// Hosts that have lately shown TLS with a good certificate, where that forbids plaintext now.
    package var remembered: Set<String>
    /// True where the MX answer is secure, so that no attacker chose the hosts.
    package var isSecureMX: Bool

    package init(
        sts: DomainSTS = DomainSTS(), dane: [String: HostDANE] = [:], remembered: Set<String> = [], isSecureMX: Bool = false
    ) {
        self.sts = sts
        self.dane = dane
        self.remembered = remembered
        self.isSecureMX = isSecureMX
    }
}

/// Which policy holds for which host, and what becomes of hosts that may not be used.
package enum TLSPlan {
    /// Endpoints with what each has to show; or why none of them may be used now. DANE comes before MTA-STS (RFC 8461 §2).
    package static func apply(_ knowledge: TLSKnowledge, to resolution: Resolution, of domain: DomainName, _ wish: TLSWish = .usual)
        -> Resolution
    {
        guard case .endpoints(let endpoints, let site) = resolution else { return resolution }
        var kept: [Endpoint] = []
        var refusals: [Refusal] = []
        for var endpoint in endpoints {
            switch demand(on: endpoint.hostName, knowledge, of: domain, wish) {
            case .success(let tls):
                endpoint.tls = tls
                kept.append(endpoint)
            case .failure(let refusal):
                refusals.append(refusal)
            }
        }
        guard kept.isEmpty, let first = refusals.first(where: { $0.mayPass }) ?? refusals.first else {
            return .endpoints(kept, site: site)
        }
        let isFinal = wish == .verified && !first.mayPass
        let enhanced = EnhancedStatusCode(isFinal ? 5 : 4, 7, isFinal ? 10 : 0)
        return .failed(.local(isFinal ? 550 : 451, enhanced, first.text, scope: .destination, stage: .resolve))
    }

    private static func demand(
        on host: String, _ knowledge: TLSKnowledge, of domain: DomainName, _ wish: TLSWish
    ) -> Result<HostTLS?, Refusal> {
        // RFC 8689 §5.1: the sender prefers delivery to its protection.
        if wish == .waived { return .success(HostTLS(.waived)) }
        let policy = knowledge.sts.policy
        switch knowledge.dane[host] ?? .none {
        case .failed(let reason):
            return .failure(
                Refusal(
                    text: "DNS does not say whether \(host) has TLSA records, so no mail goes there now: \(reason)", mayPass: true))
        case .records(let records, let base):
            return .success(HostTLS(.dane, records: records, names: names(base, host, domain), isAllTheWay: wish == .verified))
        case .unusable:
            guard wish == .verified else { return .success(HostTLS(.daneUnusable)) }
            return .failure(Refusal(text: "The message asks for REQUIRETLS, and no TLSA record of \(host) can be used"))
        case .none: break
        }
        if let policy, policy.mode == .enforce, !policy.names(host) {
            let named = policy.patterns.prefix(5).joined(separator: ", ")
            return .failure(
                Refusal(
                    text: "The MTA-STS policy of \(domain) (mode enforce) does not name its mail host \(host), only \(named)"))
        }
        if wish == .verified {
            // RFC 8689 §4.2.1: the name of the host has to be known for true.
            guard knowledge.isSecureMX || policy.map({ $0.mode != .none && $0.names(host) }) ?? false else {
                return .failure(
                    Refusal(
                        text:
                            "The message asks for REQUIRETLS, and neither DNSSEC nor MTA-STS shows that \(host) is a mail host of \(domain)"
                    ))
            }
            return .success(HostTLS(.requireTLS))
        }
        if policy?.mode == .enforce { return .success(HostTLS(.stsEnforce)) }
        if knowledge.remembered.contains(host) { return .success(HostTLS(.remembered)) }
        return .success(policy?.mode == .testing ? HostTLS(.stsTesting) : nil)
    }

    /// RFC 7672 §3.2.2: the TLSA base domain, the host as MX names it, and the domain that mail is for.
    private static func names(_ base: DomainName, _ host: String, _ domain: DomainName) -> [String] {
        var names = [base.text]
        for name in [host, domain.text] where !names.contains(name) { names.append(name) }
        return names
    }

    private struct Refusal: Error {
        var text: String
        /// True where the next look-up may say otherwise.
        var mayPass = false
    }
}

/// What a message asks of TLS.
package enum TLSWish: UInt8, Hashable, Sendable, Codable {
    /// Nothing but what policies ask.
    case usual = 0
    /// REQUIRETLS (RFC 8689): only to hosts that are known for true, under a good certificate, and that pass the wish on.
    case verified = 1
    /// `TLS-Required: No`: policies do not hold it back.
    case waived = 2
}
