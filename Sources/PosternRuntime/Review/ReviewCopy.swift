import DeliveryPlanning
import InternetMessage
import MailModel

/// A copy of a suspicious message for the reviewer: attached as it is, behind the reasons. It is Postern's own mail, which nothing scans or copies.
struct ReviewCopy {
    var record: MessageRecord
    var content: [UInt8]
    var reviewer: EmailAddress

    var mail: OwnMail {
        let isEightBit = content.contains { $0 >= 0x80 }
        return OwnMail(
            recipient: reviewer, subject: OwnMail.line("[suspicious] \(record.subject)"),
            finding: Finding(
                rule: "notice.review-copy", matched: record.id.description, explanation: "A copy of suspicious message \(record.id)."),
            isEightBit: isEightBit
        ) { [self] header in
            let boundary = "review-\(header.seed)"
            var start = ComposedMessage(from: header.from)
            start.to = ["\(reviewer)"]
            start.subject = header.subject
            start.headers = OwnMail.automatic
            start.text = text
            // The builder writes and checks the header; the body is ours, since message/rfc822 must not be encoded (RFC 2046 §5.2.1).
            guard let written = try? MessageBuilder.build(start, boundarySeed: header.seed),
                let section = try? HeaderSection.scan(written).get()
            else { return nil }
            var octets = header.first
            for field in section.fields where !field.lowercaseName(in: written).hasPrefix("content-") { octets += written[field.whole] }
            let parts = [
                "Content-Type: multipart/mixed; boundary=\"\(boundary)\"", "", "--\(boundary)", "Content-Type: text/plain; charset=utf-8",
                "Content-Transfer-Encoding: base64", "", Base64Lines.text(Array(text.utf8)), "", "--\(boundary)",
                "Content-Type: message/rfc822", "Content-Transfer-Encoding: \(isEightBit ? "8bit" : "7bit")",
                "Content-Disposition: attachment; filename=\"\(record.id).eml\"", "", "",
            ]
            octets += Array(parts.joined(separator: "\r\n").utf8)
            octets += content
            octets += Array("\r\n--\(boundary)--\r\n".utf8)
            return octets
        }
    }

    private var text: String {
        var lines = ["This message looked suspicious. It was not stopped: this is a copy.", ""]
        lines += ["Sender     \(record.sender)", "Subject    \(record.subject)", "Recipients \(record.recipientCount)"]
        if let scan = record.scan {
            lines += ["Score      \(scan.score)", ""]
            lines += scan.findings.prefix(20).map { "\($0.weight)  \($0.finding.explanation) \($0.finding.matched)" }
        }
        lines += ["", "All of it: postern explain \(record.id)", ""]
        return lines.joined(separator: "\r\n")
    }
}

enum Base64Lines {
    /// Lines of 76 characters between CRLF.
    static func text(_ octets: [UInt8]) -> String {
        let all = Base64.encode(octets)
        return stride(from: 0, to: all.count, by: 76).map { String(decoding: all[$0..<min($0 + 76, all.count)], as: UTF8.self) }
            .joined(separator: "\r\n")
    }
}
