import MailCorpus
import MailModel
import Testing

@testable import InternetMessage
@testable import MailAuthentication

/// Keys that all tests share, since RSA keys take long to make.
enum TestKeys {
    static let rsa = try! DKIMPrivateKey.generate(.rsaSHA256)
    static let ed25519 = try! DKIMPrivateKey.generate(.ed25519SHA256)
    static let domain = DomainName("example.org")!
    static let signers = [
        DKIMSigner(domain: domain, selector: DomainName("r1")!, key: rsa)!,
        DKIMSigner(domain: domain, selector: DomainName("e1")!, key: ed25519)!,
    ]

    static func records() throws -> [DomainName: String] {
        try [
            DomainName("r1._domainkey.example.org")!: rsa.publicRecord(), DomainName("e1._domainkey.example.org")!: ed25519.publicRecord(),
        ]
    }
}

let signedAt = Timestamp(seconds: 1_795_311_831)

func sign(_ content: [UInt8], expiresAfter: Duration? = nil) throws -> [UInt8] {
    let header = try HeaderSection.scan(content).get()
    return try DKIM.signatures(content: content, header: header, signers: TestKeys.signers, at: signedAt, expiresAfter: expiresAfter)
        + content
}

func verify(_ content: [UInt8], records: [DomainName: String]? = nil, at now: Timestamp = signedAt) throws -> [DKIMVerification.Outcome] {
    let keys = try (records ?? TestKeys.records()).mapValues { DNSAnswer.records([$0], isSecure: false, ttlSeconds: 60) }
    return try DKIM.verify(content: content, header: try HeaderSection.scan(content).get(), keys: keys, at: now).map(\.outcome)
}

private let message = """
    Received: from x by y; z
    From: Joe <joe@example.org>
    To: a@b.example,
      c@d.example
    Subject: Is  dinner\tready?
    Date: Fri, 11 Jul 2003 21:00:37 -0700
    Message-ID: <1@example.org>
    List-Unsubscribe: <https://example.org/u>
    List-Unsubscribe-Post: List-Unsubscribe=One-Click
    Feedback-ID: a:b:c:example
    MIME-Version: 1.0
    Content-Type: text/plain; charset=utf-8
    Content-Transfer-Encoding: 8bit
    References: <0@example.org>
    X-Own: not signed

    Hi.

    We lost the  game.  Are you hungry yet?\t

    Joe.


    """

@Suite struct DKIMTests {
    private let content = wire(message)

    @Test func whatWeSignVerifies() throws {
        #expect(try verify(sign(content)) == [.pass, .pass])
    }

