import DeliveryPlanning
import MailModel
import Testing

@Suite("Which TLS policy holds")
struct TLSPlanTests {
    private let domain = DomainName("example.test")!
    private let record = TLSARecord(usage: 3, selector: 1, matching: 1, data: [UInt8](repeating: 7, count: 32))

    private func enforce(_ patterns: String..., mode: MTASTSPolicy.Mode = .enforce) -> DomainSTS {
        DomainSTS(policy: MTASTSPolicy(mode: mode, patterns: patterns, maxAgeSeconds: 86_400))
    }

    /// What each of two hosts has to show; or the failure's text.
    private func plan(_ knowledge: TLSKnowledge, _ wish: TLSWish = .usual) -> [String] {
        let endpoints = ["mx1.test", "mx2.test"].map { Endpoint(hostName: $0, address: IPAddress("192.0.2.1")!, port: 25) }
        switch TLSPlan.apply(knowledge, to: .endpoints(endpoints, site: "s"), of: domain, wish) {
        case .endpoints(let endpoints, _): return endpoints.map { "\($0.hostName) \($0.tls?.demand.rawValue ?? "-")" }
        case .failed(let failure): return ["\(failure.reply)"]
        }
    }

    @Test func `without a policy the route decides`() {
        #expect(plan(TLSKnowledge()) == ["mx1.test -", "mx2.test -"])
    }

    @Test func `enforce asks for a certificate and leaves out hosts that it does not name`() {
        #expect(plan(TLSKnowledge(sts: enforce("*.test"))) == ["mx1.test stsEnforce", "mx2.test stsEnforce"])
        #expect(plan(TLSKnowledge(sts: enforce("mx2.test"))) == ["mx2.test stsEnforce"])
        let none = plan(TLSKnowledge(sts: enforce("other.test")))
        #expect(none.count == 1 && none[0].hasPrefix("451 4.7.0 ") && none[0].contains("mode enforce"))
    }

    @Test func `testing and none forbid nothing`() {
        #expect(plan(TLSKnowledge(sts: enforce("other.test", mode: .testing))) == ["mx1.test stsTesting", "mx2.test stsTesting"])
        #expect(plan(TLSKnowledge(sts: enforce(mode: .none))) == ["mx1.test -", "mx2.test -"])
    }

    @Test func `DANE comes before MTA-STS, host by host`() {
        var knowledge = TLSKnowledge(sts: enforce("mx2.test"), isSecureMX: true)
        knowledge.dane = ["mx1.test": .records([record], base: DomainName("mx1.test")!)]
        #expect(plan(knowledge) == ["mx1.test dane", "mx2.test stsEnforce"])
        knowledge.dane = ["mx1.test": .unusable, "mx2.test": .failed("SERVFAIL")]
        #expect(plan(knowledge) == ["mx1.test daneUnusable"])
        knowledge.dane = ["mx1.test": .failed("SERVFAIL"), "mx2.test": .failed("SERVFAIL")]
        #expect(plan(knowledge)[0].hasPrefix("451 4.7.0 DNS does not say whether mx1.test has TLSA records"))
    }

    @Test func `a host that has shown good TLS is not spoken to in plaintext`() {
        let knowledge = TLSKnowledge(remembered: ["mx1.test"])
        #expect(plan(knowledge) == ["mx1.test remembered", "mx2.test -"])
        #expect(HostTLS(.remembered).forbidsPlaintext && !HostTLS(.stsTesting).forbidsPlaintext)
    }

    @Test func `REQUIRETLS asks for hosts that are known for true`() {
        #expect(plan(TLSKnowledge(), .verified)[0].hasPrefix("550 5.7.10 "))
        #expect(plan(TLSKnowledge(isSecureMX: true), .verified) == ["mx1.test requireTLS", "mx2.test requireTLS"])
        #expect(plan(TLSKnowledge(sts: enforce("mx1.test", mode: .testing)), .verified) == ["mx1.test requireTLS"])
        #expect(plan(TLSKnowledge(dane: ["mx1.test": .unusable, "mx2.test": .unusable], isSecureMX: true), .verified)[0].hasPrefix("550"))
    }

