import Foundation
import InternetMessage
import MailCorpus
import MailModel
import Testing

@testable import MailAuthentication

@Suite struct ARCTests {
    private static let host = DomainName("gate.example.org")!
    private static let content = wire("From: a@sender.example\nTo: x@y.example\nSubject: forwarded\n\nHello.\n")

    private static func keys() throws -> [DomainName: DNSAnswer<String>] {
        try TestKeys.records().mapValues { .records([$0], isSecure: false, ttlSeconds: 60) }
    }

    private static func chain(_ content: [UInt8], keys: [DomainName: DNSAnswer<String>]? = nil) throws -> ARCChain {
        try ARC.verify(content: content, header: try HeaderSection.scan(content).get(), keys: keys ?? ARCTests.keys(), at: signedAt)
    }

    /// With one more set on top.
    private static func sealed(_ content: [UInt8], signer: Int = 0, after chain: ARCChain? = nil) throws -> [UInt8]? {
        let header = try HeaderSection.scan(content).get()
        let chain = try chain ?? ARCTests.chain(content)
        let results = "dkim=pass header.d=sender.example; arc=\(chain.result ?? "none")"
        return try ARC.seal(
            content: content, header: header, chain: chain, host: host, results: results, signer: TestKeys.signers[signer], at: signedAt
        ).map { $0 + content }
    }

    private static func passes(_ chain: ARCChain, _ count: Int) -> Bool {
        if case .pass(let instances, let sealers) = chain { instances == count && sealers.count == count } else { false }
    }

    private static func reason(_ chain: ARCChain) -> String {
        if case .fail(let reason, _) = chain { reason } else { "\(chain)" }
    }

    @Test func aChainGrowsAndIsVerified() throws {
        var content = ARCTests.content
        #expect(try ARCTests.chain(content) == .none)
        for count in 1...3 {
            content = try #require(try ARCTests.sealed(content, signer: count % 2))
            #expect(try ARCTests.passes(ARCTests.chain(content), count))
            // What a forwarder adds on top breaks nothing.
            content = Array("Received: from there by here; now\r\n".utf8) + content
        }
        let header = try HeaderSection.scan(content).get()
        #expect(ARC.keyNames(content: content, header: header).count == 2)
    }

    @Test func aChangeBreaksItForGood() throws {
        let once = try #require(try ARCTests.sealed(ARCTests.content))
        let content = try #require(try ARCTests.sealed(once))
        let text = String(decoding: content, as: UTF8.self)
        for (old, new, word) in [
            ("Hello.", "Hullo.", "body has changed"), ("Subject: forwarded", "Subject: changed", "header has changed"),
            ("i=1; gate.example.org;\r\n\tdkim=pass", "i=1; gate.example.org;\r\n\tdkim=fail", "seal 2"),
            ("cv=none", "cv=pass", "says cv=pass"), ("i=2; a=rsa-sha256; cv=pass", "i=2; a=rsa-sha256; cv=none", "says cv=none"),
        ] {
            #expect(text.contains(old), "\(old)")
            let changed = Array(text.replacing(old, with: new, maxReplacements: 1).utf8)
            let chain = try ARCTests.chain(changed)
            #expect(ARCTests.reason(chain).contains(word), "\(old): \(chain)")
            // It is sealed as failed once, and by nobody after that.
            guard let failed = try ARCTests.sealed(changed, after: chain) else { continue }
            let marked = String(decoding: failed, as: UTF8.self)
            #expect(marked.contains("i=3; a=rsa-sha256; cv=fail"))
            let after = try ARCTests.chain(failed)
            #expect(ARCTests.reason(after).contains("cv="))
            #expect(try ARCTests.sealed(failed, after: after) == nil)
        }
    }

    @Test func aSilentDNSSaysNothingOfAChain() throws {
        let content = try #require(try ARCTests.sealed(ARCTests.content))
        let chain = try ARCTests.chain(content, keys: [:])
        guard case .temporaryError = chain else {
            Issue.record("\(chain)")
            return
        }
        #expect(try ARCTests.sealed(content, after: chain) == nil)
        let gone = try ARCTests.keys().mapValues { _ in
            DNSAnswer<String>.noRecords(nameExists: false, isSecure: false, ttlSeconds: 60)
        }
        #expect(ARCTests.reason(try ARCTests.chain(content, keys: gone)).contains("no key is published"))
    }

