import MailCorpus
import MailModel
import Testing

@testable import InternetMessage

@Suite struct MessageFactsTests {
    private func facts(_ bytes: [UInt8]) throws -> MessageFacts { MessageFacts.read(bytes, header: try HeaderSection.scan(bytes).get()) }
    private func facts(_ text: String) throws -> MessageFacts { try facts(wire(text)) }

    @Test func readsAnOrdinaryMessage() throws {
        let facts = try facts(
            """
            Received: from a by b; x
            Received: from c by d; y
            From: "J. Doe" <j@a.example>
            Sender: k@a.example
            To: x@y.example
            Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=
             again
            Date: Sun, 22 Nov 2026 01:43:51 +0000
            Message-ID: <id.1@a.example>

            body
            """)
        #expect(facts.from.map(\.description) == ["j@a.example"])
        #expect(facts.sender?.description == "k@a.example")
        #expect(facts.subject == "Gr\u{FC}\u{DF}e again")
        #expect(facts.messageID == "id.1@a.example")
        #expect(facts.headerFromText == "\"J. Doe\" <j@a.example>")
        #expect(facts.receivedCount == 2)
        #expect(facts.hasDate && facts.hasMessageID && facts.hasFrom)
        #expect(!facts.hasEightBitHeader && !facts.hasEightBitBody)
        #expect(facts.defects == [])
    }

    @Test(arguments: [
        ("Subject: x\n\n", [MessageDefect.missingFrom]),
        ("From: a@b, c@d\nSender: a@b\n\n", []),
        ("From: a@b, c@d\n\n", [.missingSender]),
        ("From: a@b\nFrom: c@d\nSender: a@b\n\n", [.repeatedField(name: "from", count: 2)]),
        ("From: Name\n\n", [.unreadableFrom(text: "a name without an address: Name")]),
        ("From: none:;\n\n", [.fromWithoutAddress]),
        ("From: a@b\nSender: a@b, c@d\n\n", [.unreadableSender(text: "it must be one address: a@b, c@d")]),
        ("From: a@b\nTo: x@y\nto: z@y\n\n", [.repeatedField(name: "to", count: 2)]),
        ("From: a@b\nSubject: x\u{1}y\n\n", [.controlCharacter(name: "subject")]),
    ])
    func namesDefects(_ text: String, _ defects: [MessageDefect]) throws {
        #expect(try facts(text).defects == defects)
    }

    @Test func everyFromFieldIsReported() throws {
        #expect(try facts("From: a@b\nX: y\nFROM:c@d, e@f\n\n").from.map(\.description) == ["a@b", "c@d", "e@f"])
    }

    @Test func tellsEightBitHeaderFromBody() throws {
        let body = try facts("From: a@b\n\n\u{E4}\n")
        #expect(!body.hasEightBitHeader && body.hasEightBitBody)
        let header = try facts("From: a@b\nSubject: \u{E4}\n\nx\n")
        #expect(header.hasEightBitHeader && !header.hasEightBitBody)
        #expect(header.defects == [])
        let latin1 = try facts(Array("From: a@b\r\nSubject: ".utf8) + [0xE4] + Array("\r\n\r\n".utf8))
        #expect(latin1.subject == "\u{E4}")
        #expect(latin1.defects == [.headerNotUTF8])
    }

    @Test func textsAreBoundedAndOnOneLine() throws {
        let long = String(repeating: "\u{E4}", count: 2000)
        let facts = try facts("From: a@b\nSubject: \(long)\n\n")
        #expect(facts.subject.count == 500)
        #expect(try self.facts("From: =?utf-8?q?x=0D=0Ay?= <a@b>\n\n").headerFromText == "x  y <a@b>")
    }

    @Test func anEmptyDateOrMessageIDCountsAsMissing() throws {
        let facts = try facts("From: a@b\nDate: \nMessage-ID: <>\n\n")
        #expect(!facts.hasDate && !facts.hasMessageID)
    }
}
