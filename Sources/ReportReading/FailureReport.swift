package import MailModel

/// What a receiver says of one message that failed DMARC (RFC 9991, RFC 6591). Of the message itself nothing is kept: it is people's mail.
package struct FailureReport: Codable, Hashable, Sendable {
    /// The domain in From.
    package var domain: String
    /// Who handed the message in; nil where that is not said.
    package var address: IPAddress?
    /// `dmarc`, `dkim`, `spf`, …; in lower case.
    package var failure: String
    /// `spf`, `dkim`, `none`: what was aligned.
    package var alignment: String
    /// `delivered`, `spam`, `policy`, `reject`, `other`; empty where nothing is said.
    package var delivery: String
    package var reporter: String
    package var incidents: Int

    /// `body`: of the part `message/feedback-report`.
    static func read(_ body: [UInt8]) -> Result<FailureReport, ReportFault> {
        var fields: [String: String] = [:]
        var last = ""
        for line in String(decoding: body, as: UTF8.self).split(whereSeparator: \.isNewline) {
            if let first = line.first, first == " " || first == "\t" {
                fields[last]?.append(" \(line.drop { $0 == " " || $0 == "\t" })")
                continue
            }
            guard let colon = line.firstIndex(of: ":") else { continue }
            last = line[..<colon].lowercased()
            if fields[last] == nil { fields[last] = String(line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }) }
        }
        guard let type = fields["feedback-type"]?.lowercased() else { return .failure(ReportFault("its feedback report names no type")) }
        guard type == "auth-failure" else {
            return .failure(ReportFault("its feedback report is of type \(type.prefix(50)): no failure of DMARC"))
        }
        guard let domain = (fields["reported-domain"] ?? fields["dkim-domain"]).flatMap({ DomainName($0) }) else {
            return .failure(ReportFault("it names no domain"))
        }
        return .success(
            FailureReport(
                domain: domain.text, address: fields["source-ip"].flatMap { IPAddress($0) },
                failure: (fields["auth-failure"] ?? "").lowercased(), alignment: (fields["identity-alignment"] ?? "").lowercased(),
                delivery: (fields["delivery-result"] ?? "").lowercased(), reporter: fields["reporting-mta"] ?? fields["user-agent"] ?? "",
                incidents: fields["incidents"].flatMap { Int($0) }.map { min(max($0, 1), 1_000_000) } ?? 1))
    }
}
