import DeliveryPlanning
import Foundation
import MailModel
import Storage

/// What a domain is told of a day's TLS sessions towards it (RFC 8460 §4.4). Encodes as the standard's JSON.
package struct TLSReport: Codable, Hashable, Sendable {
    package struct DateRange: Codable, Hashable, Sendable {
        package var start: String
        package var end: String

        enum CodingKeys: String, CodingKey {
            case start = "start-datetime"
            case end = "end-datetime"
        }
    }

    package struct Policy: Codable, Hashable, Sendable {
        package var type: String
        package var text: [String]?
        package var domain: String

        enum CodingKeys: String, CodingKey {
            case type = "policy-type"
            case text = "policy-string"
            case domain = "policy-domain"
        }
    }

    package struct Summary: Codable, Hashable, Sendable {
        package var good = 0
        package var failed = 0

        enum CodingKeys: String, CodingKey {
            case good = "total-successful-session-count"
            case failed = "total-failure-session-count"
        }
    }

    package struct Failure: Codable, Hashable, Sendable {
        package var type: String
        package var sendingAddress: String?
        package var receivingHost: String?
        package var receivingAddress: String?
        package var count: Int
        package var reason: String?

        enum CodingKeys: String, CodingKey {
            case type = "result-type"
            case sendingAddress = "sending-mta-ip"
            case receivingHost = "receiving-mx-hostname"
            case receivingAddress = "receiving-ip"
            case count = "failed-session-count"
            case reason = "failure-reason-code"
        }
    }

    package struct Entry: Codable, Hashable, Sendable {
        package var policy: Policy
        package var summary: Summary
        package var failures: [Failure]

        enum CodingKeys: String, CodingKey {
            case policy, summary
            case failures = "failure-details"
        }
    }

    package var organization: String
    package var dateRange: DateRange
    package var contact: String
    package var id: String
    package var policies: [Entry]

    enum CodingKeys: String, CodingKey {
        case organization = "organization-name"
        case dateRange = "date-range"
        case contact = "contact-info"
        case id = "report-id"
        case policies
    }

    /// One for each domain of `counts`, in order of domains. `day`: days since 1970, UTC.
    static func reports(
        _ counts: [TLSSessionCount], day: Int32, organization: String, contact: String
    ) -> [(domain: DomainName, report: TLSReport)] {
        Dictionary(grouping: counts, by: \.domain).sorted { $0.key < $1.key }.map { domain, counts in
            (domain, TLSReport(of: domain, counts, day: day, organization: organization, contact: contact))
        }
    }

    private init(of domain: DomainName, _ counts: [TLSSessionCount], day: Int32, organization: String, contact: String) {
        self.organization = organization
        self.contact = contact
        let start = Timestamp(seconds: Int64(day) * 86_400)
        dateRange = DateRange(start: TLSReport.time(start), end: TLSReport.time(start + .seconds(86_399)))
        id = "\(dateRange.start.prefix(10))_\(domain)@\(organization)"
        policies = Dictionary(grouping: counts) { PolicyKey(policy: $0.kind.policy, lines: $0.kind.policyLines) }
            .sorted { ($0.key.policy.rawValue, $0.key.lines.joined()) < ($1.key.policy.rawValue, $1.key.lines.joined()) }
            .map { key, counts in TLSReport.entry(key, counts, domain) }
    }

    private struct PolicyKey: Hashable {
        var policy: TLSSessionKind.Policy
        var lines: [String]
    }

    private static func entry(_ key: PolicyKey, _ counts: [TLSSessionCount], _ domain: DomainName) -> Entry {
        var summary = Summary()
        var failures: [Failure] = []
        for count in counts {
            guard let fault = count.kind.fault else {
                summary.good += count.total
                continue
            }
            summary.failed += count.total
            failures.append(
                Failure(
                    type: fault.rawValue, sendingAddress: count.kind.sourceAddress?.description, receivingHost: count.kind.host,
                    receivingAddress: count.kind.address?.description, count: count.total, reason: count.kind.reason))
        }
        failures.sort {
            ($0.type, $0.receivingHost ?? "", $0.receivingAddress ?? "") < ($1.type, $1.receivingHost ?? "", $1.receivingAddress ?? "")
        }
        return Entry(
            policy: Policy(type: key.policy.rawValue, text: key.lines.isEmpty ? nil : key.lines, domain: domain.text), summary: summary,
            failures: failures)
    }

    private static func time(_ time: Timestamp) -> String { time.rfc3339.prefix(19) + "Z" }
}
