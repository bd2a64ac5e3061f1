package import MailModel
import OutboundPolicy

extension DeliveryQueue {
    /// An MX host has shown TLS with a good certificate, here or on another node: nothing goes there in plaintext any more, also by
    /// look-ups that were made before.
    package mutating func rememberTLS(of host: String) {
        for (key, site) in sites {
            if case .mx = site.route.value.kind { sites[key]?.endpoints.rememberTLS(of: host) }
        }
        for (target, known) in resolutions {
            guard case .mx = target, case .endpoints(var endpoints, let name) = known.resolution else { continue }
            endpoints.rememberTLS(of: host)
            resolutions[target]?.resolution = .endpoints(endpoints, site: name)
        }
    }
}

extension [Endpoint] {
    /// What asks for more stays as it is, and so does what is to be delivered in any case.
    fileprivate mutating func rememberTLS(of host: String) {
        for index in indices where self[index].hostName == host && self[index].mayBePlaintext { self[index].tls = HostTLS(.remembered) }
    }
}

extension Endpoint {
    /// True where a host that has shown no good TLS so far may be spoken to without.
    package var mayBePlaintext: Bool {
        switch tls?.demand ?? .route {
        case .route, .stsTesting: true
        case .stsEnforce, .dane, .daneUnusable, .remembered, .requireTLS, .waived: false
        }
    }
}

extension DeliveryFailure {
    /// RFC 8689 §4.2.1.
    static let lacksRequireTLS = EnhancedStatusCode(5, 7, 30)

    /// `host` takes no mail with REQUIRETLS.
    package static func lacksRequireTLS(_ host: String) -> DeliveryFailure {
        .local(
            550, lacksRequireTLS, "The message asks for REQUIRETLS (RFC 8689), which \(host) does not offer", scope: .host, stage: .startTLS
        )
    }

    /// `isRemembered`: nil where that cannot be told now. `fault`: what was wrong with TLS just now.
    package static func plaintext(to host: String, isRemembered: Bool?, fault: String?) -> DeliveryFailure {
        let before =
            isRemembered == nil
            ? "and whether it has shown TLS before cannot be read now" : "and has lately shown TLS with a good certificate"
        return .local(
            451, EnhancedStatusCode(4, 7, 0), "\(host) has no TLS now, \(before): \(fault ?? TLSFault.starttlsNotSupported.words)",
            scope: .host, stage: .startTLS)
    }
}
