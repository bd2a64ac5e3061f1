import MailModel
import Testing

@Suite struct EmailAddressTests {
    /// Text, decoded local part, host, and the text that is written.
    static let good: [(text: String, local: String, host: String, written: String)] = [
        ("a@example.org", "a", "example.org", "a@example.org"),
        ("First.Last+tag@Example.ORG", "First.Last+tag", "example.org", "First.Last+tag@example.org"),
        ("!#$%&'*+-/=?^_`{|}~@x.test", "!#$%&'*+-/=?^_`{|}~", "x.test", "!#$%&'*+-/=?^_`{|}~@x.test"),
        ("a@localhost", "a", "localhost", "a@localhost"),
        ("a@example.org.", "a", "example.org", "a@example.org"),
        ("\"a b\"@x.test", "a b", "x.test", "\"a b\"@x.test"),
        ("\"plain\"@x.test", "plain", "x.test", "plain@x.test"),
        ("\"a\\\"b\\\\c\"@x.test", "a\"b\\c", "x.test", "\"a\\\"b\\\\c\"@x.test"),
        ("\"a@b\"@x.test", "a@b", "x.test", "\"a@b\"@x.test"),
        ("\".a\"@x.test", ".a", "x.test", "\".a\"@x.test"),
        ("\"a.\"@x.test", "a.", "x.test", "\"a.\"@x.test"),
        ("\"a..b\"@x.test", "a..b", "x.test", "\"a..b\"@x.test"),
        ("\"a..\u{301}b\"@x.test", "a..\u{301}b", "x.test", "\"a..\u{301}b\"@x.test"),
        ("\"\\a\"@x.test", "a", "x.test", "a@x.test"),
        ("jörg@müller.test", "jörg", "müller.test", "jörg@müller.test"),
        ("用户@例子.测试", "用户", "例子.测试", "用户@例子.测试"),
        ("a@[192.0.2.1]", "a", "[192.0.2.1]", "a@[192.0.2.1]"),
        ("a@[IPv6:2001:DB8:0:0::1]", "a", "[IPv6:2001:db8::1]", "a@[IPv6:2001:db8::1]"),
        ("a@[ipv6:::1]", "a", "[IPv6:::1]", "a@[IPv6:::1]"),
    ]

    @Test(arguments: good) func anAddressIsRead(_ row: (text: String, local: String, host: String, written: String)) throws {
        let address = try #require(EmailAddress(row.text))
        #expect(address.localPart == row.local)
        #expect(address.host.description == row.host)
        #expect(address.description == row.written)
        #expect(EmailAddress(address.description) == address)
    }

