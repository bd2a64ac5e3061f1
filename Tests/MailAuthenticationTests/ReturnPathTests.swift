import MailModel
import Testing

@testable import MailAuthentication

@Suite struct ReturnPathTests {
    private static let key = [UInt8](repeating: 7, count: 32)
    private let domain: DomainName
    private let id = RecipientID(tenant: .standard, message: MessageID(889_000_123_456_789), index: 17)

    init() throws { domain = try #require(DomainName("bounces.example.org")) }

    @Test func whatIsMadeIsReadAgainInAnyCase() throws {
        let address = try ReturnPath(id).address(at: domain, key: ReturnPathTests.key)
        #expect(address.localPart.utf8.count <= 44 && !address.isInternationalized)
        #expect(try ReturnPath(address, at: domain, key: ReturnPathTests.key)?.recipient == id)
        let shouted = try #require(EmailAddress(address.description.uppercased()))
        #expect(try ReturnPath(shouted, at: domain, key: ReturnPathTests.key)?.recipient == id)
        for index in [0, Int32.max] {
            let other = RecipientID(tenant: .standard, message: MessageID(.max), index: index)
            let long = try ReturnPath(other).address(at: domain, key: ReturnPathTests.key)
            #expect(long.localPart.utf8.count <= 48)
            #expect(try ReturnPath(long, at: domain, key: ReturnPathTests.key)?.recipient == other)
        }
    }

    @Test func noOtherAddressIsTaken() throws {
        let address = try ReturnPath(id).address(at: domain, key: ReturnPathTests.key)
        let octets = Array(address.localPart.utf8)
        for place in octets.indices {
            for octet in Array("019az-+".utf8) where octet != octets[place] {
                var changed = octets
                changed[place] = octet
                let text = "\(String(decoding: changed, as: UTF8.self))@bounces.example.org"
                let forged = try #require(EmailAddress(text))
                #expect(try ReturnPath(forged, at: domain, key: ReturnPathTests.key) == nil, "\(text)")
            }
        }
        let elsewhere = try #require(DomainName("example.org"))
        #expect(try ReturnPath(address, at: elsewhere, key: ReturnPathTests.key) == nil)
        #expect(try ReturnPath(address, at: domain, key: [UInt8](repeating: 8, count: 32)) == nil)
        #expect(try ReturnPath(address, at: domain, key: ReturnPathTests.key, tenant: TenantID(2)) == nil)
        for local in ["b", "b---", "b-0000000000000-+1-0", "b-0000000000000-01-0123456789abcdef", "\"b-1-1-1\"", "postmaster"] {
            let odd = try #require(EmailAddress("\(local)@bounces.example.org"))
            #expect(try ReturnPath(odd, at: domain, key: ReturnPathTests.key) == nil, "\(local)")
        }
    }

    /// RFC 4231, test cases 1, 2 and 6.
    @Test(arguments: [
        (
            key: [UInt8](repeating: 0x0B, count: 20), text: "Hi There",
            code: "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            key: Array("Jefe".utf8), text: "what do ya want for nothing?",
            code: "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            key: [UInt8](repeating: 0xAA, count: 131), text: "Test Using Larger Than Block-Size Key - Hash Key First",
            code: "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
    ])
    func codesAreThoseOfTheStandard(_ sample: (key: [UInt8], text: String, code: String)) throws {
        #expect(try HMACSHA256.code(Array(sample.text.utf8), key: sample.key).hexadecimal == sample.code)
    }
}