    @Test func theFiftiethInstanceIsTheLast() throws {
        var content = ARCTests.content
        for _ in 1...ARC.instancesMax { content = try #require(try ARCTests.sealed(content, signer: 1)) }
        let chain = try ARCTests.chain(content)
        #expect(ARCTests.passes(chain, 50))
        #expect(try ARCTests.sealed(content, after: chain) == nil)
    }

    @Test(arguments: [
        "ARC-Seal: i=51; a=rsa-sha256; cv=none; d=example.org; s=r1; b=AAAA", "ARC-Seal: i=0; b=AA", "ARC-Seal: nothing",
        "ARC-Authentication-Results: i=1", "ARC-Message-Signature: i=99999999999999999999; b=AA", "ARC-Seal: i=-1; cv=none; b=AA",
        "ARC-Seal: i=1; cv=none; h=from; b=AA", "ARC-Message-Signature:\n ARC-Seal: i=1", "ARC-Seal: i=1; i=2; cv=none",
    ])
    func hostileFieldsAreAFailedChainAndNothingMore(_ field: String) throws {
        let content = wire(field + "\n") + ARCTests.content
        let chain = try ARCTests.chain(content)
        guard case .fail = chain else {
            Issue.record("\(chain)")
            return
        }
        let doubled = try #require(try ARCTests.sealed(ARCTests.content))
        #expect(ARCTests.reason(try ARCTests.chain(wire(field + "\n") + doubled)) != "")
        #expect(try !ARCTests.passes(ARCTests.chain(wire(field + "\n") + doubled), 1))
    }

    @Test func manyFieldsCostNoMoreThanTheirNumber() throws {
        let flood = String(repeating: "ARC-Seal: i=1; a=rsa-sha256; cv=none; d=example.org; s=r1; b=AAAA\n", count: 900)
        #expect(ARCTests.reason(try ARCTests.chain(wire(flood) + ARCTests.content)).contains("twice"))
        let results = (1...50).map { "ARC-Authentication-Results: i=\($0); x\n" }.joined()
        #expect(ARCTests.reason(try ARCTests.chain(wire(results) + ARCTests.content)).contains("not whole"))
    }

    // MARK: - dkimpy

    @Test(.enabled(if: Python.hasARC, "needs dkimpy, PyNaCl and authres (apt: python3-dkim python3-nacl python3-authres)"))
    func dkimpyVerifiesOurChainsAndWeVerifyItsChains() throws {
        try withTemporaryDirectory { directory in
            func file(_ name: String) -> URL { directory.appendingPathComponent(name) }
            let marked = wire("Authentication-Results: their.example; dkim=pass header.d=sender.example\n") + ARCTests.content
            try Data(TestKeys.rsa.pem().utf8).write(to: file("key"))
            try Data(TestKeys.records().map { "\($0.key) \($0.value)\n" }.joined().utf8).write(to: file("records"))
            // Ours alone; ours twice; theirs and then ours; ours and then theirs.
            let ours = try #require(try ARCTests.sealed(marked))
            try Data(ours).write(to: file("1.eml"))
            try Data(try #require(try ARCTests.sealed(ours))).write(to: file("2.eml"))
            try Data(String(decoding: ours, as: UTF8.self).replacing("Hello.", with: "Hullo.").utf8).write(to: file("bad.eml"))
            try Data(marked).write(to: file("unsealed"))
            // Without their own word that the chain passed they add nothing to it.
            try Data(wire("Authentication-Results: their.example; arc=pass\n") + ours).write(to: file("sealed"))
            let signed = try Python.run(sealWithDkimpy, [directory.path])
            #expect(signed.isSuccess, "\(signed.output)")
            let theirs = [UInt8](try Data(contentsOf: file("theirs")))
            let chain = try ARCTests.chain(theirs)
            #expect(ARCTests.passes(chain, 1), "\(chain)")
            let both = [UInt8](try Data(contentsOf: file("both")))
            let longer = try ARCTests.chain(both)
            #expect(ARCTests.passes(longer, 2), "\(longer)")
            try Data(try #require(try ARCTests.sealed(theirs))).write(to: file("3.eml"))
            try Data(try #require(try ARCTests.sealed(both))).write(to: file("4.eml"))
            let (output, isSuccess) = try Python.run(verifyChainsWithDkimpy, [directory.path])
            #expect(isSuccess && output == "1 pass\n2 pass\n3 pass\n4 pass\nbad fail\n", "\(output)")
        }
    }
}

private let sealWithDkimpy = """
    import dkim, sys
    folder = sys.argv[1]
    records = dict(line.strip().split(' ', 1) for line in open(folder + '/records'))
    dkim.get_txt = lambda name, timeout=5: records[name.decode().rstrip('.')].encode()
    dkim.ARC.verify.__defaults__ = (dkim.get_txt,)
    key = open(folder + '/key', 'rb').read()
    for source, target in (('unsealed', 'theirs'), ('sealed', 'both')):
        raw = open(folder + '/' + source, 'rb').read()
        fields = dkim.arc_sign(raw, b'r1', b'example.org', key, b'their.example', include_headers=[b'from', b'to', b'subject'])
        assert fields, source
        open(folder + '/' + target, 'wb').write(b''.join(fields) + raw)
    """

private let verifyChainsWithDkimpy = """
    import dkim, sys
    folder = sys.argv[1]
    records = dict(line.strip().split(' ', 1) for line in open(folder + '/records'))
    lookup = lambda name, timeout=5: records[name.decode().rstrip('.')].encode()
    for name in ('1', '2', '3', '4', 'bad'):
        result = dkim.arc_verify(open(folder + '/' + name + '.eml', 'rb').read(), dnsfunc=lookup)
        print(name, result[0].decode())
    """
