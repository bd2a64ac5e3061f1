import Foundation

/// What a sender says of its TLS sessions towards a domain (RFC 8460 §4.4).
package struct ReceivedTLSReport: Codable, Hashable, Sendable {
    package struct Failure: Codable, Hashable, Sendable {
        /// `certificate-expired`, `starttls-not-supported`, …
        package var type: String
        package var host: String
        package var sessions: Int
        package var reason: String
    }

    package struct Policy: Codable, Hashable, Sendable {
        package var domain: String
        /// `sts`, `tlsa`, `no-policy-found`.
        package var type: String
        package var good: Int
        package var failed: Int
        package var failures: [Failure]
    }

    package var organization: String
    package var contact: String
    package var id: String
    /// As they stand there: RFC 3339.
    package var begin: String
    package var end: String
    package var policies: [Policy]

    static func read(_ octets: [UInt8]) -> Result<ReceivedTLSReport, ReportFault> {
        let form: TLSReportForm
        do {
            form = try JSONDecoder().decode(TLSReportForm.self, from: Data(octets))
        } catch {
            return .failure(ReportFault("its JSON is no report on TLS"))
        }
        let isBounded =
            form.policies.count <= ReportLimits.policiesMax
            && form.policies.allSatisfy { ($0.failures?.count ?? 0) <= ReportLimits.policiesMax }
        guard isBounded else { return .failure(ReportFault("it has more than \(ReportLimits.policiesMax) policies or failures")) }
        return .success(ReceivedTLSReport(form))
    }

    private init(_ form: TLSReportForm) {
        organization = ReceivedTLSReport.cut(form.organization)
        contact = ReceivedTLSReport.cut(form.contact)
        id = ReceivedTLSReport.cut(form.id)
        begin = ReceivedTLSReport.cut(form.range?.begin)
        end = ReceivedTLSReport.cut(form.range?.end)
        policies = form.policies.map { entry in
            Policy(
                domain: ReceivedTLSReport.cut(entry.policy.domain).lowercased(), type: ReceivedTLSReport.cut(entry.policy.type),
                good: max(entry.summary?.good ?? 0, 0), failed: max(entry.summary?.failed ?? 0, 0),
                failures: (entry.failures ?? []).map {
                    Failure(
                        type: ReceivedTLSReport.cut($0.type), host: ReceivedTLSReport.cut($0.host), sessions: max($0.sessions ?? 0, 0),
                        reason: ReceivedTLSReport.cut($0.reason))
                })
        }
    }

    private static func cut(_ text: String?) -> String { String((text ?? "").prefix(500)) }
}

/// The JSON as it comes; what is missing is missing.
private struct TLSReportForm: Decodable {
    struct Range: Decodable {
        var begin: String?
        var end: String?

        enum CodingKeys: String, CodingKey {
            case begin = "start-datetime"
            case end = "end-datetime"
        }
    }

    struct Policy: Decodable {
        var domain: String
        var type: String?

        enum CodingKeys: String, CodingKey {
            case domain = "policy-domain"
            case type = "policy-type"
        }
    }

    struct Summary: Decodable {
        var good: Int?
        var failed: Int?

        enum CodingKeys: String, CodingKey {
            case good = "total-successful-session-count"
            case failed = "total-failure-session-count"
        }
    }

    struct Failure: Decodable {
        var type: String?
        var host: String?
        var sessions: Int?
        var reason: String?

        enum CodingKeys: String, CodingKey {
            case type = "result-type"
            case host = "receiving-mx-hostname"
            case sessions = "failed-session-count"
            case reason = "failure-reason-code"
        }
    }

    struct Entry: Decodable {
        var policy: Policy
        var summary: Summary?
        var failures: [Failure]?

        enum CodingKeys: String, CodingKey {
            case policy, summary
            case failures = "failure-details"
        }
    }

    var organization: String?
    var contact: String?
    var id: String?
    var range: Range?
    var policies: [Entry]

    enum CodingKeys: String, CodingKey {
        case organization = "organization-name"
        case contact = "contact-info"
        case id = "report-id"
        case range = "date-range"
        case policies
    }
}
