import ContentReading
import ContentScan
import Foundation
import InternetMessage
import MailCorpus
import Testing

/// What is read out of octets.
@Suite struct ReadingTests {
    @Test func partsCharsetsAndEncodingsAreRead() {
        let message = """
            From: a@example.org
            Content-Type: multipart/alternative; boundary="x y"

            preamble
            --x y
            Content-Type: text/plain; charset=koi8-r
            Content-Transfer-Encoding: quoted-printable

            =F0=D2=C9=D7=C5=D4
            --x y
            Content-Type: text/html; charset="iso-8859-1"
            Content-Transfer-Encoding: base64

            PHA+R3L832U8L3A+
            --x y--

            """
        let content = ContentReader().read(wire(message))
        #expect(String(decoding: content.plain, as: UTF8.self).hasPrefix("Привет"))
        let visible = String(decoding: content.html?.visible ?? [], as: UTF8.self)
        #expect(visible.hasPrefix("Grüße"))
        #expect(content.parts.map(\.type) == ["text/plain", "text/html"])
        #expect(content.defects.isEmpty)
    }

    @Test func charsetsOfTheEastAreRead() {
        let encoded = Data([0xB0, 0xA1, 0xB3, 0xAA]).base64EncodedString()
        let message =
            "From: a@example.org\nContent-Type: text/plain; charset=ks_c_5601-1987\nContent-Transfer-Encoding: base64\n\n\(encoded)\n"
        #expect(String(decoding: ContentReader().read(wire(message)).plain, as: UTF8.self) == "가나")
    }

    @Test(arguments: ["../../etc/passwd", "UTF-8//TRANSLIT", "x-unknown", "", "utf-8"]) func anUnknownCharsetIsReadAsItFits(
        _ charset: String
    ) {
        let message =
            Array("From: a@example.org\r\nContent-Type: text/plain; charset=\"\(charset)\"\r\n\r\nGr".utf8) + [0xFC, 0xDF]
            + Array("e\r\n".utf8)
        #expect(String(decoding: ContentReader().read(message).plain, as: UTF8.self) == "Grüße\r\n")
    }

    @Test func linksHaveTheirHostsAndSites() throws {
        let content = ContentReader().read(
            wire(html("<a href='https://User:x@Shop.Bücher.co.uk:444/a/12?x=1#y'>Buy <b>now</b></a> and www.example.net/z.")))
        let link = try #require(content.links.first)
        #expect(link.kind == .anchor && link.text == "Buy now")
        #expect(link.host == LinkHost(name: "shop.xn--bcher-kva.co.uk", shown: "shop.bücher.co.uk", site: "xn--bcher-kva.co.uk"))
        #expect(link.address.user == "User:x" && link.address.port == 444 && link.address.query == "x=1")
        #expect(link.address.shape == "a/#")
        #expect(content.links.dropFirst().map(\.address.text) == ["www.example.net/z"])
    }

    @Test(arguments: ["mailto:a@example.org", "#top", "page.html", "cid:1", "http://", "javascript:x()", ""])
    func whatLeadsNowhereIsNoLink(_ text: String) { #expect(LinkAddress(text.utf8) == nil) }

    @Test(arguments: [
        ("hTTps:\\\\Evil.Example\\x", "evil.example"), ("http:///evil.example", "evil.example"), ("//evil.example/a", "evil.example"),
        ("ht\ntp://evil.exam\tple", "evil.example"), ("http://a@b@evil.example", "evil.example"), ("http://evil.example.", "evil.example"),
    ])
    func addressesAreReadAsBrowsersDo(_ text: String, _ host: String) {
        #expect(LinkAddress(text.utf8)?.host == host)
        #expect(LinkAddress(text.utf8.lazy.map { $0 }) == LinkAddress(text.utf8))
    }

    @Test func whatChangesFromCopyToCopyIsNotInTheShape() throws {
        let address = try #require(LinkAddress("http://a.example//Für/12/a1b2c3/averyveryverylongsegment/x?id=7".utf8))
        #expect(address.shapes == ["für", "#", "*", "*", "x"] && address.shape == "für/#/*/*/x")
        #expect(try #require(LinkAddress("http://a.example".utf8)).shapes.isEmpty)
    }

    @Test(arguments: [
        ("1.2.3.4", true), ("[::1]", true), ("0x7f.1", true), ("3com.example", false), ("a.example", false), ("1.2.3.4.5", false),
    ])
    func numbersAreToldFromNames(_ host: String, _ isNumber: Bool) throws {
        #expect(try #require(LinkAddress("http://\(host)/".utf8)).isHostNumeric == isNumber)
    }

    @Test func whatIsHiddenIsNotSeen() throws {
        let content = ContentReader().read(
            wire(html("<style>p {}</style><p>seen</p><div style='visibility:hidden'>no <b>no</b></div><p hidden>no</p><p>again</p>")))
        let page = try #require(content.html)
        #expect(String(decoding: page.visible, as: UTF8.self).split(whereSeparator: \.isWhitespace) == ["seen", "again"])
        #expect(String(decoding: page.hidden, as: UTF8.self).contains("no"))
    }

    @Test func brokenHTMLIsReadAsFarAsItGoes() {
        for text in [
            "<p", "<a href='http://x.example", "<b><i></b></i></p></p>", "&#xFFFFFFFF;&bogus;", "<!--", "<![CDATA[", "\u{0}<p>x", "</",
        ] {
            #expect(ContentReader().read(wire(html(text))).html != nil)
        }
    }
}
