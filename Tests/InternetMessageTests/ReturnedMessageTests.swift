import InternetMessage
import MailModel
import Testing

@Suite("What comes back")
struct ReturnedMessageTests {
    private func read(_ text: String) -> ReturnedMessage {
        ReturnedMessage.read(Array(text.replacing("\n", with: "\r\n").utf8))
    }

    @Test func `a delivery report of two recipients`() throws {
        let message = read(
            """
            From: MAILER-DAEMON@mx.example.net
            Subject: Returned mail
            Content-Type: multipart/report; report-type=delivery-status; boundary=b

            --b
            Content-Type: text/plain

            Two addresses failed.
            --b
            Content-Type: message/delivery-status

            Reporting-MTA: dns; mx.example.net

            Original-Recipient: rfc822;anna@example.org
            Final-Recipient: rfc822;anna@inner.example.net
            Action: failed
            Status: 5.0.0
            Diagnostic-Code: smtp; 550 5.1.1 <anna@inner.example.net>... User
             unknown

            Final-Recipient: rfc822; ben@example.net
            Action: delayed
            Status: 4.4.1 (no answer)
            --b
            Content-Type: message/rfc822

            Return-Path: <b-1@bounces.example.com>
            Message-ID: <one@example.com>
            To: anna@example.org

            Hello
            --b--
            """)
        #expect(message.form == .deliveryReport && message.reporter == "mx.example.net")
        #expect(message.rows.map { $0.recipient?.description } == ["anna@example.org", "ben@example.net"])
        let first = try #require(message.rows.first)
        #expect(first.action == .failed && first.replyCode == 550 && first.status == EnhancedStatusCode(5, 1, 1))
        #expect(first.words.hasSuffix("User unknown"))
        #expect(message.rows[1].action == .delayed && message.rows[1].status == EnhancedStatusCode(4, 4, 1))
        #expect(message.original.messageID == "one@example.com")
        #expect(message.original.reversePath?.description == "b-1@bounces.example.com")
    }

    @Test func `a notice in words names the address, the reply and the command`() throws {
        let message = read(
            """
            From: MAILER-DAEMON@example.net
            Subject: failure notice

            I'm afraid I wasn't able to deliver your message to the following addresses.

            <anna@example.org>:
            192.0.2.1 does not like recipient.
            Remote host said: 550 No such person here
            Giving up on 192.0.2.1.

            --- Below this line is a copy of the message.

            Message-ID: <two@example.com>
            From: someone@example.com
            """)
        let row = try #require(message.rows.first)
        #expect(message.form == .notice && message.rows.count == 1 && row.recipient?.description == "anna@example.org")
        #expect(row.replyCode == 550 && row.stage == .recipient && row.action == .failed)
        #expect(message.original.messageID == "two@example.com")
    }

    @Test func `a complaint names its kind and whom it is about`() {
        let message = read(
            """
            From: feedback@example.net
            Content-Type: multipart/report; report-type=feedback-report; boundary=b

            --b
            Content-Type: message/feedback-report

            Feedback-Type: ABUSE
            Original-Rcpt-To: anna@example.net
            Original-Mail-From: <b-2@bounces.example.com>
            --b--
            """)
        #expect(message.form == .complaint && message.feedbackType == "abuse")
        #expect(message.rows.map { $0.recipient?.description } == ["anna@example.net"])
        #expect(message.original.reversePath?.description == "b-2@bounces.example.com")
    }

    @Test(arguments: [
        ("Auto-Submitted: auto-replied", "Re: hello"), ("X-Autoreply: yes", "Re: hello"), ("Precedence: auto_reply", "hello"),
        ("X-Mailer: any", "Automatic reply: hello"),
    ])
    func `an automatic answer is no bounce`(_ field: String, _ subject: String) {
        let message = read("From: anna@example.org\n\(field)\nSubject: \(subject)\n\nI am away; mail to ben@example.org is read.\n")
        #expect(message.form == .automaticAnswer && message.rows.map { $0.recipient?.description } == ["anna@example.org"])
    }

    @Test func `mail of a person is neither`() {
        let message = read("From: anna@example.org\nSubject: Re: hello\n\nThanks, that was delivered well.\n")
        #expect(message.form == .other && message.rows.isEmpty)
    }

    /// Whatever is cut, doubled or replaced: something is read, within the limits.
    @Test func `damaged reports are read as far as they go`() {
        var random = SeededGenerator(seed: 7)
        let samples = ["delivery-status", "feedback-report"].map { type in
            Array(
                """
                From: MAILER-DAEMON@example.net\r
                Content-Type: multipart/report; report-type=\(type); boundary=b\r
                \r
                --b\r
                \r
                <a@example.org>: 550-5.1.1 said\r
                >>> RCPT TO:<"a@b"@example.org>\r
                <<< 550 5.1.1 "unknown\r
                --b\r
                Content-Type: message/\(type)\r
                \r
                Final-Recipient: rfc822;a@example.org\r
                Feedback-Type: abuse\r
                Action: failed\r
                Diagnostic-Code: smtp; 550-5.1.1 User\r
                 unknown (5.\r
                --b--\r
                """.utf8)
        }
        for round in 0..<4_000 {
            var octets = samples[round % 2]
            for _ in 0..<Int.random(in: 1...6, using: &random) where !octets.isEmpty {
                let place = Int.random(in: 0..<octets.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: octets[place] = UInt8.random(in: 0...255, using: &random)
                case 1: octets.removeSubrange(place..<min(octets.count, place + Int.random(in: 1...40, using: &random)))
                case 2: octets.insert(contentsOf: octets[place..<min(octets.count, place + 30)], at: place)
                default: octets.insert([0x40, 0x22, 0x3C, 0x2D, 0x0A, 0x3B].randomElement(using: &random) ?? 0x40, at: place)
                }
            }
            let message = ReturnedMessage.read(octets)
            #expect(message.rows.count <= ReturnedLimits.rowsMax && message.text.utf8.count <= 2 * ReturnedLimits.textBytesMax)
        }
    }

    @Test func `a report of very many recipients is bounded`() {
        var text = "Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n"
        for number in 0..<20_000 { text += "Final-Recipient: rfc822; a\(number)@example.org\nAction: failed\n\n" }
        #expect(ReturnedMessage.read(Array(text.utf8)).rows.count <= ReturnedLimits.rowsMax)
    }
}
