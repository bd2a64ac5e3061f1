import MailModel
import Testing

@Suite struct SuppressionValueTests {
    /// Vectors of the authors' own program: SipHash-2-4 with 128 bits, the key 00…0f, the text 00…(count - 1).
    @Test(arguments: [
        (0, "930255c71472f66de6a825ba047f81a3"), (1, "45fc229b1159763444af996bd8c187da"),
        (15, "d9c3cf970fec087e11a8b03399e99354"),
    ])
    func theHashIsTheOneOfItsAuthors(_ count: Int, _ text: String) throws {
        let key = try #require(AddressKey([UInt8](0..<16)))
        let digest = [UInt8](0..<16)[..<count].withUnsafeBytes { key.digest($0) }
        #expect(digest.text == text)
        #expect(AddressDigest(digest.text) == digest)
    }

    @Test(arguments: ["", "0123", "0123456789abcdef0123456789abcdeg", "0123456789ABCDEF0123456789abcdef"])
    func whatIsNoHashIsNotRead(_ text: String) { #expect(AddressDigest(text) == nil) }

    @Test func addressesAreComparedAsPeopleReadThem() throws {
        func key(_ text: String) throws -> String { try #require(EmailAddress(text)).suppressionKey }
        #expect(try key("Kim.Lee+x@Example.ORG") == key("kim.lee+X@example.org"))
        #expect(try key("kim@xn--mnchen-3ya.example") == key("kim@München.example"))
        #expect(try key("kim.lee@example.org") != key("kimlee@example.org"))
        #expect(try key("kim@xn--a-ecp.ru") != key("kim@xn--a.ru"))
    }

    /// RFC 3492, section 7.1, and what is none.
    @Test(arguments: [
        ("ihqwcrb4cv8a8dqg056pqjye", "他们为什么不说中文"), ("3B-ww4c5e180e575a65lsy2b", "3年b組金八先生"), ("mnchen-3ya", "münchen"), ("!!", nil),
        ("a-99999999", nil),
    ])
    func labelsAreReadFromTheirASCIIForm(_ label: String, _ text: String?) { #expect(Punycode.decode(label)?.lowercased() == text) }

    @Test(arguments: ["organisation", "tenant", "list:news.example.org", "stream:connector:shop"])
    func scopesComeBackAsTheyWere(_ text: String) { #expect(SuppressionScope(text)?.description == text) }

    @Test(arguments: ["", "list:", "list:a b", "stream", "host:x", "list:\(String(repeating: "a", count: 256))"])
    func whatIsNoScopeIsNotRead(_ text: String) { #expect(SuppressionScope(text) == nil) }

    /// Our own faults are no reason, whatever the list of classes becomes.
    @Test func noOwnFaultCostsAnAddressItsMail() {
        for bounceClass in BounceClass.allCases where bounceClass.isOwnFault { #expect(SuppressionReason(bounceClass) == nil) }
        #expect(BounceClass.allCases.filter(\.isHard).map { SuppressionReason($0)?.group } == [.dead])
    }
}
