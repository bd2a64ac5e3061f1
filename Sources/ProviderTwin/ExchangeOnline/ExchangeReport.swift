package import MailModel

/// A report that a message was not delivered, in the form of the service.
package struct ExchangeReport: Sendable, Hashable {
    package var id: String
    package var to: EmailAddress
    package var recipient: EmailAddress
    package var reason: SMTPReply
    package var subject: String
    package var messageID: String
    /// The domain that the report comes from.
    package var tenant: String
    package var at: Timestamp

    /// The whole message; its reverse-path is null, and it leaves through the high-risk pool.
    package var content: [UInt8] {
        let boundary = "_\(id)_report"
        let inner = "_\(id)_text"
        let status = reason.enhancedCode.map { "\($0)" } ?? "5.0.0"
        let date = at.rfc5322
        let original = messageID.isEmpty ? "" : "In-Reply-To: \(messageID)\r\nReferences: \(messageID)\r\n"
        let lines = [
            "From: <postmaster@\(tenant)>", "To: \(to)", "Date: \(date)", "Message-ID: <\(id)@\(ExchangeOnline.host)>",
            "Subject: Undeliverable: \(field(subject))", "Auto-Submitted: auto-replied", "X-MS-Exchange-Message-Is-Ndr:",
            "Content-Language: en-US", "MIME-Version: 1.0",
            "Content-Type: multipart/report; report-type=delivery-status;\r\n boundary=\"\(boundary)\"",
        ]
        let advice = ExchangeReport.advice(reason)
        let text =
            "Delivery has failed to these recipients or groups:\r\n\r\n\(recipient)\r\n\(advice)\r\n\r\n"
            + "Diagnostic information for administrators:\r\n\r\nGenerating server: \(ExchangeOnline.host)\r\n\r\n\(recipient)\r\n"
            + "Remote Server returned '\(reason)'\r\n"
        return Array(
            (lines.joined(separator: "\r\n") + "\r\n" + original + "\r\n--\(boundary)\r\n"
                + "Content-Type: multipart/alternative; differences=Content-Type;\r\n boundary=\"\(inner)\"\r\n\r\n"
                + "--\(inner)\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n\(text)\r\n--\(inner)--\r\n"
                + "--\(boundary)\r\nContent-Type: message/delivery-status\r\n\r\n"
                + "Reporting-MTA: dns;\(ExchangeOnline.host)\r\nReceived-From-MTA: dns;\(ExchangeOnline.frontEnd)\r\n"
                + "Arrival-Date: \(date)\r\n\r\nFinal-Recipient: rfc822;\(recipient)\r\nAction: failed\r\nStatus: \(status)\r\n"
                + "Diagnostic-Code: smtp;\(reason)\r\n\r\n--\(boundary)\r\nContent-Type: message/rfc822\r\n\r\n"
                + "Subject: \(field(subject))\r\n\(messageID.isEmpty ? "" : "Message-ID: \(messageID)\r\n")\r\n"
                + "--\(boundary)--\r\n").utf8)
    }

    /// A subject may not bring line ends or octets that a header may not hold.
    private func field(_ text: String) -> String {
        String(decoding: text.utf8.prefix(200).map { (0x20...0x7E).contains($0) ? $0 : 0x3F }, as: UTF8.self)
    }

    private static func advice(_ reason: SMTPReply) -> String {
        switch reason.enhancedCode {
        case EnhancedStatusCode(5, 1, 8):
            "Your message couldn't be delivered because you weren't recognized as a valid sender. The most common reason for this is that "
                + "your email address is suspected of sending spam and it's no longer allowed to send email. Contact your email admin for "
                + "assistance."
        case EnhancedStatusCode(5, 1, 10):
            "The email address you entered couldn't be found. Please check the recipient's email address and try to resend the message."
        default: "Your message couldn't be delivered. Contact your email admin for assistance."
        }
    }
}