    @Test func `REQUIRETLS waits where DNS may yet say more`() {
        let silent = TLSKnowledge(dane: ["mx1.test": .unusable, "mx2.test": .failed("SERVFAIL")], isSecureMX: true)
        #expect(plan(silent, .verified)[0].hasPrefix("451 4.7.0 DNS does not say whether mx2.test"))
    }

    @Test func `TLS-Required No goes before every policy`() {
        let knowledge = TLSKnowledge(sts: enforce("other.test"), dane: ["mx1.test": .failed("x")], remembered: ["mx2.test"])
        #expect(plan(knowledge, .waived) == ["mx1.test waived", "mx2.test waived"])
    }

    @Test func `connections are shared by mail that asks for the same`() {
        func sharing(_ tls: HostTLS?...) -> String? {
            tls.map { Endpoint(hostName: "mx.test", address: IPAddress("192.0.2.1")!, port: 25, tls: $0) }.tlsSharing
        }
        let authority = TLSARecord(usage: 2, selector: 0, matching: 1, data: record.data)
        #expect(sharing(nil, nil) == nil)
        #expect(sharing(HostTLS(.stsEnforce), HostTLS(.stsEnforce)) == "stsEnforce")
        #expect(sharing(HostTLS(.dane, records: [record]), nil) == "dane+route")
        #expect(sharing(HostTLS(.dane, records: [record], isAllTheWay: true)) == "dane all the way")
        // Of an authority's certificates, those for this domain are good for no other.
        #expect(sharing(HostTLS(.dane, records: [authority], names: ["mx.test", "a.test"])) == "dane mx.test a.test")
    }
}

@Suite("Where TLSA records stand")
struct DANEPlanTests {
    private let host = DomainName("mx.test")!
    private let end = DomainName("end.test")!

    private func addresses(isSecure: Bool) -> DNSAnswer<IPAddress> {
        .records([IPAddress("192.0.2.1")!], isSecure: isSecure, ttlSeconds: 60)
    }

    @Test func `bases by the security of addresses and aliases`() {
        #expect(DANEPlan.bases(of: host, addresses(isSecure: true), alias: nil) == [host])
        #expect(DANEPlan.bases(of: host, addresses(isSecure: false), alias: nil) == [])
        #expect(DANEPlan.bases(of: host, addresses(isSecure: true), alias: DNSAlias(target: end, isSecure: true)) == [end, host])
        #expect(DANEPlan.bases(of: host, addresses(isSecure: false), alias: DNSAlias(target: end, isSecure: true)) == [host])
        #expect(DANEPlan.bases(of: host, addresses(isSecure: false), alias: DNSAlias(target: end, isSecure: false)) == [])
        #expect(DANEPlan.name(of: host, port: 25)?.text == "_25._tcp.mx.test")
    }

    private func reading(_ records: TLSARecord..., isSecure: Bool = true) -> HostDANE? {
        DANEPlan.reading(.records(records, isSecure: isSecure, ttlSeconds: 60), base: host)
    }

    @Test func `records that are not secure count for nothing, and those of no use for TLS`() {
        let digest = [UInt8](repeating: 1, count: 32)
        let good = TLSARecord(usage: 3, selector: 1, matching: 1, data: digest)
        let web = TLSARecord(usage: 1, selector: 1, matching: 1, data: digest)
        let short = TLSARecord(usage: 3, selector: 1, matching: 2, data: digest)
        #expect(reading(good, web) == .records([good], base: host))
        #expect(reading(web, short) == .unusable)
        #expect(reading(good, isSecure: false) == nil)
        #expect(DANEPlan.reading(.noRecords(nameExists: true, isSecure: true, ttlSeconds: 1), base: host) == nil)
        #expect(DANEPlan.reading(.failure(reason: "SERVFAIL", isBogus: true), base: host) == .failed("SERVFAIL"))
        for matching in [UInt8(0), 1, 2, 3] {
            let data = [UInt8](repeating: 1, count: matching == 2 ? 64 : 32)
            #expect(TLSARecord(usage: 2, selector: 0, matching: matching, data: data).isUsable == (matching < 3))
        }
    }
}
