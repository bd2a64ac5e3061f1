package import DNSClient
package import DomainHealth
package import MailModel
package import OutboundPolicy
import Storage

/// Looks at all that receivers ask of a domain before they take its mail, and says what to publish.
package struct CheckDomain: AdministrativeOperation {
    package static let name = "domains.check"
    package static let scope = AccessScope.domainsRead
    package var domain: DomainName
    /// Of DKIM keys that are not ours.
    package var selectors: [String]?
    /// `192.0.2.1@5353`: who is asked in place of the settings' resolver. The HTTP interface does not offer it.
    package var resolver: String?

    package init(domain: DomainName, selectors: [String]? = nil, resolver: DNSServerAddress? = nil) {
        self.domain = domain
        self.selectors = selectors
        self.resolver = resolver?.description
    }

    static let selectorsMax = 20

    package func perform(in administration: Administration, _ act: Act) async throws -> DomainReport {
        var plan = try plan
        let settings = try administration.dataDirectory.settings()
        plan.add(try await administration.directory(), settings)
        return try await report(plan, settings.delivery, shared: administration.live?.dns(), at: act.at)
    }

    /// Without an installation.
    package func perform(at now: Timestamp) async throws -> DomainReport { try await report(plan, nil, at: now) }

    private var plan: DomainSurveyPlan {
        get throws {
            let selectors = selectors ?? []
            guard selectors.count <= CheckDomain.selectorsMax else {
                throw AdministrationError(.invalid, "more than \(CheckDomain.selectorsMax) selectors")
            }
            for selector in selectors where DomainName("\(selector)._domainkey.\(domain)") == nil {
                throw AdministrationError(.invalid, "\"\(selector)\" is no selector")
            }
            return DomainSurveyPlan(domain, selectors: selectors)
        }
    }

    private func report(
        _ plan: DomainSurveyPlan, _ settings: DeliverySettings?, shared: (any DNSResolver)? = nil, at now: Timestamp
    ) async throws -> DomainReport {
        let server = resolver.flatMap { DNSServerAddress($0) }
        guard resolver == nil || server != nil else { throw AdministrationError(.invalid, "\"\(resolver ?? "")\" is no address@port") }
        return try await DomainSurveyor.look(by: server, settings, shared: shared) { surveyor in
            DomainCheck.report(await surveyor.facts(plan), at: now)
        }
    }
}
