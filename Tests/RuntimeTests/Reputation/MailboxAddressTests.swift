import MailModel
import OwnThreads
import Testing

@testable import PosternRuntime

@Suite(.ownThreads) struct MailboxAddressTests {
    @Test(arguments: [
        ("imaps://mail.example.org", "imaps://mail.example.org/INBOX"),
        ("IMAPS://mail.example.org:1993/Reports/Bounces", "imaps://mail.example.org:1993/Reports/Bounces"),
        ("pop3s://[2001:db8::1]:995", "pop3s://[2001:db8::1]:995"), ("pop3://192.0.2.1/", "pop3://192.0.2.1"),
    ])
    func `addresses of mailboxes are read`(_ text: String, _ read: String) {
        #expect(MailboxAddress(text)?.description == read)
    }

    @Test(arguments: [
        "http://mail.example.org", "imaps://", "imaps://user@mail.example.org/INBOX", "imaps://mail.example.org:0",
        "pop3s://mail.example.org/INBOX",
        "imaps://mail.example.org/INBOX;UID=4", "imaps://mail.example.org/a b", "imaps://mail.example.org/?x", "mail.example.org",
    ])
    func `what is none is refused`(_ text: String) { #expect(MailboxAddress(text) == nil) }

    @Test func `lists of messages are read, and nothing else of an answer`() {
        let search = "* SEARCH 3 17 0 x 4294967296 5\r\n* FLAGS (1 2)\r\n* OK 9\r\n* search 8\r\n* SEARCH\r\n"
        #expect(MailboxAnswer.found(Array(search.utf8)) == [3, 17, 5, 8])
        let sizes = MailboxAnswer.sizes(Array("1 120\r\n2 -4\r\nx 1\r\n3 99999999999999999999\r\n7 20 more\r\n".utf8))
        #expect(sizes.map(\.number) == [1, 7] && sizes.map(\.size) == [120, 20])
    }

    @Test func `a message's own addresses are found where hosts write them`() {
        let content = Array(
            "Delivered-To: b+code@bounces.example.org\r\nTo: <c@example.org>, B+code@bounces.example.org\r\nCc: d@example.org\r\n\r\n".utf8)
        #expect(MailboxPoller.addresses(content).map(\.description).contains("b+code@bounces.example.org"))
        #expect(!MailboxPoller.addresses(content).map(\.description).contains("d@example.org"))
        #expect(MailboxPoller.addresses([0, 1, 2]).isEmpty)
    }
}
