import Foundation
import MailModel
import Testing

@Suite struct SMTPReplyTests {
    @Test func controlCharactersCannotEnterAReply() {
        let reply = SMTPReply(550, EnhancedStatusCode(5, 1, 1), "no\r\n250 OK\u{0}\u{7F}\tx")
        #expect(reply.lines == ["no??250 OK???x"])
        #expect(SMTPReply(250, nil, ["a\nb", "c\rd"]).lines == ["a?b", "c?d"])
    }

    @Test func aLineOfTextHas480Octets() {
        #expect(SMTPReply(250, nil, String(repeating: "a", count: 480)).text.utf8.count == 480)
        #expect(SMTPReply(250, nil, String(repeating: "a", count: 481)).text.utf8.count == 480)
    }

    /// With the longest codes and the line end it stays within RFC 5321's 512.
    @Test func theLongestLineFitsWithItsCodes() {
        let reply = SMTPReply(550, EnhancedStatusCode(5, 999, 999), String(repeating: "a", count: 2000))
        #expect(reply.description.utf8.count + 2 <= replyLineBytesMax)
    }

    @Test(arguments: 474...484) func aCutDoesNotSplitACharacter(count: Int) {
        for piece in ["é", "用", "😀"] {
            let text = String(repeating: "a", count: count % 7) + String(repeating: piece, count: count)
            let line = SMTPReply(250, nil, text).text
            #expect(text.hasPrefix(line))
            #expect(!line.contains("\u{FFFD}"))
            #expect((472...480).contains(line.utf8.count))
        }
    }

    @Test func aReplyHasAtLeastOneLine() { #expect(SMTPReply(250, nil, []).lines == [""]) }

    @Test func theKindFollowsTheCode() {
        for (code, positive, transient, permanent) in [
            (250, true, false, false), (354, true, false, false), (421, false, true, false), (499, false, true, false),
            (500, false, false, true),
        ] {
            let reply = SMTPReply(code, nil, "")
            #expect(reply.isPositive == positive)
            #expect(reply.isTransientFailure == transient)
            #expect(reply.isPermanentFailure == permanent)
        }
    }

    @Test func theDescriptionIsOneLine() {
        #expect(SMTPReply(550, EnhancedStatusCode(5, 7, 60), ["a", "b"]).description == "550 5.7.60 a b")
        #expect(SMTPReply(354, nil, "go").description == "354 go")
    }

    @Test(arguments: [("5.7.1", "5.7.1"), ("2.0.0", "2.0.0"), ("4.999.999", "4.999.999"), ("5.07.1", "5.7.1")])
    func anEnhancedCodeIsRead(text: String, expected: String) { #expect(EnhancedStatusCode(text)?.description == expected) }

    @Test(arguments: [
        "", "5", "5.7", "5.7.1.1", "3.0.0", "1.0.0", "6.0.0", "05.7.1", "5..1", "5.1000.1", "5.7.x", "+5.7.1", " 5.7.1", "5.7.1 ", "5.-7.1",
        "٥.7.1",
    ])
    func whatIsNoEnhancedCodeIsNotRead(text: String) { #expect(EnhancedStatusCode(text) == nil) }

    /// Values that the store and the API keep as text come back as they were, and damaged text is an error, not a trap.
    @Test func valuesReadBackFromJSON() throws {
        struct Values: Codable, Equatable {
            var address = EmailAddress("\"a b\"@é.test")!
            var domain = DomainName("x.test")!
            var ip = IPAddress("2001:db8::1")!
            var network = IPNetwork("10.0.0.0/8")!
            var id = MessageID(77)
            var code = EnhancedStatusCode(5, 7, 60)
            var time = Timestamp(milliseconds: -5)
        }
        let data = try JSONEncoder().encode(Values())
        #expect(try JSONDecoder().decode(Values.self, from: data) == Values())
        let damaged = Data("\"no\\r\\nsuch thing\"".utf8)
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(EmailAddress.self, from: damaged) }
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(DomainName.self, from: damaged) }
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(IPAddress.self, from: damaged) }
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(IPNetwork.self, from: damaged) }
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(MessageID.self, from: damaged) }
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(EnhancedStatusCode.self, from: damaged) }
    }
}
