import DeliveryPlanning
import MailModel

/// What TLS policy holds for a domain, and whether its mail hosts keep it.
package struct TLSCheck: Codable, Hashable, Sendable {
    package struct Host: Codable, Hashable, Sendable {
        package var host: String
        package var address: String
        /// `dane`, `daneUnusable`, `stsEnforce`, `stsTesting`, `remembered`, `route`; empty where the host is not used.
        package var demand: String
        /// TLSA records, as in a zone file.
        package var records: [String]
        /// `TLSv1.3`; nil for none.
        package var version: String?
        package var cipher: String?
        /// `webPKI`, `daneAuthority`, `daneHost`, `none`.
        package var trust: String
        /// A result type of RFC 8460; nil where nothing is wrong.
        package var fault: String?
        /// True where mail would go there now, and under a policy as that asks.
        package var passes: Bool
        /// One sentence.
        package var text: String
    }

    package var domain: String
    /// `dane`, `mta-sts` or `none`: what mail to the best host goes by.
    package var policy: String
    /// True where DNSSEC shows the mail hosts to be those that the domain names.
    package var isSecureMX: Bool
    /// `enforce`, `testing` or `none`; nil where there is no policy.
    package var mtaSTSMode: String?
    /// Lines of the policy.
    package var mtaSTSPolicy: [String]
    /// Why an announced policy cannot be had.
    package var mtaSTSFault: String?
    package var hosts: [Host]
    /// Why no host can be tried; nil where one can.
    package var failure: String?
    /// True where mail would be delivered now.
    package var passes: Bool

    init(of domain: DomainName, _ knowledge: TLSKnowledge, _ resolution: Resolution) {
        self.domain = domain.text
        isSecureMX = knowledge.isSecureMX
        mtaSTSMode = knowledge.sts.policy?.mode.rawValue
        mtaSTSPolicy = knowledge.sts.policy?.lines ?? []
        mtaSTSFault = knowledge.sts.fault?.text
        hosts = []
        passes = false
        policy = "none"
        if case .failed(let failed) = resolution { failure = failed.reply.description }
    }

    mutating func add(_ host: Host) {
        if hosts.isEmpty {
            let isDANE = host.demand.hasPrefix("dane")
            policy = isDANE ? "dane" : mtaSTSMode.map { $0 == "none" ? "none" : "mta-sts" } ?? "none"
        }
        hosts.append(host)
        passes = passes || host.passes
    }
}

extension TLSCheck.Host {
    init(_ endpoint: Endpoint) {
        host = endpoint.hostName
        address = endpoint.address.description
        demand = endpoint.tls?.demand.rawValue ?? TLSDemand.route.rawValue
        records = endpoint.tls?.records.map(\.text) ?? []
        trust = TLSTrust.none.rawValue
        passes = false
        text = ""
    }

    /// A host that no mail goes to.
    init(refused endpoint: Endpoint, _ failure: DeliveryFailure) {
        self.init(endpoint)
        demand = ""
        text = failure.reply.text
    }

    mutating func found(_ facts: ConnectionFacts, _ failure: DeliveryFailure?) {
        version = facts.tlsVersion
        cipher = facts.tls?.cipher
        trust = (facts.tls?.trust ?? .none).rawValue
        fault = facts.tls?.fault?.rawValue
        passes = failure == nil
        text = failure?.reply.text ?? facts.tlsFinding(endedAt: nil)?.explanation ?? "The host takes mail"
    }
}
