import Foundation
import MailModel

/// A TLS report as mail (RFC 8460 §5.3).
struct TLSReportMail {
    var report: TLSReport
    var domain: DomainName
    /// As it stands in From.
    var sender: EmailAddress
    var recipient: EmailAddress

    var subject: String { "Report Domain: \(domain) Submitter: \(report.organization) Report-ID: <\(report.id)>" }

    /// `boundarySeed`: unique, letters and digits.
    func content(gzip: [UInt8], messageID: String, at now: Timestamp, boundarySeed: String) -> [UInt8] {
        let boundary = "tlsrpt-\(boundarySeed)"
        let name = "\(report.organization)!\(domain)!\(report.dateRange.start.prefix(10))!\(report.dateRange.end.prefix(10)).json.gz"
        var lines = [
            "Date: \(now.rfc5322)", "Message-ID: <\(messageID)>", "From: Postern <\(sender)>", "To: <\(recipient)>",
            "Subject: Report Domain: \(domain)", " Submitter: \(report.organization)", " Report-ID: <\(report.id)>",
            "TLS-Report-Domain: \(domain)", "TLS-Report-Submitter: \(report.organization)",
            // News of broken TLS must get through where TLS is broken (RFC 8460 §3, RFC 8689 §5).
            "TLS-Required: No", "Auto-Submitted: auto-generated", "MIME-Version: 1.0",
            "Content-Type: multipart/report; report-type=\"tlsrpt\";", " boundary=\"\(boundary)\"", "", "--\(boundary)",
            "Content-Type: text/plain; charset=us-ascii", "",
            "This is a report on TLS towards the mail hosts of \(domain), as seen by",
            "\(report.organization) on \(report.dateRange.start.prefix(10)).", "",
            "--\(boundary)", "Content-Type: application/tlsrpt+gzip", "Content-Transfer-Encoding: base64",
            "Content-Disposition: attachment;", " filename=\"\(name)\"", "",
        ]
        lines.append(Data(gzip).base64EncodedString(options: [.lineLength76Characters, .endLineWithCarriageReturn, .endLineWithLineFeed]))
        lines += ["--\(boundary)--", ""]
        return Array(lines.joined(separator: "\r\n").utf8)
    }
}
