import Foundation
import MailCorpus
import MailModel
import Testing

@testable import InternetMessage

/// A request about one message to one recipient; tests change what they are about.
func sampleRequest(content: [UInt8] = wire("From: a@b.example\nSubject: Hi\n\nbody\n")) -> DeliveryReportRequest {
    DeliveryReportRequest(
        reportingHost: DomainName("gate.example")!, from: EmailAddress("postmaster@gate.example")!, to: EmailAddress("a@b.example")!,
        date: Timestamp(seconds: 1_795_311_831), messageID: "report.1@gate.example", boundary: "bound-1",
        original: DeliveryReportRequest.Original(
            id: MessageID(7), arrivedAt: Timestamp(seconds: 1_795_311_000), envelopeID: "env 1", subject: "Hi", messageID: "m1@b.example",
            content: content, dsnReturn: nil),
        recipients: [
            DeliveryReportRequest.Recipient(
                recipient: EnvelopeRecipient(
                    EmailAddress("x@y.example")!, originalRecipient: OriginalRecipient(type: "rfc822", address: "x@list.example")),
                action: .failed, reply: SMTPReply(550, EnhancedStatusCode(5, 1, 1), ["No such user", "see https://y.example/help"]),
                isReplyLocal: false, remoteHost: "mx.y.example", lastAttemptAt: Timestamp(seconds: 1_795_311_830))
        ])
}

@Suite struct DeliveryReportTests {
    private func text(_ request: DeliveryReportRequest) -> String { String(decoding: DeliveryReport.compose(request), as: UTF8.self) }

    /// 7-bit, CRLF only, no line too long.
    private func isFitForTheWire(_ report: [UInt8]) -> Bool {
        var column = 0
        for (index, byte) in report.enumerated() {
            if byte == 0x0A, index == 0 || report[index - 1] != 0x0D { return false }
            if byte == 0x0D, index + 1 >= report.count || report[index + 1] != 0x0A { return false }
            column = byte == 0x0A ? 0 : column + 1
            if column > 999 || byte >= 0x80 || byte == 0 { return false }
        }
        return true
    }

    @Test func saysWhatHappenedWhoMustActAndWhatWasAnswered() {
        let report = text(sampleRequest())
        for expected in [
            "Subject: Undeliverable: Hi\r\n", "Auto-Submitted: auto-replied\r\n", "In-Reply-To: <m1@b.example>\r\n",
            "To: <a@b.example>\r\n",
            "Your message could not be delivered to one recipient.", "The address does not exist", "Who must act:\r\n    You.",
            "What mx.y.example answered:\r\n    550 5.1.1 No such user\r\n    550 5.1.1 see https://y.example/help\r\n",
            "(you wrote to x@list.example)", "Original-Envelope-Id: env 1\r\n", "Reporting-MTA: dns; gate.example\r\n",
            "Original-Recipient: rfc822; x@list.example\r\n", "Final-Recipient: rfc822; x@y.example\r\n", "Action: failed\r\n",
            "Status: 5.1.1\r\n",
            "Remote-MTA: dns; mx.y.example\r\n", "Diagnostic-Code: smtp; 550 5.1.1 No such user see https://y.example/help\r\n",
            "Last-Attempt-Date: Sun, 22 Nov 2026 01:43:50 +0000\r\n", "Content-Type: message/rfc822\r\n",
            "\r\n\r\nFrom: a@b.example\r\nSubject: Hi\r\n\r\nbody\r\n\r\n--bound-1--\r\n",
        ] {
            #expect(report.contains(expected), "missing: \(expected)")
        }
        #expect(!report.contains("Will-Retry-Until"))
    }

