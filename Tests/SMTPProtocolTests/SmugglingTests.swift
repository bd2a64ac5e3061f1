import MailModel
import SMTPProtocol
import Testing

/// Nothing but CRLF, dot, CRLF ends a message, and nothing in plaintext survives STARTTLS.
struct SmugglingTests {
    static let opening = "HELO c\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.net>\r\nDATA\r\n"

    /// The published variants (SEC Consult 2023, and what followed): each pretends to end the message before a second one.
    @Test(arguments: [
        "\n.\n", "\n.\r\n", "\n.\r", "\r.\r", "\r.\n", "\r.\r\n", "\r\n.\n", "\r\n.\r", "\r\n.\r\r\n", "\r\r\n.\r\r\n", "\n\r.\r\n",
        "\r\n\0.\r\n",
        "\r\n.\0\r\n", "\r\n.\t\r\n", "\r\n. \r\n", "\r\n\u{FEFF}.\r\n", "\r\n..\r\n", "\n\n.\r\n", "\r\n.\n\r\n", "\u{85}.\u{85}",
        "\r\n.\r\0\n",
    ])
    func onlyTheTrueEndEndsAMessage(_ falseEnd: String) {
        let smuggled = "MAIL FROM:<evil@example.org>\r\nRCPT TO:<victim@example.net>\r\nDATA\r\nsmuggled\r\n"
        let input = Array((SmugglingTests.opening + "text" + falseEnd + smuggled + "\r\n.\r\nNOOP\r\n").utf8)
        for cut in 0...input.count {
            let shell = ServerShell()
            shell.receive(input[..<cut])
            shell.receive(input[cut...])
            #expect(shell.messages.count == 1)
            #expect(shell.messages.first?.recipients.map(\.address.description) == ["b@example.net"])
            #expect(shell.takeReplies().last == "250 2.0.0 OK")
        }
    }

    /// Two dots and one are content; CR CR LF before the dot is a CR too many, then a true line end.
    @Test func aBareReturnBeforeATrueEndIsADefectOfTheMessageThatEndsThere() {
        let shell = ServerShell()
        shell.receive(SmugglingTests.opening + "text\r\r\n.\r\nNOOP\r\n")
        #expect(shell.messages.map(\.defect) == [.bareCarriageReturn(lineNumber: 1)])
        #expect(shell.takeReplies().last == "250 2.0.0 OK")
    }

    @Test(arguments: ["EHLO x\r\n", "MAIL FROM:<a@example.org>\r\n", "\r\n", "\n", " "])
    func bytesBehindStartTLSAreNeverRead(_ behind: String) {
        var settings = SMTPServerSettings(hostName: "gate.example.org", offersStartTLS: true)
        settings.offersAuth = true
        let together = ServerShell(settings)
        together.receive("EHLO c\r\nSTARTTLS\r\n" + behind)
        #expect(together.takeReplies().last?.hasPrefix("554 5.5.1 ") == true)
        #expect(together.takeLog() == ["close"])

        let later = ServerShell(settings)
        later.receive("EHLO c\r\nSTARTTLS\r\n")
        #expect(later.takeReplies().last?.hasPrefix("220 ") == true)
        later.receive(behind)
        #expect(later.takeReplies().map { $0.prefix(3) } == ["554"])
        #expect(later.takeLog() == ["starttls", "close"])
        later.machine.tlsEstablished()
        later.receive("NOOP\r\n")
        #expect(later.takeReplies() == [])
    }

    @Test func contentIsUnstuffedOnceAndKeepsEverythingElse() {
        let content = ".\r\n..\r\na.b\r\n\r\n.c\r\nümlaut\r\n"
        let shell = ServerShell()
        shell.receive(SmugglingTests.opening + "..\r\n...\r\na.b\r\n\r\n..c\r\nümlaut\r\n.\r\n")
        #expect(shell.messages.map(\.content) == [Array(content.utf8)])
        #expect(shell.messages.map(\.has8Bit) == [true])
        #expect(shell.messages.map(\.defect) == [nil])
    }
}
