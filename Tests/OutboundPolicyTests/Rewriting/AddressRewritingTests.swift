import Foundation
import MailModel
import OutboundPolicy
import Testing

@Suite struct AddressRewritingTests {
    private func rewriting(_ rules: String..., parts: Set<AddressRewriting.Part> = AddressRewriting.partsStandard) throws
        -> AddressRewriting
    {
        AddressRewriting(rules: try rules.map { try #require(AddressRewriteRule($0), "\($0)") }, parts: parts)
    }

    @Test(arguments: [
        ("root@*.local", "root@printer.local", true), ("root@*.local", "ROOT@A.B.Local", true), ("root@*.local", "root@local", false),
        ("root@*.local", "root2@a.local", false), ("*", "x@[192.0.2.1]", true), ("*@example.org", "a@example.org", true),
        ("*@example.org", "a@sub.example.org", false), ("*@*example.org", "a@sub.example.org", true),
        ("a*b*c@x.test", "aXXbYYc@x.test", true),
        ("a*b*c@x.test", "abXc@y.test", false), ("a*bc@x.test", "abXbc@x.test", true), ("a*bc@x.test", "abXb@x.test", false),
        ("scan-*@[192.0.2.*]", "scan-1@[192.0.2.77]", true),
    ])
    func `a star stands for any text`(_ pattern: String, _ address: String, _ fits: Bool) throws {
        #expect(try #require(AddressPattern(pattern)).matches(try #require(EmailAddress(address))) == fits)
    }

    @Test(arguments: ["", "root", "@x.test", "root@", "ro ot@x.test", "a@b\n"]) func `no pattern`(_ text: String) {
        #expect(AddressPattern(text) == nil)
    }

    @Test(arguments: ["", "=", "a@b", "a@b=", "a@b=c", "=a@b.test", "*=*@", "*@x=*", "a=b"]) func `no rule`(_ text: String) {
        #expect(AddressRewriteRule(text) == nil)
    }

    @Test func `the first rule that fits decides, and nothing is rewritten twice`() throws {
        let rewriting = try rewriting("keep@old.test=keep@old.test", "*@old.test=*@new.test", "*@new.test=x@wrong.test", "*=all@new.test")
        func new(_ text: String) -> String? { EmailAddress(text).flatMap(rewriting.replacement)?.description }
        #expect(new("keep@old.test") == nil)
        #expect(new("Anna.B@old.test") == "Anna.B@new.test")
        #expect(new("a@new.test") == "x@wrong.test")
        #expect(new("root@[192.0.2.1]") == "all@new.test")
    }

    @Test func `a null sender stays one`() throws {
        #expect(try rewriting("*=a@b.test").applied(to: .null) == .null)
        #expect(
            try rewriting("*=a@b.test", parts: [.from]).applied(to: .address(#require(EmailAddress("x@y.test")))).description == "x@y.test")
    }

    @Test func `what was done is told`() throws {
        let rewriting = try rewriting("root@*.local=postern@contoso.test")
        let path = ReversePath.address(try #require(EmailAddress("root@a.local")))
        let finding = rewriting.finding(of: path, from: "Root <root@b.local>", by: "route office")
        #expect(finding?.rule == "rewrite.route")
        #expect(finding?.matched == "root@a.local -> postern@contoso.test, root@b.local -> postern@contoso.test")
        #expect(
            finding?.explanation
                == "Sent as postern@contoso.test, since route office rewrites root@a.local; postern@contoso.test, since route office rewrites "
                + "root@b.local.")
        #expect(rewriting.finding(of: .null, from: "a@b.test", by: "route office") == nil)
    }

    @Test func `it is kept as text`() throws {
        let rewriting = try rewriting("root@*.local=postern@contoso.test", "*=*@contoso.test", parts: [.envelope, .replyTo])
        let data = try JSONEncoder().encode(rewriting)
        #expect(String(decoding: data, as: UTF8.self).contains(#""*=*@contoso.test""#))
        #expect(try JSONDecoder().decode(AddressRewriting.self, from: data) == rewriting)
        // Rows of before.
        #expect(
            try JSONDecoder().decode(Route.self, from: JSONEncoder().encode(Route(name: "a", kind: .mx, createdAt: Timestamp(seconds: 0))))
                .rewriting == nil)
    }
}
