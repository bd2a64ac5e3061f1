/// Why a connection to a next host needs the TLS that it needs.
package enum TLSDemand: String, Hashable, Sendable, Codable {
    /// What the route asks for.
    case route
    /// An MTA-STS policy in mode `testing`: as the route asks, but what fails is counted.
    case stsTesting
    /// An MTA-STS policy in mode `enforce`.
    case stsEnforce
    /// TLSA records that name a certificate.
    case dane
    /// TLSA records of which none can be used: TLS with any certificate (RFC 7672 §2.2).
    case daneUnusable
    /// The host has lately shown TLS with a good certificate.
    case remembered
    /// The message asks for it (RFC 8689).
    case requireTLS
    /// The message asks for delivery in any case (`TLS-Required: No`, RFC 8689 §5).
    case waived
}

/// How it is known that the other side is the one that was meant.
package enum TLSTrust: String, Hashable, Sendable, Codable {
    case none
    /// A certificate for the host's name that leads to a trusted root.
    case webPKI
    /// TLSA of usage 2: an authority in the chain.
    case daneAuthority
    /// TLSA of usage 3: the host's own certificate.
    case daneHost
}

/// What is wrong with the TLS of a host or with a policy for it, by the names of RFC 8460 §4.3.
package enum TLSFault: String, Error, Hashable, Sendable, Codable, CaseIterable {
    case starttlsNotSupported = "starttls-not-supported"
    case certificateHostMismatch = "certificate-host-mismatch"
    case certificateExpired = "certificate-expired"
    case certificateNotTrusted = "certificate-not-trusted"
    /// Anything else: no handshake, no version in common.
    case validationFailure = "validation-failure"
    case tlsaInvalid = "tlsa-invalid"
    case dnssecInvalid = "dnssec-invalid"
    case daneRequired = "dane-required"
    case stsPolicyFetchError = "sts-policy-fetch-error"
    case stsPolicyInvalid = "sts-policy-invalid"
    case stsWebPKIInvalid = "sts-webpki-invalid"

    /// For people, in one clause.
    package var words: String {
        switch self {
        case .starttlsNotSupported: "the host does not offer STARTTLS"
        case .certificateHostMismatch: "the certificate is not for the host's name"
        case .certificateExpired: "the certificate has expired, or is not valid yet"
        case .certificateNotTrusted: "the certificate does not lead to a trusted root"
        case .validationFailure: "the TLS handshake failed"
        case .tlsaInvalid: "the certificate is not one that the TLSA records name"
        case .dnssecInvalid: "the DNSSEC of the answer is not valid"
        case .daneRequired: "DANE is required, and there is none"
        case .stsPolicyFetchError: "the MTA-STS policy cannot be fetched"
        case .stsPolicyInvalid: "the MTA-STS policy is not valid"
        case .stsWebPKIInvalid: "the certificate of the host that has the MTA-STS policy is not valid"
        }
    }
}

/// The TLS of one connection, beyond its version.
package struct TLSDetail: Hashable, Sendable, Codable {
    /// As TLS names it: `TLS_AES_128_GCM_SHA256`; nil where it was not seen.
    package var cipher: String?
    package var trust: TLSTrust
    package var demand: TLSDemand
    /// What is wrong, also where nothing asked for it to be right.
    package var fault: TLSFault?
    /// In the words of the library that looked; nil where `fault` says all.
    package var reason: String?

    package init(
        cipher: String? = nil, trust: TLSTrust = .none, demand: TLSDemand = .route, fault: TLSFault? = nil, reason: String? = nil
    ) {
        self.cipher = cipher
        self.trust = trust
        self.demand = demand
        self.fault = fault
        self.reason = reason
    }
}
