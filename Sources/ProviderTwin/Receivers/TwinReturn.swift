package import MailModel

/// A message that a receiver sends because of one that it took: a late bounce, a complaint, an automatic answer.
package struct TwinReturn: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        case bounce, complaint, absence
    }

    package var kind: Kind
    /// Nil: `<>`.
    package var sender: EmailAddress?
    package var recipient: EmailAddress
    /// Whose key is to sign it; nil for none.
    package var signer: DomainName?
    /// Lines end in CRLF.
    package var content: [UInt8]
}

/// What a receiver does with a message after its 250, by how the recipient's local part begins.
///
/// | local part | what comes back | after the model of |
/// | --- | --- | --- |
/// | `late-unknown…` | a delivery report of 5.1.1 | gateways that look for the mailbox later |
/// | `late-full…` | a delivery report of 5.2.2 | the same |
/// | `late-blocked…` | a delivery report of 5.7.1 that names a blocklist: the sender's own fault | filters behind the gateway |
/// | `complains…` | a complaint (RFC 5965), signed; Yahoo and Outlook.com only, as of the others none is known by message | feedback loops |
/// | `away…` | an automatic answer (RFC 3834) | people on holiday |
package enum AfterAcceptance: Sendable, Hashable {
    case bounce(SMTPReply)
    case complaint
    case absence

    package init?(_ recipient: EmailAddress) {
        let name = recipient.localPart.lowercased()
        func reply(_ subject: Int, _ detail: Int, _ text: String) -> SMTPReply {
            SMTPReply(550, EnhancedStatusCode(5, subject, detail), text)
        }
        if name.hasPrefix("late-unknown") {
            self = .bounce(reply(1, 1, "<\(recipient)>: User unknown"))
        } else if name.hasPrefix("late-full") {
            self = .bounce(reply(2, 2, "<\(recipient)>: Mailbox full"))
        } else if name.hasPrefix("late-blocked") {
            self = .bounce(reply(7, 1, "Service unavailable; client host blocked using zen.spamhaus.org"))
        } else if name.hasPrefix("complains") {
            self = .complaint
        } else if name.hasPrefix("away") {
            self = .absence
        } else {
            return nil
        }
    }
}

extension ReceiverProvider {
    /// Who signs its complaints; nil where complaints do not come by message.
    package var complaintSigner: String? {
        switch self {
        case .yahoo: "arf.mail.yahoo.com"
        case .outlook: "outlook.com"
        case .gmail, .apple, .postfix: nil
        }
    }

    /// What comes back for one recipient of a message; nil for nothing. `number`: of the message, by this receiver. `complaints`: where
    /// the sender's feedback loop ends; nil where none was enrolled.
    package func sendsBack(
        _ recipient: EmailAddress, reversePath: ReversePath, content: [UInt8], number: String, complaints: EmailAddress?, at now: Timestamp
    ) -> TwinReturn? {
        let form = TwinReturnForm(
            provider: self, recipient: recipient, reversePath: reversePath, original: content, number: number, at: now)
        switch (AfterAcceptance(recipient), reversePath.address) {
        case (.bounce(let reply), let sender?): return TwinReturn(kind: .bounce, recipient: sender, content: form.bounce(reply))
        case (.absence, let sender?): return TwinReturn(kind: .absence, recipient: sender, content: form.absence())
        case (.complaint, _):
            guard let complaints, let signer = complaintSigner.flatMap({ DomainName($0) }),
                let from = EmailAddress("feedback@\(signer)")
            else { return nil }
            let content = form.complaint(from, to: complaints)
            return TwinReturn(kind: .complaint, sender: from, recipient: complaints, signer: signer, content: content)
        default: return nil
        }
    }
}

/// The octets of what is sent back.
private struct TwinReturnForm {
    let provider: ReceiverProvider
    let recipient: EmailAddress
    let reversePath: ReversePath
    let original: [UInt8]
    let number: String
    let at: Timestamp

