import ContentReading
import ContentScan
import InternetMessage
import MailCorpus
import MailModel
import Testing

/// What is made to be slow, large or deep costs bounded work, and nothing traps. Work is counted, not timed.
@Suite struct HostileTests {
    private func verdict(_ content: [UInt8]) -> Verdict {
        ContentScan.scan(ContentReader().facts(content), knowledge: ScanKnowledge(), at: Timestamp(seconds: 0))
    }

    @Test func aThousandPartsOf25MegabytesAreRead() {
        let part = Array("--b\r\nContent-Type: text/plain\r\n\r\n".utf8) + [UInt8](repeating: 0x61, count: 25_000) + [0x0D, 0x0A]
        var content = Array("From: a@example.org\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n".utf8)
        for _ in 0..<1_000 { content += part }
        content += Array("--b--\r\n".utf8)
        let read = ContentReader().read(content)
        #expect(read.parts.count == 1_000)
        #expect(read.plain.count <= ReadingLimits.textBytesMax + 1_000)
        #expect(read.isCut)
        #expect(verdict(content).isCut)
    }

    @Test func partsBeyondTheLimitAreOne() {
        let content = Array(
            ("Content-Type: multipart/mixed; boundary=a\r\n\r\n" + String(repeating: "--a\r\n\r\nx\r\n", count: 200_000)).utf8)
        let read = ContentReader().read(content)
        #expect(read.parts.count == 1)
        #expect(read.defects.contains(.inseparable))
    }

    @Test func nestingEnds() {
        let messages = Array(String(repeating: "Content-Type: message/rfc822\r\n\r\n", count: 20_000).utf8)
        let parts = Array((0..<20_000).map { "Content-Type: multipart/mixed; boundary=b\($0).\r\n\r\n--b\($0).\r\n" }.joined().utf8)
        for content in [messages, parts] {
            let read = ContentReader().read(content)
            #expect(read.defects.contains(.tooDeep))
            #expect(read.parts.count == 1)
        }
    }

    @Test func fieldsEnd() {
        let content = Array(String(repeating: "A: b\r\n", count: 500_000).utf8)
        let read = ContentReader().read(content)
        #expect(read.fields.count == MIMELimits.standard.fieldsMax)
        #expect(read.defects.contains(.tooMuchHeader))
        let recipients = Array(("To: " + String(repeating: "a@b.example, ", count: 300_000) + "\r\n\r\nx").utf8)
        #expect(ContentReader().read(recipients).fields.count == 1)
        let names = Array(("Content-Type: text/plain" + String(repeating: "; name*1=x", count: 300_000) + "\r\n\r\nx").utf8)
        #expect(ContentReader().read(names).parts.count == 1)
    }

    @Test func elementsAndLinksEnd() {
        for text in [
            "<b>", "<a href='http://a.example/'>", "<p></i></b></div>", "<table><tr><td>", "<img src='http://a.example/x'>", "&amp;",
            "<!--x-->", "<a b=c d=e ",
        ] {
            let read = ContentReader().read(wire(html(String(repeating: text, count: 60_000))))
            #expect((read.html?.structure.count ?? 0) <= 20_000, "\(text)")
            #expect(read.links.count <= 500, "\(text)")
        }
    }

    @Test func anyOctetsAreRead() {
        var generator = SplitMix(state: 7)
        let seeds = [RuleTests.found[0].message, RuleTests.found[9].message, html("<p style='color:red;font-size:1px'>x<a href=//a>b</a>")]
            .map { wire($0) }
        for round in 0..<2_000 {
            var content = seeds[round % seeds.count]
            for _ in 0..<(1 + generator.next() % 12) {
                let place = Int(generator.next() % UInt64(content.count))
                switch generator.next() % 3 {
                case 0: content[place] = UInt8(truncatingIfNeeded: generator.next())
                case 1: content.remove(at: place)
                default: content.insert(contentsOf: content[place...].prefix(Int(generator.next() % 40)), at: place)
                }
            }
            _ = verdict(content)
        }
        for count in 0..<64 { _ = verdict((0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next()) }) }
    }

    @Test(.enabled(if: Corpus.isThere, "needs the collections of mail in ../shared/data"), arguments: ["mime/malformed", "mime/rfc"])
    func malformedMailIsRead(_ folder: String) throws {
        for message in try Corpus.messages(in: folder) {
            let score = verdict(message.content).score
            #expect(score.isFinite, "\(message.name)")
            for length in stride(from: 0, to: message.content.count, by: max(1, message.content.count / 50)) {
                _ = verdict(Array(message.content.prefix(length)))
            }
        }
    }
}

struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
