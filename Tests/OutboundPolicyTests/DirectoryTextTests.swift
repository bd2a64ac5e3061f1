import MailModel
import OutboundPolicy
import Testing

@Suite struct DirectoryTextTests {
    static let grants: [(text: String, written: String, covered: [String], uncovered: [String])] = [
        ("*", "*", ["a@x.test", "a@[192.0.2.1]"], []),
        ("Kim@X.test", "Kim@x.test", ["kim@x.test", "KIM@X.TEST"], ["lee@x.test", "kim@a.x.test"]),
        ("@x.test", "@x.test", ["a@x.test"], ["a@a.x.test", "a@evilx.test", "a@[192.0.2.1]"]),
        ("x.test", "@x.test", ["a@X.test"], ["a@y.test"]),
        ("*.x.test", "*.x.test", ["a@a.x.test", "a@b.a.x.test"], ["a@x.test", "a@evilx.test", "a@[192.0.2.1]"]),
        ("\"a b\"@x.test", "\"a b\"@x.test", ["\"A b\"@x.test"], ["ab@x.test"]),
        ("a@[192.0.2.1]", "a@[192.0.2.1]", ["A@[192.0.2.1]"], ["a@[192.0.2.2]"]),
    ]

    @Test(arguments: grants) func aGrantCoversItsAddresses(_ row: (text: String, written: String, covered: [String], uncovered: [String]))
        throws
    {
        let grant = try #require(AddressGrant(row.text))
        #expect(grant.description == row.written)
        #expect(AddressGrant(grant.description) == grant)
        for text in row.covered { #expect(grant.covers(try #require(EmailAddress(text))), "\(text)") }
        for text in row.uncovered { #expect(!grant.covers(try #require(EmailAddress(text))), "\(text)") }
    }

    @Test(arguments: ["", "@", "*.", "**", "a@", "a b", "*.*.x.test", "@*.x.test", "a@x.test, b@x.test"])
    func whatIsNoGrantIsNotRead(text: String) { #expect(AddressGrant(text) == nil) }

    @Test(arguments: [
        ("connector", SenderIdentity.connector), ("envelope", .envelopeSender), ("from", .fromAddress),
        ("header:X-Authenticated-Sender", .header("X-Authenticated-Sender")),
    ])
    func aSenderIdentityReadsBack(text: String, identity: SenderIdentity) {
        #expect(SenderIdentity(text) == identity)
        #expect(identity.description == text)
    }

    @Test(arguments: ["", "Connector", "header", "header:", "header:a b", "header:a:b", "header:a\r\n", "header:é"])
    func whatIsNoSenderIdentityIsNotRead(text: String) { #expect(SenderIdentity(text) == nil) }

    @Test func aTrustedFieldNameHasALimit() {
        #expect(SenderIdentity("header:" + String(repeating: "a", count: 73)) != nil)
        #expect(SenderIdentity("header:" + String(repeating: "a", count: 74)) == nil)
    }

    @Test(arguments: [
        ("all", Pause.Scope.all, "all"), ("external", .external, "external"),
        ("sender:Kim@X.test", .sender("kim@x.test"), "sender:kim@x.test"),
        ("sender:connector:app", .sender("connector:app"), "sender:connector:app"), ("route:Relay", .route("Relay"), "route:Relay"),
    ])
    func aPauseReadsBack(text: String, scope: Pause.Scope, written: String) {
        #expect(Pause.Scope(text) == scope)
        #expect(scope.description == written)
        #expect(Pause.Scope(written) == scope)
    }

    @Test(arguments: ["", "All", "sender:", "route:", "sender", "internal"]) func whatIsNoPauseIsNotRead(text: String) {
        #expect(Pause.Scope(text) == nil)
    }

    @Test func anInternalRecipientIsOneOfAnAcceptedDomain() {
        var home = AcceptedDomain(name: DomainName("home.test")!)
        home.includesSubdomains = true
        let plain = AcceptedDomain(name: DomainName("plain.test")!)
        let exact = AcceptedDomain(name: DomainName("lab.home.test")!)
        let directory = Directory(domains: [home.name: home, plain.name: plain, exact.name: exact])
        func domain(_ address: String) -> String? { directory.acceptedDomain(of: EmailAddress(address)!)?.name.text }
        #expect(domain("a@home.test") == "home.test")
        #expect(domain("a@x.home.test") == "home.test")
        #expect(domain("a@y.x.home.test") == "home.test")
        #expect(domain("a@lab.home.test") == "lab.home.test")
        #expect(domain("a@plain.test") == "plain.test")
        #expect(domain("a@x.plain.test") == nil)
        #expect(domain("a@evilhome.test") == nil)
        #expect(domain("a@test") == nil)
        #expect(domain("a@[192.0.2.1]") == nil)
    }
}