    private static let originalBytesMax = 32_768

    /// Of the original, so that it cannot stand in it.
    private var boundary: String { "=_\(number)_\(at.milliseconds)" }

    private func header(_ from: String, _ to: String, _ subject: String, _ fields: [String]) -> String {
        let common = [
            "From: \(from)", "To: <\(to)>", "Subject: \(subject)", "Date: \(at.rfc5322)",
            "Message-ID: <\(number).\(at.milliseconds)@\(provider.mailHost)>", "MIME-Version: 1.0",
        ]
        return (common + fields).joined(separator: "\r\n") + "\r\n\r\n"
    }

    private func report(_ type: String, _ parts: [(type: String, body: [UInt8])]) -> [UInt8] {
        var body: [UInt8] = []
        for part in parts {
            body += "--\(boundary)\r\nContent-Type: \(part.type)\r\n\r\n".utf8
            body += part.body
            body += "\r\n".utf8
        }
        return body + "--\(boundary)--\r\n".utf8
    }

    private var originalHeader: [UInt8] {
        var end = 0
        while end < original.count, end < TwinReturnForm.originalBytesMax {
            if original[end...].starts(with: [0x0D, 0x0A, 0x0D, 0x0A]) { return Array(original[..<(end + 2)]) }
            end += 1
        }
        return Array(original[..<end])
    }

    func bounce(_ reply: SMTPReply) -> [UInt8] {
        let status = [
            "Reporting-MTA: dns; \(provider.mailHost)", "Arrival-Date: \(at.rfc5322)", "", "Final-Recipient: rfc822; \(recipient)",
            "Action: failed", "Status: \(reply.enhancedCode.map { "\($0)" } ?? "5.0.0")",
            "Diagnostic-Code: smtp; \(reply.code) \(reply.enhancedCode.map { "\($0) " } ?? "")\(reply.text)", "",
        ]
        let text = "Your message to <\(recipient)> could not be delivered.\r\n\(reply.text)\r\n"
        let head = header(
            "Mail Delivery Subsystem <mailer-daemon@\(provider.mailHost)>", "\(reversePath.address.map { "\($0)" } ?? "")",
            "Delivery Status Notification (Failure)",
            [
                "Auto-Submitted: auto-replied",
                "Content-Type: multipart/report; report-type=delivery-status; boundary=\"\(boundary)\"",
            ])
        return Array(head.utf8)
            + report(
                "delivery-status",
                [
                    ("text/plain; charset=us-ascii", Array(text.utf8)),
                    ("message/delivery-status", Array(status.joined(separator: "\r\n").utf8)), ("text/rfc822-headers", originalHeader),
                ])
    }

    func complaint(_ from: EmailAddress, to: EmailAddress) -> [UInt8] {
        let facts = [
            "Feedback-Type: abuse", "User-Agent: Twin-Feedback/1.0", "Version: 1", "Original-Mail-From: \(reversePath)",
            "Original-Rcpt-To: <\(recipient)>", "Arrival-Date: \(at.rfc5322)", "",
        ]
        let head = header(
            "<\(from)>", "\(to)", "Complaint about a message",
            ["Content-Type: multipart/report; report-type=feedback-report; boundary=\"\(boundary)\""])
        return Array(head.utf8)
            + report(
                "feedback-report",
                [
                    ("text/plain; charset=us-ascii", Array("A reader says that the message below is not wanted.\r\n".utf8)),
                    ("message/feedback-report", Array(facts.joined(separator: "\r\n").utf8)),
                    ("message/rfc822", Array(original.prefix(TwinReturnForm.originalBytesMax))),
                ])
    }

    func absence() -> [UInt8] {
        let head = header(
            "<\(recipient)>", "\(reversePath.address.map { "\($0)" } ?? "")", "Out of office",
            ["Auto-Submitted: auto-replied", "Content-Type: text/plain; charset=us-ascii"])
        return Array((head + "I am away, and read your message when I am back.\r\n").utf8)
    }
}
