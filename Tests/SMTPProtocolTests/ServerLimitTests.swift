import MailModel
import SMTPProtocol
import Testing

/// Each limit of the server at the limit and one beyond it.
struct ServerLimitTests {
    static let opening = "HELO c\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.net>\r\n"

    @Test(arguments: [(998, false), (999, true)])
    func linesOfContent(bytes: Int, isRefused: Bool) {
        let shell = ServerShell()
        shell.receive(ServerLimitTests.opening + "DATA\r\nx\r\n" + String(repeating: "y", count: bytes) + "\r\n.\r\n")
        #expect(shell.messages.map(\.defect) == [isRefused ? .lineTooLong(bytes: bytes, lineNumber: 2, limit: 998) : nil])
    }

    @Test(arguments: [(0, false), (1, true)])
    func messageBytesByDataAndByChunk(excess: Int, isRefused: Bool) {
        var settings = SMTPServerSettings(hostName: "gate.example.org")
        settings.limits.messageBytesMax = 10_000
        let line = String(repeating: "z", count: 98) + "\r\n"
        let content = String(repeating: line, count: 99) + String(repeating: "z", count: 98 + excess) + "\r\n"
        for body in ["DATA\r\n\(content).\r\n", "BDAT \(content.utf8.count) LAST\r\n\(content)"] {
            let shell = ServerShell(settings)
            shell.receive(ServerLimitTests.opening + body)
            #expect(shell.messages.map(\.defect) == [isRefused ? .tooLarge(limit: 10_000) : nil])
            #expect(shell.messages.map(\.content.count) == [isRefused ? 0 : 10_000])
        }
    }

    @Test(arguments: [(2048, true), (2049, false)])
    func commandLines(bytes: Int, isTaken: Bool) {
        for cut in [0, 2000, 2047, 2048] {
            let shell = ServerShell()
            _ = shell.takeReplies()
            let line = Array(("NOOP " + String(repeating: "x", count: bytes - 7) + "\r\n").utf8)
            shell.receive(line[..<cut])
            shell.receive(line[cut...])
            shell.receive("NOOP\r\n")
            let replies = shell.takeReplies().map { String($0.prefix(9)) }
            #expect(replies == [isTaken ? "250 2.0.0" : "500 5.5.2", "250 2.0.0"])
        }
    }

    @Test(arguments: [(12_288, "501 5.5.2"), (12_289, "500 5.5.2")])
    func authLines(bytes: Int, reply: String) {
        let settings = SMTPServerSettings(hostName: "gate.example.org", offersAuth: true)
        for isInitial in [true, false] {
            let shell = ServerShell(settings, isEncrypted: true)
            shell.receive("EHLO c\r\n" + (isInitial ? "" : "AUTH PLAIN\r\n"))
            _ = shell.takeReplies()
            let start = isInitial ? "AUTH PLAIN " : ""
            shell.receive(start + String(repeating: "!", count: bytes - 2 - start.utf8.count) + "\r\nNOOP\r\n")
            #expect(shell.takeReplies().map { String($0.prefix(9)) } == [reply, "250 2.0.0"])
        }
    }

    @Test func anEndlessLineTakesNoMemory() {
        let shell = ServerShell()
        _ = shell.takeReplies()
        for _ in 0..<1000 { shell.receive([UInt8](repeating: 0x41, count: 4096)) }
        #expect(shell.unreadBytes == 0)
        #expect(shell.unreadBytesSeen <= 4096)
        shell.receive("\r\nNOOP\r\n")
        #expect(shell.takeReplies().map { String($0.prefix(9)) } == ["500 5.5.2", "250 2.0.0"])
    }

    @Test func readingStopsWhileADecisionIsAwaitedAndEnoughWaits() {
        let shell = ServerShell()
        shell.answers["mail"] = .some(nil)
        shell.receive("HELO c\r\nMAIL FROM:<a@example.org>\r\n")
        #expect(shell.isAwaitingDecision)
        shell.receive([UInt8](repeating: 0x41, count: 65_535))
        #expect(shell.wantsInput)
        shell.receive("A")
        #expect(!shell.wantsInput)
        shell.receive([UInt8](repeating: 0x41, count: 1_048_576 - 65_536))
        #expect(!shell.isClosed)
        shell.receive("A")
        #expect(shell.takeReplies().last?.hasPrefix("421 4.5.0") == true)
        #expect(shell.isClosed)
        shell.answer(SMTPReply(250, nil, "too late"))
        #expect(shell.takeReplies() == [])
    }