    @Test(arguments: [
        "", "@", "a", "a@", "@x.test", ".a@x.test", "a.@x.test", "a..b@x.test", "a b@x.test", "a@b@x.test", "a(c)@x.test", "a,b@x.test",
        "<a@x.test>", "\"\"@x.test", "\"a@x.test", "\"a\"b@x.test", "\"a\\", "\"a\"", "a\r\n@x.test", "\"a\r\nb\"@x.test",
        "\"a\\\nb\"@x.test",
        "\"a\u{0}\"@x.test", "\"a\u{7F}\"@x.test", "a@-x.test", "a@x-.test", "a@x..test", "a@.test", "a@x_.te st", "a@[192.0.2.1",
        "a@[192.0.2]",
        "a@[192.0.2.256]", "a@[2001:db8::1]", "a@[IPv6:192.0.2.1]", "a@[IPv6:::ffff:192.0.2.1]", "a@[IPv6:]", "a@[]",
        "a@x.test\r\nRCPT TO:<b@x.test>",
        "a@x.test ", " a@x.test",
    ])
    func whatIsNoAddressIsNotRead(text: String) { #expect(EmailAddress(text) == nil) }

    @Test func theLocalPartHasSixtyFourOctets() {
        let longest = String(repeating: "a", count: 64)
        #expect(EmailAddress("\(longest)@x.test") != nil)
        #expect(EmailAddress("\(longest)a@x.test") == nil)
        // Octets, not characters.
        #expect(EmailAddress(String(repeating: "é", count: 32) + "@x.test") != nil)
        #expect(EmailAddress(String(repeating: "é", count: 32) + "a@x.test") == nil)
        // Quotes and backslashes do not count: they are not part of it.
        #expect(EmailAddress("\"" + String(repeating: "\\\"", count: 64) + "\"@x.test") != nil)
    }

    @Test func addressesAreComparedWithoutCaseAndKeepTheirs() throws {
        let upper = try #require(EmailAddress("Kim.Lee@Example.ORG"))
        let lower = try #require(EmailAddress("kim.lee@example.org"))
        #expect(upper == lower)
        #expect(upper.hashValue == lower.hashValue)
        #expect(upper.key == "kim.lee@example.org")
        #expect(upper.description == "Kim.Lee@example.org")
        #expect(EmailAddress("\"kim.lee\"@example.org") == lower)
    }

    @Test func onlyUTF8AddressesNeedSMTPUTF8() throws {
        #expect(try #require(EmailAddress("a@x.test")).isInternationalized == false)
        #expect(try #require(EmailAddress("é@x.test")).isInternationalized)
        #expect(try #require(EmailAddress("a@é.test")).isInternationalized)
    }

    /// Any local part that the type takes, also one that no parser made, is written so that it reads back.
    @Test func everyAddressReadsBackFromItsText() throws {
        var random = SeededGenerator(5)
        let pieces = [
            "a", "Z", "9", ".", "..", "\"", "\\", " ", "@", "é", "\u{301}", "用", "+", "<", ">", "(", ",", ":", ";", "[", "İ", "\u{200D}",
        ]
        let hosts = ["x.test", "Ünï.test", "[192.0.2.1]", "[IPv6:2001:db8::1]", "İ.test"]
        for _ in 0..<5000 {
            let local = (0..<Int.random(in: 1...8, using: &random)).map { _ in pieces.randomElement(using: &random)! }.joined()
            let host = try #require(MailHost(hosts.randomElement(using: &random)!))
            let address = try #require(EmailAddress(localPart: local, host: host), "\(local)")
            let again = try #require(EmailAddress(address.description), "\(address)")
            #expect(Array(again.localPart.utf8) == Array(local.utf8))
            #expect(again.host == host)
            #expect(again.description == address.description)
        }
    }

    /// Whatever comes in, nothing that could end a line comes out.
    @Test func noOctetsMakeAnAddressWithAControlCharacter() {
        var random = SeededGenerator(6)
        let alphabet = Array("a.\"\\@[]: \r\n\t\u{0}x1".utf8)
        var read = 0
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...10, using: &random)).map { _ in alphabet.randomElement(using: &random)! }
            guard let address = EmailAddress(String(decoding: bytes, as: UTF8.self)) else { continue }
            read += 1
            #expect(address.description.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F })
        }
        #expect(read > 0)
    }
}

@Suite struct DomainNameTests {
    @Test(arguments: [
        ("Example.ORG", "example.org"), ("example.org.", "example.org"), ("a", "a"), ("_dmarc.x.test", "_dmarc.x.test"),
        ("xn--bcher-kva.test", "xn--bcher-kva.test"), ("a--b.test", "a--b.test"), ("1.2.3", "1.2.3"), ("BÜCHER.test", "bücher.test"),
    ])
    func aNameIsReadInLowerCase(text: String, expected: String) { #expect(DomainName(text)?.text == expected) }

    @Test(arguments: [
        "", ".", "..", "a..b", ".a", "a..", "-a", "a-", "a.-b", "a-.b", "a b", "a/b", "a\u{0}", "a\r\n", "a@b", "[1.2.3.4]", "a:b", "*.a",
    ])
    func whatIsNoNameIsNotRead(text: String) { #expect(DomainName(text) == nil) }

    @Test func labelsAndNamesHaveALimit() {
        let label = String(repeating: "a", count: 63)
        #expect(DomainName(label) != nil)
        #expect(DomainName(label + "a") == nil)
        let longest = "\(label).\(label).\(label).\(String(repeating: "a", count: 61))"
        #expect(longest.utf8.count == 253)
        #expect(DomainName(longest) != nil)
        #expect(DomainName(longest + ".") != nil)
        #expect(DomainName(longest + "a") == nil)
    }

    /// The capital I with a dot takes two octets, its lower case three.
    @Test func aNameThatGrowsInLowerCaseStaysWithinTheLimit() {
        #expect(DomainName(String(repeating: "İ", count: 21)) != nil)
        #expect(DomainName(String(repeating: "İ", count: 22)) == nil)
    }

    @Test func aNameIsWithinItselfAndItsParents() throws {
        let name = try #require(DomainName("a.b.test"))
        for parent in ["a.b.test", "b.test", "test"] { #expect(name.isWithin(DomainName(parent)!)) }
        for other in ["x.a.b.test", ".test", "xb.test", "b.tes"] { #expect(DomainName(other).map { name.isWithin($0) } != true) }
        #expect(DomainName("evilb.test")!.isWithin(DomainName("b.test")!) == false)
    }
}
