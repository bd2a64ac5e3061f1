import MailModel
import OwnThreads
import Testing

@testable import PosternRuntime

@Suite(.ownThreads) struct MessageFileTests {
    @Test(arguments: [
        ("a\nb\n", "a\r\nb\r\n"), ("a\r\nb\r\n", "a\r\nb\r\n"), ("a\r\nb\n", "a\r\nb\r\n"), ("a", "a\r\n"), ("\n", "\r\n"),
        ("From x Mon\na: b\n\n", "a: b\r\n\r\n"), ("From: x\n", "From: x\r\n"),
    ])
    func linesEndInCRLFAndTheMailboxLineGoes(text: String, expected: String) {
        #expect(String(decoding: MessageFile.withLineEnds(Array(text.utf8)), as: UTF8.self) == expected)
    }

    @Test func addressesComeFromTheHeader() {
        let file = MessageFile(Array("From: A <a@example.org>\nTo: b@example.com, C <c@example.net>\nCc: B@example.com\n\nhello\n".utf8))
        #expect(file.from == EmailAddress("a@example.org"))
        #expect(file.recipients == [EmailAddress("b@example.com")!, EmailAddress("c@example.net")!])
    }

    @Test func aFileWithoutAHeaderHasNoAddresses() {
        let file = MessageFile([0, 1, 2, 0xFF])
        #expect(file.from == nil)
        #expect(file.recipients == [])
    }
}
