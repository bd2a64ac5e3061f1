import MailModel

/// Delivery reports of RFC 3464 in the frame of RFC 6522: a text for people, the facts for programs, and the message or its header.
///
/// The result is 7-bit, its lines end in CRLF and are at most 998 octets, whatever the request holds; nothing that came from a peer or
/// a client can add a field, a line or a part. Addresses and headers in UTF-8 use the types of RFC 6533.
package enum DeliveryReport {
    package static func compose(_ request: DeliveryReportRequest) -> [UInt8] {
        precondition(!request.recipients.isEmpty && (1...60).contains(request.boundary.utf8.count))
        precondition(request.boundary.utf8.allSatisfy { $0 == 0x2D || (0x30...0x39).contains($0) || (0x61...0x7A).contains($0 | 0x20) })
        let parts = [
            DeliveryReportPart.text(DeliveryReportText.compose(request)),
            DeliveryStatusFields.part(request),
            ReturnedContent.part(request),
        ]
        let boundary = unusedBoundary(request.boundary, parts)
        var report = Array(header(request, boundary: boundary).utf8)
        report += "This is a delivery report in MIME form (RFC 3464).\r\n".utf8
        for part in parts {
            report += "\r\n--\(boundary)\r\n".utf8
            report += part.header.utf8
            report += "\r\n".utf8
            report += part.body
        }
        report += "\r\n--\(boundary)--\r\n".utf8
        return report
    }

    private static func header(_ request: DeliveryReportRequest, boundary: String) -> String {
        let originalID = HeaderText.messageID(request.original.messageID)
        var header = HeaderText.structured("From", fromField(request))
        header += HeaderText.structured("To", mailboxField(request.to))
        header += HeaderText.unstructured("Subject", "\(subjectWord(request)): \(subject(request))")
        header += HeaderText.structured("Date", request.date.rfc5322)
        header += HeaderText.structured("Message-ID", "<\(HeaderText.messageID(request.messageID))>")
        if !originalID.isEmpty {
            header += HeaderText.structured("In-Reply-To", "<\(originalID)>")
            header += HeaderText.structured("References", "<\(originalID)>")
        }
        // RFC 3834 §5: nobody answers an answer of a machine.
        header += HeaderText.structured("Auto-Submitted", "auto-replied")
        header += HeaderText.structured("MIME-Version", "1.0")
        let reportType = DeliveryStatusFields.isInternational(request) ? "global-delivery-status" : "delivery-status"
        header += HeaderText.structured("Content-Type", "multipart/report; report-type=\(reportType); boundary=\"\(boundary)\"")
        return header + "\r\n"
    }

    private static func fromField(_ request: DeliveryReportRequest) -> String {
        request.from.isInternationalized ? mailboxField(request.from) : "\"Mail delivery at \(request.reportingHost)\" <\(request.from)>"
    }

    /// An address that ASCII cannot write is named by an empty group (RFC 6857 §3.1.1); the envelope carries it.
    private static func mailboxField(_ address: EmailAddress) -> String {
        address.isInternationalized ? "\(EncodedWord.encode(address.description)) :;" : "<\(address)>"
    }

    private static func subjectWord(_ request: DeliveryReportRequest) -> String {
        let actions = Set(request.recipients.map(\.action))
        if actions.contains(.failed) { return "Undeliverable" }
        if actions.contains(.delayed) { return "Delayed" }
        return actions == [.delivered] ? "Delivered" : "Relayed"
    }

    private static func subject(_ request: DeliveryReportRequest) -> String {
        request.original.subject.isEmpty ? "(no subject)" : FieldText.cut(request.original.subject, to: 200)
    }

    /// Lengthens the boundary until no part holds it. The caller's is random, so one round is already more than ever happens.
    private static func unusedBoundary(_ wished: String, _ parts: [DeliveryReportPart]) -> String {
        var boundary = wished
        for _ in 0..<boundaryRoundsMax where parts.contains(where: { ByteScan.contains(Array("--\(boundary)".utf8), in: $0.body) }) {
            boundary += "x"
        }
        return boundary
    }

    private static let boundaryRoundsMax = 10
}

/// One part of a report: its header without the empty line, and its encoded body.
struct DeliveryReportPart {
    var header: String
    var body: [UInt8]

    /// A part of text or fields: as it is where it is ASCII with lines that fit, else quoted-printable.
    static func text(_ text: String) -> DeliveryReportPart {
        encoded(Array(text.utf8), type: "text/plain; charset=utf-8", description: "Notification")
    }

    static func encoded(_ body: [UInt8], type: String, description: String) -> DeliveryReportPart {
        let start = "Content-Type: \(type)\r\nContent-Description: \(description)\r\n"
        guard ByteScan.hasEightBit(body, in: body.indices) || !hasShortLines(body) else {
            return DeliveryReportPart(header: start + "Content-Transfer-Encoding: 7bit\r\n", body: body)
        }
        return DeliveryReportPart(
            header: start + "Content-Transfer-Encoding: quoted-printable\r\n", body: QuotedPrintable.encode(body[...]))
    }

    static func hasShortLines(_ body: [UInt8]) -> Bool {
        var column = 0
        for byte in body {
            column = byte == 0x0A ? 0 : column + 1
            // The CR is counted too.
            if column > 999 { return false }
        }
        return true
    }
}
