import Foundation
import MailModel
import Testing

@testable import InternetMessage

struct MessageBuilderTests {
    private func build(_ message: ComposedMessage) throws -> [UInt8] { try MessageBuilder.build(message, boundarySeed: "seed") }

    private func text(_ message: ComposedMessage) throws -> String { String(decoding: try build(message), as: UTF8.self) }

    @Test func aPlainMessageIsShort() throws {
        var message = ComposedMessage(from: "a@example.org")
        message.to = ["Bert Brecht <b@example.net>"]
        message.subject = "Hello"
        message.text = "one\ntwo"
        #expect(
            try text(message) == """
                From: a@example.org\r
                To: Bert Brecht <b@example.net>\r
                Subject: Hello\r
                MIME-Version: 1.0\r
                Content-Type: text/plain; charset=utf-8\r
                Content-Transfer-Encoding: quoted-printable\r
                \r
                one\r
                two\r

                """)
    }

    @Test func whatIsWrittenIsSevenBitWithShortLines() throws {
        var message = ComposedMessage(from: "Änne Österreich <a@example.org>")
        message.to = ["\"Smith, John\" <j@example.net>", "李四 <l@example.net>"]
        message.subject = String(repeating: "Grüße ", count: 50)
        message.text = String(repeating: "ü", count: 5000)
        message.html = "<p>\(String(repeating: "x", count: 5000))</p>"
        message.headers = [.init(name: "List-Unsubscribe", value: "<https://example.org/\(String(repeating: "u", count: 900))>")]
        message.attachments = [.init(fileName: "Übersicht.pdf", contentType: "application/pdf", content: Array(repeating: 0, count: 5000))]
        let content = try build(message)
        #expect(content.allSatisfy { $0 < 0x80 })
        #expect(String(decoding: content, as: UTF8.self).components(separatedBy: "\r\n").allSatisfy { $0.utf8.count <= 998 })
        #expect(!content.split(separator: 0x0A).contains { $0.last != 0x0D && !$0.isEmpty })
    }

    private static let attacks: [(field: String, change: @Sendable (inout ComposedMessage) -> Void)] = [
        ("/subject", { $0.subject = "x\r\nBcc: evil@example.net" }),
        ("/subject", { $0.subject = "x\u{2028}y" }),
        ("/from", { $0.from = "a@example.org\r\nBcc: evil@example.net" }),
        ("/from", { $0.from = "a\nBcc: x <a@example.org>" }),
        ("/to/1", { $0.to = ["b@example.net", "c@example.net, d@example.net"] }),
        ("/replyTo/0", { $0.replyTo = ["nobody"] }),
        ("/headers/0/name", { $0.headers = [.init(name: "X-A: b\r\nBcc", value: "x")] }),
        ("/headers/0/name", { $0.headers = [.init(name: "Bcc", value: "x")] }),
        ("/headers/0/name", { $0.headers = [.init(name: "content-type", value: "text/html")] }),
        ("/headers/0/name", { $0.headers = [.init(name: "", value: "x")] }),
        ("/headers/0/value", { $0.headers = [.init(name: "X-A", value: "x\nBcc: y")] }),
        ("/headers/0/value", { $0.headers = [.init(name: "X-A", value: "\u{9B}2J")] }),
        ("/attachments/0/filename", { $0.attachments = [.init(fileName: "a\r\nX: y", contentType: "text/plain", content: [])] }),
        ("/attachments/0/contentType", { $0.attachments = [.init(fileName: "a", contentType: "text/plain; x", content: [])] }),
        ("/attachments/0/contentType", { $0.attachments = [.init(fileName: "a", contentType: "message/rfc822", content: [])] }),
        ("/attachments/0/contentId", { $0.attachments = [.init(fileName: "a", contentType: "a/b", content: [], contentID: "x>y")] }),
    ]

    @Test(arguments: attacks.indices)
    func whatCouldMakeAnotherFieldIsRefusedByName(_ index: Int) {
        let (field, change) = MessageBuilderTests.attacks[index]
        var message = ComposedMessage(from: "a@example.org")
        change(&message)
        let fault = #expect(throws: CompositionFault.self) { try build(message) }
        #expect(fault?.field == field)
    }

    @Test func atTheLimitItIsTakenAndPastItRefused() throws {
        var message = ComposedMessage(from: "a@example.org")
        message.subject = String(repeating: "x", count: CompositionLimits.valueBytesMax)
        message.headers = Array(repeating: .init(name: "X-A", value: "b"), count: CompositionLimits.headersMax)
        message.attachments = Array(
            repeating: .init(fileName: "a", contentType: "text/plain", content: []), count: CompositionLimits.attachmentsMax)
        _ = try build(message)
        var long = message
        long.subject += "x"
        #expect(throws: CompositionFault.self) { try build(long) }
        long = message
        long.headers.append(.init(name: "X-A", value: "b"))
        #expect(throws: CompositionFault.self) { try build(long) }
        long = message
        long.attachments.append(.init(fileName: "a", contentType: "text/plain", content: []))
        #expect(throws: CompositionFault.self) { try build(long) }
    }

    /// Another party's reader sees what was meant.
    @Test(.enabled(if: Python.isThere)) func pythonReadsItBack() throws {
        var message = ComposedMessage(from: "\"Änne \\\"Ö\\\"\" <a@example.org>")
        message.to = ["\"Smith, John\" <j@example.net>", "o@example.net"]
        message.subject = "Grüße aus Köln – " + String(repeating: "lang ", count: 30)
        message.text = "Zeile eins\n--seed\n.\nÜ = x\n"
        message.html = "<img src=\"cid:logo\">"
        message.attachments = [
            .init(fileName: "logo.png", contentType: "image/png", content: [0x89, 0, 1, 2], contentID: "logo"),
            .init(fileName: "Über \"uns\".txt", contentType: "text/plain", content: Array("Datei".utf8)),
        ]
        try withTemporaryDirectory { directory in
            let file = directory.appendingPathComponent("m.eml")
            try Data(try build(message)).write(to: file)
            let result = try Python.run(
                """
                import sys, json, email, email.policy
                m = email.message_from_bytes(open(sys.argv[1], 'rb').read(), policy=email.policy.default)
                print(json.dumps({
                  "from": [(a.display_name, a.addr_spec) for a in m["from"].addresses],
                  "to": [(a.display_name, a.addr_spec) for a in m["to"].addresses],
                  "subject": m["subject"],
                  "types": [p.get_content_type() for p in m.walk()],
                  "text": m.get_body(("plain",)).get_content(),
                  "html": m.get_body(("html",)).get_content(),
                  "files": [(p.get_filename(), p.get_content() if p.get_content_maintype() == "text" else p.get_content().hex())
                            for p in m.walk() if p.get_filename()],
                  "defects": [str(d) for p in m.walk() for d in p.defects]}, ensure_ascii=False, sort_keys=True))
                """, [file.path])
            #expect(result.isSuccess, "\(result.output)")
            let read = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
            #expect(read["from"] as? [[String]] == [["Änne \"Ö\"", "a@example.org"]])
            #expect(read["to"] as? [[String]] == [["Smith, John", "j@example.net"], ["", "o@example.net"]])
            #expect(read["subject"] as? String == message.subject)
            #expect(
                read["types"] as? [String] == [
                    "multipart/mixed", "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png", "text/plain",
                ])
            #expect((read["text"] as? String)?.replacing("\r\n", with: "\n") == message.text)
            #expect((read["html"] as? String)?.contains("cid:logo") == true)
            #expect(read["files"] as? [[String]] == [["logo.png", "89000102"], ["Über \"uns\".txt", "Datei"]])
            #expect(read["defects"] as? [String] == [])
        }
    }
}
