import MailModel
import SMTPProtocol
import Testing

/// Paths of MAIL and RCPT, as RFC 5321 §4.1.2 writes them and as programs write them.
struct GrammarTests {
    static func reply(_ command: String, after opening: String = "HELO c\r\n") -> (reply: String, log: [String]) {
        let shell = ServerShell()
        shell.receive(opening)
        _ = shell.takeReplies()
        _ = shell.takeLog()
        shell.receive(command + "\r\n")
        return (shell.takeReplies().joined(separator: "|"), shell.takeLog())
    }

    @Test(arguments: [
        ("MAIL FROM:<a@example.org>", "mail <a@example.org>"),
        ("mail from:<a@example.org>", "mail <a@example.org>"),
        ("MAIL FROM: <a@example.org>", "mail <a@example.org>"),
        ("MAIL FROM:<a@example.org>   ", "mail <a@example.org>"),
        ("MAIL FROM:<>", "mail <>"),
        ("MAIL FROM:<> SIZE=3", "mail <> SIZE=3"),
        ("MAIL FROM:<@one.example,@two.example:a@example.org>", "mail <a@example.org>"),
        ("MAIL FROM:<\"a b\"@example.org>", "mail <\"a b\"@example.org>"),
        ("MAIL FROM:<\"a>b\\\"c\"@example.org> SIZE=1", "mail <\"a>b\\\"c\"@example.org> SIZE=1"),
        ("MAIL FROM:<\"plain\"@example.org>", "mail <plain@example.org>"),
        ("MAIL FROM:<a@[192.0.2.1]>", "mail <a@[192.0.2.1]>"),
        ("MAIL FROM:<a@[IPv6:2001:db8::1]>", "mail <a@[IPv6:2001:db8::1]>"),
        ("MAIL FROM:<a+b/c=d@EXAMPLE.org>", "mail <a+b/c=d@example.org>"),
    ])
    func senderPathsThatAreTaken(command: String, action: String) {
        let (reply, log) = GrammarTests.reply(command)
        #expect(reply.hasPrefix("250"))
        #expect(log == [action])
    }

    @Test(arguments: [
        ("MAIL", "501 5.5.4"), ("MAIL FROM", "501 5.5.4"), ("MAIL TO:<a@example.org>", "501 5.5.4"), ("MAIL FROM:", "501 5.1.7"),
        ("MAIL FROM:a@example.org", "501 5.1.7"), ("MAIL FROM:  <a@example.org>", "501 5.1.7"), ("MAIL FROM:<a@example.org", "501 5.1.7"),
        ("MAIL FROM:<a@example.org>SIZE=1", "501 5.5.4"), ("MAIL FROM:<a@example.org>>", "501 5.5.4"),
        ("MAIL FROM:< a@example.org>", "501 5.1.7"), ("MAIL FROM:<<a@example.org>>", "501 5.1.7"), ("MAIL FROM:<a>", "501 5.1.7"),
        ("MAIL FROM:<a@>", "501 5.1.7"), ("MAIL FROM:<@example.org>", "501 5.1.7"), ("MAIL FROM:<a..b@example.org>", "501 5.1.7"),
        ("MAIL FROM:<a@b@example.org>", "501 5.1.7"), ("MAIL FROM:<a@-example.org>", "501 5.1.7"), ("MAIL FROM:<a@[1.2.3]>", "501 5.1.7"),
        ("MAIL FROM:<\"a@example.org>", "501 5.1.7"), ("MAIL FROM:<@one.example a@example.org>", "501 5.1.7"),
        ("MAIL FROM:<@:a@example.org>", "501 5.1.7"), ("MAIL FROM:<Some One <a@example.org>>", "501 5.1.7"),
    ])
    func senderPathsThatAreRefused(command: String, code: String) {
        let (reply, log) = GrammarTests.reply(command)
        #expect(reply.hasPrefix(code), "\(reply)")
        #expect(log == [])
    }

    @Test(arguments: [
        ("RCPT TO:<postmaster>", "rcpt <postmaster@gate.example.org>"), ("RCPT TO:<PostMaster>", "rcpt <postmaster@gate.example.org>"),
        ("rcpt to: <b@example.net>", "rcpt <b@example.net>"),
    ])
    func recipientPathsThatAreTaken(command: String, action: String) {
        let (reply, log) = GrammarTests.reply(command, after: "HELO c\r\nMAIL FROM:<>\r\n")
        #expect(reply.hasPrefix("250"))
        #expect(log == [action])
    }

    @Test(arguments: ["RCPT TO:<>", "RCPT TO:<b>", "RCPT TO:b@example.net", "RCPT TO:<b@example.net,c@example.net>"])
    func recipientPathsThatAreRefused(command: String) {
        let (reply, log) = GrammarTests.reply(command, after: "HELO c\r\nMAIL FROM:<>\r\n")
        #expect(reply.hasPrefix("501 5.1.3"), "\(reply)")
        #expect(log == [])
    }

    @Test func manyWrongAddressesAreNoReasonToCloseTheConnection() {
        let shell = ServerShell()
        shell.receive("HELO c\r\nMAIL FROM:<>\r\n" + String(repeating: "RCPT TO:<wrong>\r\n", count: 100) + "NOOP\r\n")
        #expect(shell.takeReplies().last == "250 2.0.0 OK")
    }

    @Test func anAddressCannotCarryALineEnd() {
        #expect(EmailAddress("\"a\r\nRCPT TO:<x@y>\"@example.org") == nil)
    }
}
