import DeliveryPlanning
import MailModel
import OutboundPolicy

/// One step of a route's test: which TLS was to be, whether the host has it, and what is missing where it has not.
struct RouteTLSStep: Sendable {
    let requirement: TLSRequirement
    let endpoint: Endpoint
    /// The domain that mail is for; nil where the host is named by the route.
    let domain: DomainName?

    private var demand: TLSDemand { endpoint.tls?.demand ?? .route }

    /// The session stands.
    func met(_ facts: ConnectionFacts) -> RouteTestStep {
        let policy = demand == .route ? requirement.words : demand.words
        guard let finding = facts.tlsFinding(endedAt: nil), let version = facts.tlsVersion else {
            let advice = requirement == .none ? nil : missing(.starttlsNotSupported)
            return RouteTestStep(stage: "tls", ok: true, text: "Mail goes in plaintext. \(policy).", advice: advice)
        }
        let proof = facts.tls.map { $0.trust == .none ? finding.explanation : "\($0.trust.words)." } ?? ""
        return RouteTestStep(stage: "tls", ok: true, text: "\(version). \(proof) \(policy).")
    }

    /// It ended over TLS.
    func failed(_ failure: DeliveryFailure, _ facts: ConnectionFacts) -> RouteTestStep {
        let policy = demand == .route ? requirement.words : demand.words
        return RouteTestStep(
            stage: "tls", ok: false, text: "\(failure.reply). \(policy).",
            advice: missing(facts.tls?.fault ?? .validationFailure))
    }

    /// No host may be used.
    static func refused(_ failure: DeliveryFailure, _ domain: DomainName?) -> RouteTestStep {
        let look = domain.map { "postern tls check \($0)" } ?? "postern tls check DOMAIN"
        return RouteTestStep(
            stage: "tls", ok: false, text: failure.reply.description,
            advice: "What the domain publishes and what its hosts are do not fit; only its administrators can change that: \(look)")
    }

    private func missing(_ fault: TLSFault) -> String {
        let host = endpoint.hostName
        let isOurs = domain == nil
        switch fault {
        case .starttlsNotSupported:
            let other = isOurs ? "Name its port for TLS from the first byte (465, --implicit-tls), or let" : "Let"
            return "\(other) the administrators of \(host) offer STARTTLS. "
                + "Where they do, something in between takes it away: look from another network"
        case .certificateExpired: return "The administrators of \(host) have to renew its certificate"
        case .certificateHostMismatch:
            return isOurs
                ? "Name the host in the route as its certificate does" : "The certificate of \(host) has to bear that name"
        case .certificateNotTrusted:
            return isOurs
                ? "Put the certificate of the authority of \(host) into delivery.tls-roots"
                : "\(host) needs a certificate of an authority that everybody trusts"
        case .tlsaInvalid, .daneRequired, .dnssecInvalid:
            return "The TLSA records of \(host) have to name the certificate that it shows; "
                + "its administrators have changed one without the other"
        case .validationFailure: return "\(host) and this gate have no TLS version in common: it has to offer 1.2 or newer"
        case .stsPolicyFetchError, .stsPolicyInvalid, .stsWebPKIInvalid:
            return "The MTA-STS policy has to be served as RFC 8461 asks"
        }
    }
}

extension TLSRequirement {
    /// One sentence without its full stop.
    fileprivate var words: String {
        switch self {
        case .none: "The route asks for no TLS (none)"
        case .opportunistic: "The route asks for what TLS there is (opportunistic)"
        case .encrypt: "The route asks for TLS with any certificate (encrypt)"
        case .verify: "The route asks for TLS with a certificate for the host under a trusted root (verify)"
        }
    }
}
