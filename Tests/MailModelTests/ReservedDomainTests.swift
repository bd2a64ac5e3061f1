import MailModel
import Testing

@Suite struct ReservedDomainTests {
    @Test(arguments: ["a.test", "test", "example.org", "mail.example.com", "x.example", "b.invalid", "localhost"])
    func namesOfTrialsAreReserved(_ text: String) throws {
        #expect(try #require(DomainName(text)).isReserved)
    }

    @Test(arguments: ["example.de", "contest", "latest.org", "example.org.uk", "notexample.org"])
    func othersAreNot(_ text: String) throws {
        #expect(try !#require(DomainName(text)).isReserved)
    }

    /// One form of an internationalised domain, wherever its encoded label stands; letters that only look like the mark are none.
    @Test func anEncodedLabelIsFoundWhereverItStands() throws {
        func key(_ text: String) throws -> String { try #require(EmailAddress(text)).suppressionKey }
        #expect(try key("a@xn--bcher-kva.example") == key("a@bücher.example"))
        #expect(try key("a@mail.xn--bcher-kva.example") == key("a@mail.bücher.example"))
        #expect(try key("a@axn--b.example") == "a@axn--b.example")
    }
}
