import MailModel
import Testing

@testable import InternetMessage

@Suite struct AddressListTests {
    @Test(arguments: [
        ("a@b.example", ["a@b.example"]),
        ("<a@b.example>", ["a@b.example"]),
        ("\"x, y\" <a@b.example>", ["a@b.example"]),
        ("a@b.example (Name (nested) \\) )", ["a@b.example"]),
        ("(before) a@b.example", ["a@b.example"]),
        ("John Q. Public <a@b.example>", ["a@b.example"]),
        ("=?iso-8859-1?Q?J=F6rg?= <a@b.example>", ["a@b.example"]),
        ("a@b.example,\r\n c@d.example", ["a@b.example", "c@d.example"]),
        (" , a@b.example,, c@d.example ,", ["a@b.example", "c@d.example"]),
        ("Team: a@b.example, C <c@d.example>;, e@f.example", ["a@b.example", "c@d.example", "e@f.example"]),
        ("Undisclosed recipients:;", []),
        ("<@relay.example,@other.example:a@b.example>", ["a@b.example"]),
        ("\"quoted local\"@b.example", ["\"quoted local\"@b.example"]),
        ("a@[192.0.2.1]", ["a@[192.0.2.1]"]),
        ("a@[IPv6:2001:db8::1]", ["a@[IPv6:2001:db8::1]"]),
        ("J\u{F6}rg <j\u{F6}rg@b\u{FC}cher.example>", ["j\u{F6}rg@b\u{FC}cher.example"]),
        ("a@b.example <A@B.example>", ["a@b.example"]),
        ("\"a@victim.example\" <b@c.example>", ["b@c.example"]),
        ("root@localhost", ["root@localhost"]),
    ])
    func findsEveryAddress(_ text: String, _ expected: [String]) throws {
        #expect(try AddressList.parse(text).get().map(\.description) == expected)
    }

    @Test(arguments: [
        ("", AddressListFailure.Reason.empty), (" \r\n ", .empty), (",", .empty), ("(only)", .empty),
        ("Name", .noAddress), ("Name, a@b.example", .noAddress), ("a@b.example, Name", .noAddress),
        ("a@b.example c@d.example", .textAfterAddress), ("a@b.example <c@d.example>", .textAfterAddress),
        ("<a@b.example> <c@d.example>", .textAfterAddress), ("<a@b.example> x", .textAfterAddress), ("a@b.example;", .textAfterAddress),
        ("a@", .badAddress), ("<>", .badAddress), ("<a>", .badAddress), ("<a@b.example", .badAddress), ("a@b..example", .badAddress),
        ("a@b.example@c.example", .textAfterAddress), ("a..b@c.example", .badCharacter), (".a@c.example", .badCharacter),
        ("a @b.example", .badCharacter), ("x@y z <a@b.example>", .textAfterAddress), ("[x] <a@b.example>", .badCharacter),
        ("\"open <a@b.example>", .unclosedQuote), ("\"open\\", .unclosedQuote), ("a@b.example (open", .unclosedComment),
        ("(\\", .unclosedComment),
        ("Team: a@b.example", .unclosedGroup), ("Team: a@b.example c@d.example;", .textAfterAddress),
        ("A: B: c@d.example;;", .badCharacter),
        ("\"a\u{1}b\"@c.example", .badCharacter), ("<@a.example", .badAddress), ("@b.example", .badCharacter),
    ])
    func namesWhatItCannotRead(_ text: String, _ reason: AddressListFailure.Reason) {
        guard case .failure(let failure) = AddressList.parse(text) else {
            Issue.record("read: \(text)")
            return
        }
        #expect(failure.reason == reason)
    }

    @Test func invalidUTF8IsNoAddress() {
        let bytes: [UInt8] = [0x61, 0xE4, 0x40, 0x62]
        guard case .failure(let failure) = AddressList.parse(bytes, in: bytes.indices) else {
            Issue.record("read")
            return
        }
        #expect(failure.reason == .badAddress)
        #expect(failure.text == "a\u{E4}@b")
    }

    @Test func stopsAtTheLimit() {
        let most = Array(repeating: "a@b", count: AddressList.addressesMax).joined(separator: ",")
        #expect((try? AddressList.parse(most).get())?.count == AddressList.addressesMax)
        #expect(throws: AddressListFailure.self) { try AddressList.parse(most + ",a@b").get() }
    }

    @Test func everyTextOfFiveSpecialsEndsWithoutATrap() {
        let pieces = ["a", "@", "<", ">", "\"", "(", ")", "\\", ",", ":", ";", ".", " ", "["]
        var texts = [""]
        for _ in 0..<4 { texts = texts.flatMap { text in pieces.map { text + $0 } } }
        var readable = 0
        for text in texts where (try? AddressList.parse(text).get()) != nil { readable += 1 }
        #expect(readable > 0 && readable < texts.count / 10)
    }
}