    @Test func aDelaySaysUntilWhenItIsTried() {
        var request = sampleRequest()
        request.recipients[0].action = .delayed
        request.recipients[0].reply = SMTPReply(421, nil, "later")
        request.recipients[0].retryUntil = Timestamp(seconds: 1_795_400_000)
        let report = text(request)
        for expected in [
            "Subject: Delayed: Hi\r\n", "Action: delayed\r\n", "Status: 4.3.2\r\n", "Will-Retry-Until: ",
            "You do not need to send it again.",
            "Content-Type: text/rfc822-headers",
        ] {
            #expect(report.contains(expected), "missing: \(expected)")
        }
    }

    @Test func successIsToldAsWhatItIs() {
        var request = sampleRequest()
        request.recipients[0].action = .relayed
        request.recipients[0].reply = SMTPReply(250, nil, "queued as 1")
        #expect(text(request).contains("Subject: Relayed: Hi\r\n"))
        #expect(text(request).contains("Action: relayed\r\nStatus: 2.0.0\r\n"))
        request.recipients[0].action = .delivered
        #expect(text(request).contains("Subject: Delivered: Hi\r\n"))
    }

    @Test(
        arguments: [
            (550, nil, DeliveryReportRequest.Action.failed, "5.0.0"), (552, nil, .failed, "5.2.2"), (450, nil, .failed, "4.2.0"),
            (550, "4.2.1", .delayed, "4.2.1"), (550, "5.7.1", .delayed, "4.7.1"), (250, "2.1.5", .failed, "5.1.5"),
            (250, "2.1.5", .delivered, "2.1.5"),
        ] as [(Int, String?, DeliveryReportRequest.Action, String)])
    func theStatusFitsTheAction(_ code: Int, _ enhanced: String?, _ action: DeliveryReportRequest.Action, _ status: String) {
        var recipient = sampleRequest().recipients[0]
        recipient.action = action
        recipient.reply = SMTPReply(code, enhanced.flatMap { EnhancedStatusCode($0) }, "x")
        #expect(recipient.effectiveStatus.description == status)
        recipient.status = EnhancedStatusCode(4, 4, 7)
        #expect(recipient.effectiveStatus.description == "4.4.7")
    }