    @Test func pathsOf256OctetsPassAndLongerOnesDoNot() {
        let domain = Array(repeating: String(repeating: "d", count: 61), count: 3).joined(separator: ".")
        for (count, isTaken) in [(64, true), (65, false)] {
            let shell = ServerShell()
            shell.receive("HELO c\r\n")
            _ = shell.takeReplies()
            shell.receive("MAIL FROM:<\(String(repeating: "l", count: count))@\(domain).e>\r\n")
            #expect(shell.takeReplies().first?.hasPrefix(isTaken ? "250" : "501 5.1.7") == true)
        }
        for (count, isTaken) in [(189, true), (190, false)] {
            let host = String(repeating: "d", count: count - 128) + "." + domain.prefix(125) + ".e"
            let path = "<\(String(repeating: "l", count: 64))@\(host)>"
            let recipient = path.utf8.count
            let shell = ServerShell()
            shell.receive("HELO c\r\nMAIL FROM:<>\r\n")
            _ = shell.takeReplies()
            shell.receive("RCPT TO:\(path)\r\n")
            #expect((recipient <= 256) == isTaken)
            #expect(shell.takeReplies().first?.hasPrefix(isTaken ? "250" : "501 5.1.3") == true)
        }
    }

    @Test func aStopDuringADecisionSaysSoAndCloses() {
        let shell = ServerShell()
        shell.answers["mail"] = .some(nil)
        shell.receive("HELO c\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.net>\r\n")
        _ = shell.takeReplies()
        shell.machine.stop(SMTPReply(421, EnhancedStatusCode(4, 3, 2), "Shutting down"))
        shell.pull()
        #expect(shell.takeReplies() == ["421 4.3.2 Shutting down"])
        #expect(shell.isClosed)
    }

    @Test func aRefusedConnectionGetsItsReplyInPlaceOfTheGreeting() {
        var machine = SMTPServerMachine(settings: SMTPServerSettings(hostName: "gate.example.org"), isEncrypted: false)
        machine.refuse(SMTPReply(554, EnhancedStatusCode(5, 7, 1), "Not you"))
        #expect(machine.next() == .send(Array("554 5.7.1 Not you\r\n".utf8)))
        #expect(machine.next() == .close)
        #expect(machine.next() == nil)
    }

    @Test func aMessageWithADefectIsRefusedWhateverTheShellSays() {
        let shell = ServerShell()
        shell.answers["message"] = SMTPReply(250, EnhancedStatusCode(2, 0, 0), "Fine")
        shell.receive(ServerLimitTests.opening + "DATA\r\nbare\n\r\n.\r\n")
        #expect(shell.takeReplies().last?.hasPrefix("550 5.6.11 ") == true)
    }

    @Test func anOverflowingChunkSizeCannotBeSkippedSoTheConnectionEnds() {
        let shell = ServerShell()
        shell.receive(ServerLimitTests.opening + "BDAT 99999999999999999999 LAST\r\nNOOP\r\n")
        #expect(shell.takeReplies().last?.hasPrefix("501 5.5.4") == true)
        #expect(shell.isClosed)
    }

    @Test func aPasswordIsNotInTheDescriptionOfASignIn() {
        let signIn = SignIn(mechanism: .plain, name: "user", password: "hunter2")
        #expect(!"\(signIn) \(String(reflecting: signIn))".contains("hunter2"))
        let credentials = SMTPCredentials(name: "user", password: "hunter2")
        #expect(!"\(credentials) \(String(reflecting: credentials))".contains("hunter2"))
        var dumped = ""
        dump(SMTPServerMachine.Action.signIn(signIn), to: &dumped)
        dump(SMTPClientSettings(helloName: "c", credentials: credentials, serverName: "s"), to: &dumped)
        #expect(!dumped.contains("hunter2"))
    }
}
