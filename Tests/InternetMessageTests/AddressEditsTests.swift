import MailCorpus
import MailModel
import Testing

@testable import InternetMessage

@Suite struct AddressEditsTests {
    /// Every address at `.local` becomes postern@contoso.test.
    private func edit(
        _ text: String, fields: Set<String> = ["from", "sender"], original: AddressEdits.Original = .dropped
    ) throws -> String? {
        let content = wire(text)
        let edited = AddressEdits.apply(
            to: content, header: try HeaderSection.scan(content).get(), fields: fields, original: original
        ) { $0.host.description.hasSuffix(".local") ? EmailAddress("postern@contoso.test") : nil }
        return edited.map { String(decoding: $0, as: UTF8.self).replacing("\r\n", with: "\n") }
    }

    @Test func `names, encoded words, comments and folding stay`() throws {
        let text = """
            Received: by a.local
            From: =?utf-8?q?B=C3=BCro?= (the (old) one)
            \t<root@printer.local> (trailing root@x.local)
            Subject: root@printer.local
            To: root@printer.local

            root@printer.local
            """
        #expect(try edit(text) == text.replacing("<root@printer.local>", with: "<postern@contoso.test>") + "\n")
    }

    @Test func `forms of an address`() throws {
        #expect(try edit("From: root@a.local\n\n") == "From: postern@contoso.test\n\n")
        #expect(try edit("From: root@a.local <root@a.local>\n\n") == "From: postern@contoso.test <postern@contoso.test>\n\n")
        #expect(try edit("From: \"root@a.local\" <\"ro ot\"@a.local>\n\n") == "From: \"root@a.local\" <postern@contoso.test>\n\n")
        #expect(
            try edit("From: a@b.test,\n Q <q@a.local>, c@d.test\nSender: q@a.local\n\n")
                == "From: a@b.test,\n Q <postern@contoso.test>, c@d.test\nSender: postern@contoso.test\n\n")
        #expect(try edit("From: g: x@a.local, y@b.test;\n\n") == "From: g: postern@contoso.test, y@b.test;\n\n")
        #expect(try edit("from:<root@[192.0.2.1]>\nFROM : x\n\n".replacing("FROM : x\n", with: "")) == nil)
    }

    @Test func `what cannot be read, and what fits nothing, stays`() throws {
        #expect(try edit("From: root@a.local, broken <\n\n") == nil)
        #expect(try edit("From: a@b.test\n\nFrom: root@a.local\n") == nil)
        #expect(try edit("Reply-To: root@a.local\nFrom: a@b.test\n\n") == nil)
        #expect(
            try edit("Reply-To: root@a.local\nFrom: a@b.test\n\n", fields: ["reply-to"])
                == "Reply-To: postern@contoso.test\nFrom: a@b.test\n\n")
    }

    @Test func `the original is kept as it stood`() throws {
        let from = "From: =?utf-8?q?B=C3=BCro?=\n <root@a.local>\n"
        let new = "From: =?utf-8?q?B=C3=BCro?=\n <postern@contoso.test>\n"
        let old = " =?utf-8?q?B=C3=BCro?=\n <root@a.local>\n"
        #expect(try edit(from + "To: x@y\n\nb\n", original: .replyTo) == new + "Reply-To:" + old + "To: x@y\n\nb\n")
        #expect(try edit(from + "Reply-To: c@d\n\n", original: .replyTo) == new + "Reply-To: c@d\n\n")
        #expect(try edit(from + "Reply-To: c@d\n\n", original: .field) == new + "X-Original-From:" + old + "Reply-To: c@d\n\n")
        // Only Sender changes: From is as it was.
        #expect(try edit("From: a@b\nSender: s@a.local\n\n", original: .field) == "From: a@b\nSender: postern@contoso.test\n\n")
        // A header without an end.
        #expect(try edit("From: r@a.local", original: .field) == "From: postern@contoso.test\nX-Original-From: r@a.local\n")
    }

    @Test func `no line becomes too long`() throws {
        let many = (1...60).map { "a\($0)@a.local" }.joined(separator: ",")
        let edited = try #require(try edit("From: \(many)\n\n"))
        #expect(edited.split(separator: "\n").allSatisfy { $0.utf8.count < 998 })
        let content = wire(edited)
        let field = try #require(try HeaderSection.scan(content).get().first("from", in: content))
        #expect(try AddressList.parse(content, in: field.value).get().count == 60)
    }
}