    @Test(arguments: [
        ("5.1.1", "does not exist", DeliveryAdvice.Responsible.sender), ("5.2.2", "full", .recipient), ("5.3.4", "too large", .sender),
        ("5.7.26", "could not verify", .administrator), ("5.7.99", "security or policy", .administrator),
        ("4.4.7", "in the time", .recipientAdministrator),
        ("5.4.4", "No mail system", .sender), ("5.4.14", "way to", .recipientAdministrator), ("5.0.0", "refused", .sender),
        ("4.0.0", "for now", .recipientAdministrator),
    ])
    func adviceFollowsTheCode(_ code: String, _ words: String, _ responsible: DeliveryAdvice.Responsible) throws {
        let advice = DeliveryAdvice.advice(for: try #require(EnhancedStatusCode(code)))
        #expect(advice.meaning.contains(words) && advice.responsible == responsible)
    }

    @Test func nothingFromOutsideAddsALineOrAPart() {
        var request = sampleRequest()
        request.original.subject = "a\r\nBcc: evil@x\r\n\r\n--bound-1\r\n\u{2028}"
        request.original.messageID = "x>\r\nBcc: y"
        request.original.envelopeID = "e\r\n\r\nAction: delivered"
        request.recipients[0].recipient.originalRecipient = OriginalRecipient(type: "rfc\r\n822;", address: "a\r\nStatus: 2.0.0")
        request.recipients[0].remoteHost = "h\r\nX-Evil: 1 " + String(repeating: "z", count: 3000)
        request.original.content = wire("From: a@b\nSubject: x\n\n--bound-1\n--bound-1--\n")
        let report = DeliveryReport.compose(request)
        let lines = String(decoding: report, as: UTF8.self).split(separator: "\r\n")
        #expect(isFitForTheWire(report))
        for start in ["Bcc:", "Action: delivered", "Status: 2", "X-Evil"] { #expect(!lines.contains { $0.hasPrefix(start) }) }
        #expect(lines.count { $0 == "--bound-1x" } == 3)
    }

    @Test func aLargeOrUnwantedMessageReturnsItsHeader() {
        var large = sampleRequest()
        large.original.returnedBytesMax = large.original.content.count - 1
        #expect(text(large).contains("Content-Type: text/rfc822-headers\r\n"))
        #expect(!text(large).contains("\r\nbody\r\n"))
        var request = sampleRequest()
        request.original.dsnReturn = .headers
        #expect(!text(request).contains("\r\nbody\r\n"))
    }

    @Test func internationalAddressesUseTheTypesForThem() {
        var request = sampleRequest(content: wire("From: j\u{F6}rg@b.example\nSubject: \u{E4}\n\nbody\n"))
        request.to = EmailAddress("j\u{F6}rg@b.example")!
        request.original.subject = String(repeating: "\u{E4}\u{1F600}", count: 150)
        request.recipients[0].recipient = EnvelopeRecipient(EmailAddress("\u{E4}@y.example")!)
        let report = DeliveryReport.compose(request)
        #expect(isFitForTheWire(report))
        let text = String(decoding: report, as: UTF8.self)
        for expected in [
            "report-type=global-delivery-status", "Content-Type: message/global-delivery-status", "Content-Type: message/global\r\n",
            "Final-Recipient: utf-8; =C3=A4@y.example",
        ] {
            #expect(text.contains(expected), "missing: \(expected)")
        }
        #expect(text.contains("To: =?UTF-8?B?asO2cmdAYi5leGFtcGxl?= :;\r\n"))
    }

    @Test(.enabled(if: Python.isThere, "needs \(Python.path)"))
    func pythonReadsWhatWeWrote() throws {
        var request = sampleRequest(content: wire("From: a@b.example\nSubject: Hi\nContent-Transfer-Encoding: 8bit\n\ncaf\u{E9}\n"))
        request.original.subject = "Gr\u{FC}\u{DF}e " + String(repeating: "long ", count: 30)
        request.recipients += (0..<120).map { index in
            var recipient = request.recipients[0]
            recipient.recipient = EnvelopeRecipient(EmailAddress("r\(index)@y.example")!)
            recipient.reply = SMTPReply(552, nil, "voll: \u{FC}berlauf " + String(repeating: "w", count: 400))
            return recipient
        }
        let report = DeliveryReport.compose(request)
        #expect(isFitForTheWire(report))
        try withTemporaryDirectory { directory in
            let file = directory.appendingPathComponent("report.eml")
            try Data(report).write(to: file)
            let (output, isSuccess) = try Python.run(readReport, [file.path])
            #expect(isSuccess, "\(output)")
            #expect(output.contains("recipients 121"))
            #expect(output.contains("subject Undeliverable: Gr\u{FC}\u{DF}e long"))
            #expect(output.contains("returned caf\u{E9}"))
        }
    }
}

private let readReport = """
    import email, email.policy, sys
    m = email.message_from_bytes(open(sys.argv[1], 'rb').read(), policy=email.policy.default)
    assert m.get_content_type() == 'multipart/report' and m.get_param('report-type') == 'delivery-status'
    assert not m.defects, m.defects
    assert m['Auto-Submitted'] == 'auto-replied' and m['From'].addresses[0].addr_spec == 'postmaster@gate.example'
    text, status, returned = m.iter_parts()
    assert text.get_content_type() == 'text/plain' and status.get_content_type() == 'message/delivery-status'
    blocks = status.get_payload()
    assert blocks[0]['Reporting-MTA'] == 'dns; gate.example' and blocks[0]['Original-Envelope-Id'] == 'env 1'
    assert all(b['Action'] == 'failed' and b['Status'] and b['Final-Recipient'] and b['Diagnostic-Code'] for b in blocks[1:])
    print('recipients', len(blocks) - 1)
    print('subject', m['Subject'])
    print('returned', returned.get_payload()[0].get_payload(decode=True).decode())
    """
