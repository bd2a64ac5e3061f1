import MailCorpus
import MailModel
import Testing

@testable import InternetMessage

@Suite struct SubmissionEditsTests {
    private let trace = ReceivedTrace(
        clientName: "client.example", clientAddress: IPAddress("192.0.2.7"), host: DomainName("mx.example")!,
        transfer: [.extended, .tls, .authenticated], tlsVersion: "TLSv1.3", id: MessageID(0), recipient: EmailAddress("r@s.example"),
        at: Timestamp(seconds: 1_795_311_831))

    private func edit(
        _ text: String, received: ReceivedTrace? = nil, date: Timestamp? = nil, messageID: String? = nil,
        bcc: SubmissionEdits.BccTreatment = .remove
    ) throws -> String {
        let content = wire(text)
        let edited = SubmissionEdits.apply(
            to: content, header: try HeaderSection.scan(content).get(), received: received ?? trace, date: date, messageID: messageID,
            bcc: bcc)
        return String(decoding: edited, as: UTF8.self)
    }

    @Test func putsTheTraceOnTopAndChangesNothingElse() throws {
        #expect(
            try edit("From: a@b\n\nbody\n")
                == "Received: from client.example ([192.0.2.7])\r\n\tby mx.example (Postern) with ESMTPSA id 0000000000000\r\n"
                + "\t(using TLSv1.3)\r\n\tfor <r@s.example>;\r\n\tSun, 22 Nov 2026 01:43:51 +0000\r\nFrom: a@b\r\n\r\nbody\r\n")
    }

    @Test func addsWhatIsMissing() throws {
        let edited = try edit("From: a@b\n\n", date: Timestamp(seconds: 0), messageID: "x\r\ny>@z")
        #expect(edited.hasSuffix("\r\nDate: Thu, 1 Jan 1970 00:00:00 +0000\r\nMessage-ID: <xy@z>\r\nFrom: a@b\r\n\r\n"))
    }

    @Test func removesEveryBccUnlessAskedNotTo() throws {
        let text = "bcc: x@y\nFrom: a@b\nBcc: c@d,\n e@f\nTo: g@h\n\nBcc: stays\n"
        #expect(try edit(text).hasSuffix("\r\nFrom: a@b\r\nTo: g@h\r\n\r\nBcc: stays\r\n"))
        #expect(try edit(text, bcc: .keep).hasSuffix("\r\nbcc: x@y\r\nFrom: a@b\r\nBcc: c@d,\r\n e@f\r\nTo: g@h\r\n\r\nBcc: stays\r\n"))
    }

    /// RFC 8601 §5: nobody else says what we found.
    @Test(arguments: [
        "Authentication-Results: mx.example; spf=pass", "authentication-results:MX.Example.; dkim=pass",
        "Authentication-Results: (x) mx.example 1; none",
        "Authentication-Results:\n \"mx.example\"; spf=pass", "Authentication-Results: mx.example",
    ]) func removesResultsInOurName(field: String) throws {
        #expect(try edit("\(field)\nFrom: a@b\n\n").hasSuffix("\r\nFrom: a@b\r\n\r\n"))
    }

    @Test(arguments: ["Authentication-Results: mx.example.org; spf=pass", "X-Authentication-Results: mx.example; spf=pass"])
    func keepsResultsOfOthers(field: String) throws {
        #expect(try edit("\(field)\nFrom: a@b\n\n").hasSuffix("\r\n\(field)\r\nFrom: a@b\r\n\r\n"))
    }

    @Test func aClientNameCannotAddAField() throws {
        var hostile = trace
        hostile.clientName = "x\r\nBcc: y (a;b) \u{E4}"
        #expect(hostile.field.hasPrefix("Received: from x??Bcc:?y??a?b???? ([192.0.2.7])\r\n\tby"))
        hostile.clientName = ""
        #expect(hostile.field.hasPrefix("Received: from unknown ("))
    }

    @Test func namesTheTransferAsTheRegistryDoes() {
        let table: [(ReceivedTrace.Transfer, String)] = [
            ([], "SMTP"), ([.extended], "ESMTP"), ([.extended, .tls], "ESMTPS"), ([.extended, .authenticated], "ESMTPA"),
            ([.extended, .tls, .authenticated, .internationalized], "UTF8SMTPSA"),
        ]
        for (transfer, keyword) in table { #expect(transfer.keyword == keyword) }
    }

    @Test func internationalNamesStandOnlyInInternationalMail() {
        var trace = trace
        trace.recipient = EmailAddress("j\u{F6}rg@b.example")
        #expect(!trace.field.contains("for <"))
        trace.transfer.insert(.internationalized)
        #expect(trace.field.contains("for <j\u{F6}rg@b.example>"))
    }

    @Test func aMessageWithoutHeaderGetsOne() throws {
        #expect(try edit("\nbody\n").hasSuffix("+0000\r\n\r\nbody\r\n"))
        #expect(
            SubmissionEdits.apply(to: [], header: try HeaderSection.scan([]).get(), received: trace, date: nil, messageID: nil).suffix(4)
                == [0x0D, 0x0A, 0x0D, 0x0A])
    }
}

extension ReceivedTrace {
    fileprivate var field: String {
        var octets: [UInt8] = []
        write(to: &octets)
        return String(decoding: octets, as: UTF8.self)
    }
}
