package import MailModel

extension ConnectionFacts {
    /// What an attempt's trace says of TLS; nil where TLS was not asked for at all. `stage`: where the attempt ended; nil for a success.
    package func tlsFinding(endedAt stage: DeliveryStage?) -> Finding? {
        guard let tls else { return nil }
        if let tlsVersion {
            let session = tls.cipher.map { "\(tlsVersion) \($0)" } ?? tlsVersion
            return tls.trust == .none
                ? Finding(rule: "tls.encrypted", matched: session, explanation: "\(tls.unverifiedWords). \(tls.demand.words).")
                : Finding(rule: "tls.verified", matched: session, explanation: "\(tls.trust.words). \(tls.demand.words).")
        }
        let fault = tls.fault?.words ?? tls.reason ?? "there was no TLS"
        if stage == .startTLS {
            return Finding(
                rule: "tls.required", matched: tls.demand.rawValue, explanation: "Nothing was sent: \(fault). \(tls.demand.words).")
        }
        return Finding(
            rule: "tls.plaintext", matched: tls.fault?.rawValue ?? "", explanation: "Sent without TLS: \(fault). \(tls.demand.words).")
    }
}

extension TLSDetail {
    fileprivate var unverifiedWords: String {
        "The certificate proves nothing: \(fault?.words ?? "it was not looked at")" + (reason.map { " (\($0))" } ?? "")
    }
}

extension TLSTrust {
    /// One sentence without its full stop.
    package var words: String {
        switch self {
        case .none: "The certificate is not verified"
        case .webPKI: "The certificate is for the host's name and leads to a trusted root"
        case .daneAuthority: "TLSA records (DANE, usage 2) name an authority of the certificate"
        case .daneHost: "TLSA records (DANE, usage 3) name the certificate"
        }
    }
}

extension TLSDemand {
    /// What asked for TLS, one sentence without its full stop.
    package var words: String {
        switch self {
        case .route: "The route's own setting asks for what TLS there is"
        case .stsTesting: "The domain's MTA-STS policy is in mode testing and forbids nothing"
        case .stsEnforce: "The domain's MTA-STS policy (mode enforce) asks for TLS with a certificate for the host"
        case .dane: "TLSA records (DANE) ask for TLS with a certificate that they name"
        case .daneUnusable: "TLSA records (DANE) ask for TLS; none of them can be used to check the certificate"
        case .remembered: "The host has lately shown TLS with a good certificate, so nothing goes there in plaintext"
        case .requireTLS: "The message asks for TLS all the way (REQUIRETLS)"
        case .waived: "The message asks to be delivered whatever TLS policies say (TLS-Required: No)"
        }
    }
}