    @Test func signaturesAreFoldedAndSayWhatTheyCover() throws {
        let signed = String(decoding: try sign(content, expiresAfter: .seconds(3600)).dropLast(content.count), as: UTF8.self)
        #expect(signed.split(separator: "\r\n").allSatisfy { $0.utf8.count <= 78 })
        let unfolded = signed.replacing("\r\n\t ", with: "").replacing("\r\n\t", with: "")
        #expect(
            unfolded.hasPrefix(
                "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org;s=r1; t=1795311831; x=1795315431;h=from:from:to:to:cc:"
            ))
        let list = unfolded.split(separator: "h=")[1].split(separator: ";")[0].split(separator: ":").map(String.init)
        #expect(list.count { $0 == "from" } == 2)
        for name in ["list-unsubscribe", "list-unsubscribe-post", "feedback-id", "mime-version", "content-type", "references"] {
            #expect(list.contains(name), "\(name)")
        }
        #expect(!list.contains("received") && !list.contains("x-own") && !unfolded.contains("l="))
    }

    @Test(arguments: [
        "joe@example.org", "c@d.example", "dinner", "Fri, 11", "<1@example.org>", "https://example.org/u", "One-Click", "a:b:c", "1.0",
        "text/plain", "8bit", "<0@example.org>",
    ])
    func changingASignedFieldFails(_ part: String) throws {
        let changed = message.replacing(part, with: part + "x")
        let signature = try sign(content).dropLast(content.count)
        #expect(try verify(signature + wire(changed)) == Array(repeating: .fail("the header has changed, or the key is another"), count: 2))
    }

    @Test(arguments: [
        "From: evil@x.example", "Subject: other", "Cc: more@x.example", "Reply-To: evil@x.example", "Date: now", "To: b@c.example",
    ])
    func addingAFieldOnTopOrBelowFails(_ field: String) throws {
        let signature = try sign(content).dropLast(content.count)
        for changed in ["\(field)\n\(message)", message.replacing("\n\nHi.", with: "\n\(field)\n\nHi.")] {
            let outcomes = try verify(signature + wire(changed))
            #expect(outcomes == Array(repeating: .fail("the header has changed, or the key is another"), count: 2))
        }
    }

    @Test func changingTheBodyFails() throws {
        let signature = try sign(content).dropLast(content.count)
        for changed in [message + "x\n", message.replacing("hungry", with: "angry"), message.replacing("Hi.\n\nWe", with: "Hi.\nWe")] {
            #expect(try verify(signature + wire(changed)) == [.fail("the body has changed"), .fail("the body has changed")])
        }
    }

    @Test func changesThatTheFormAllowsPass() throws {
        let signature = try sign(content).dropLast(content.count)
        let changed = message.replacing("Subject: Is  dinner", with: "subject:   Is\n dinner").replacing(
            "lost the  game.", with: "lost the game. "
        )
        .replacing("X-Own: not signed", with: "X-Own: changed\nX-New: y")
        #expect(try verify(signature + wire(changed)) == [.pass, .pass])
    }

    @Test func aSignatureEndsWhenItSays() throws {
        let signed = try sign(content, expiresAfter: .seconds(10))
        #expect(try verify(signed, at: signedAt + .seconds(10)) == [.pass, .pass])
        #expect(try verify(signed, at: signedAt + .seconds(11)) == Array(repeating: .fail("the signature has expired"), count: 2))
    }

    @Test(arguments: [
        ("v=DKIM1; k=rsa; p=", "the key is revoked"), ("v=DKIM1; k=ed25519; p=AAAA", "the key is of another type"),
        ("v=DKIM2; p=AAAA", "no key record can be read"), ("k=rsa; v=DKIM1; p=AAAA", "no key record can be read"),
        ("nonsense", "no key record can be read"), ("v=DKIM1; p=AAAA", "the key cannot be read"),
        ("v=DKIM1; p=!", "no key record can be read"),
        ("v=DKIM1; h=sha1; p=AAAA", "the key does not allow the hash"), ("v=DKIM1; s=tlsrpt; p=AAAA", "the key is not for mail"),
    ])
    func aKeyThatDoesNotFitIsAPermanentError(_ record: String, _ reason: String) throws {
        let name = try #require(DomainName("r1._domainkey.example.org"))
        #expect(try verify(sign(content), records: [name: record]).first == .permanentError(reason))
    }

    @Test func answersOfTheDNSAreToldApart() throws {
        let signed = try sign(content)
        let header = try HeaderSection.scan(signed).get()
        let names = DKIM.keyNames(content: signed, header: header)
        #expect(names.map(\.text) == ["r1._domainkey.example.org", "e1._domainkey.example.org"])
        let keys: [DomainName: DNSAnswer<String>] = [
            names[0]: .noRecords(nameExists: false, isSecure: false, ttlSeconds: 0), names[1]: .failure(reason: "time-out", isBogus: false),
        ]
        #expect(
            try DKIM.verify(content: signed, header: header, keys: keys, at: signedAt).map(\.outcome)
                == [.permanentError("no key is published"), .temporaryError("the key could not be asked for")])
    }

    @Test(arguments: [
        ("v=2; a=rsa-sha256; d=a.example; s=s; h=from; bh=; b=AAAA", "the version is not 1"),
        ("v=1; a=rsa-sha1; d=a.example; s=s; h=from; bh=; b=AAAA", "the algorithm is not known or not safe: rsa-sha1"),
        ("v=1; a=rsa-sha256; d=a..example; s=s; h=from; bh=; b=AAAA", "bad d= or s="),
        ("v=1; a=rsa-sha256; c=odd; d=a.example; s=s; h=from; bh=; b=AAAA", "bad c="),
        ("v=1; a=rsa-sha256; d=a.example; s=s; h=to; bh=; b=AAAA", "From is not signed"),
        ("v=1; a=rsa-sha256; d=a.example; s=s; h=from; bh=AAAA; b=AAAA", "bad bh="),
        ("v=1; v=1; a=rsa-sha256", "the signature is not a list of tags"), ("", "the version is not 1"),
        (";;=;", "the signature is not a list of tags"),
        ("v=1; a=rsa-sha256; d=a.example; s=s; h=from; i=x@b.example; bh=\(hash); b=AAAA", "i= is not within d="),
        ("v=1; a=rsa-sha256; d=a.example; s=s; h=from; t=5; x=5; bh=\(hash); b=AAAA", "bad t=, x= or l="),
        ("v=1; a=rsa-sha256; d=a.example; s=s; h=from; l=99999999999999999999; bh=\(hash); b=AAAA", "bad t=, x= or l="),
        ("v=1; a=rsa-sha256; d=a.example; s=s; h=from; bh=\(hash); b=*", "bad b="),
    ])
    func aSignatureThatCannotBeUsedSaysWhy(_ value: String, _ reason: String) throws {
        #expect(try verify(wire("DKIM-Signature: \(value)\nFrom: a@b\n\n")) == [.permanentError(reason)])
    }

    private static let hash = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="

    @Test func onlySoManySignaturesAreLookedAt() throws {
        let many = wire(String(repeating: "DKIM-Signature: v=9\n", count: DKIM.signaturesMax + 1) + "From: a@b\n\n")
        #expect(try verify(many).count == DKIM.signaturesMax)
    }

    @Test func aMessageWithoutSignaturesHasNoResults() throws { #expect(try verify(content) == []) }

    /// RFC 8463 appendix A.
    @Test func theVectorOfTheStandardPasses() throws {
        let records: [DomainName: String] = [
            try #require(DomainName("brisbane._domainkey.football.example.com")):
                "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
            try #require(DomainName("test._domainkey.football.example.com")): "v=DKIM1; k=rsa; p=" + vectorRSAKey,
        ]
        #expect(try verify(wire(vector), records: records) == [.pass, .pass])
        #expect(
            try verify(wire(vector.replacing("hungry", with: "angry")), records: records)
                == [.fail("the body has changed"), .fail("the body has changed")])
    }
}

private let vectorRSAKey =
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutAC"
    + "DfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB"

private let vector = """
    DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
     d=football.example.com; i=@football.example.com;
     q=dns/txt; s=brisbane; t=1528637909; h=from : to :
     subject : date : message-id : from : subject : date;
     bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
     b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus
     Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==
    DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;
     d=football.example.com; i=@football.example.com;
     q=dns/txt; s=test; t=1528637909; h=from : to : subject :
     date : message-id : from : subject : date;
     bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
     b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3
     DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz
     dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=
    From: Joe SixPack <joe@football.example.com>
    To: Suzie Q <suzie@shopping.example.net>
    Subject: Is dinner ready?
    Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
    Message-ID: <20030712040037.46341.5F8J@football.example.com>

    Hi.

    We lost the game.  Are you hungry yet?

    Joe.

    """
