import DeliveryPlanning
import MailModel
import Testing

@Suite struct MXPlanTests {
    private let domain = DomainName("one.test")!

    private func hosts(_ answer: DNSAnswer<MXRecord>, seed: UInt64 = 1) -> String {
        var random = SeededGenerator(seed)
        switch MXPlan.hosts(of: domain, from: answer, using: &random) {
        case .success(let names): return names.map(\.name.text).joined(separator: " ")
        case .failure(let failure):
            #expect(failure.isLocal && failure.scope == .destination && failure.stage == .resolve)
            return "\(failure.isPermanent ? "permanent" : "for now") \(failure.reply.code) \(failure.reply.enhancedCode?.description ?? "")"
        }
    }

    private func records(_ pairs: [(Int, String?)]) -> DNSAnswer<MXRecord> {
        .records(pairs.map { MXRecord(preference: $0.0, exchange: $0.1.flatMap { DomainName($0) }) }, isSecure: false, ttlSeconds: 60)
    }

    @Test func theSmallestPreferenceIsFirst() {
        #expect(hosts(records([(20, "b.test"), (10, "a.test"), (30, "c.test")])) == "a.test b.test c.test")
    }

    @Test func equalPreferencesTakeTurns() {
        let answer = records([(10, "a.test"), (10, "b.test"), (20, "c.test")])
        let orders = Set((1...50).map { hosts(answer, seed: $0) })
        #expect(orders == ["a.test b.test c.test", "b.test a.test c.test"])
    }

    @Test func hostsHaveALimit() {
        let answer = records((1...9).map { ($0, "h\($0).test") })
        #expect(hosts(answer) == "h1.test h2.test h3.test h4.test h5.test")
        #expect(MXPlan.hostsMax == 5)
    }

    @Test func aNullMXTakesNoMail() {
        #expect(hosts(records([(0, nil)])) == "permanent 556 5.1.10")
        // With another record it is no null MX (RFC 7505 §3).
        #expect(hosts(records([(0, nil), (10, "a.test")])) == "a.test")
    }

    @Test func withoutMXTheDomainIsItsOwnHost() {
        #expect(hosts(.noRecords(nameExists: true, isSecure: false, ttlSeconds: 60)) == "one.test")
    }

    @Test func aDomainThatDoesNotExistIsAPermanentFailure() {
        #expect(hosts(.noRecords(nameExists: false, isSecure: true, ttlSeconds: 60)) == "permanent 550 5.1.2")
    }

    @Test func noAnswerAndAForgedOneAreTriedAgain() {
        #expect(hosts(.failure(reason: "timed out", isBogus: false)) == "for now 451 4.4.3")
        #expect(hosts(.failure(reason: "signature expired", isBogus: true)) == "for now 451 4.4.3")
    }

    private func resolution(
        _ hosts: [(String, DNSAnswer<IPAddress>)], allowsSpecial: Bool = false, own: [String] = [], ownName: String? = nil,
        preferences: [Int] = [], port: Int = 25
    ) -> String {
        let resolution = MXPlan.resolution(
            of: domain,
            hosts: hosts.enumerated().map { index, host in
                (MXHost(name: DomainName(host.0)!, preference: index < preferences.count ? preferences[index] : 10), host.1)
            }, port: port, allowsSpecialAddresses: allowsSpecial,
            own: OwnIdentity(
                addresses: LocalAddresses(addresses: Set(own.map { IPAddress($0)! })), name: ownName.flatMap { DomainName($0) }))
        switch resolution {
        case .endpoints(let endpoints, let site):
            return endpoints.map { "\($0.hostName)/\($0.address):\($0.port)" }.joined(separator: " ") + " | " + site
        case .failed(let failure):
            return
                "\(failure.isPermanent ? "permanent" : "for now") \(failure.reply.code) \(failure.reply.enhancedCode?.description ?? "") \(failure.reply.text)"
        }
    }

    private func addresses(_ texts: String...) -> DNSAnswer<IPAddress> {
        .records(texts.map { IPAddress($0)! }, isSecure: false, ttlSeconds: 60)
    }

    private let none = DNSAnswer<IPAddress>.noRecords(nameExists: false, isSecure: false, ttlSeconds: 60)
    private let noAnswer = DNSAnswer<IPAddress>.failure(reason: "timed out", isBogus: false)

    @Test func endpointsKeepTheOrderOfHostsAndAddresses() {
        let text = resolution([("b.test", addresses("8.8.8.1", "2606::1")), ("a.test", addresses("8.8.8.2"))], port: 2525)
        #expect(text == "b.test/8.8.8.1:2525 b.test/2606::1:2525 a.test/8.8.8.2:2525 | a.test,b.test:2525")
    }

    @Test func aSiteIsTheSetOfHostsWhateverTheirOrder() {
        let one = resolution([("b.test", addresses("8.8.8.1")), ("a.test", addresses("8.8.8.2"))])
        let other = resolution([("a.test", addresses("8.8.8.2")), ("b.test", addresses("8.8.8.1"))])
        #expect(one.split(separator: "|").last == other.split(separator: "|").last)
    }

    @Test func hostsWithoutAddressArePassedOver() {
        #expect(resolution([("a.test", none), ("b.test", noAnswer), ("c.test", addresses("8.8.8.1"))]) == "c.test/8.8.8.1:25 | c.test:25")
    }

    @Test func endpointsHaveALimit() {
        let many = (1...5).map { ("h\($0).test", addresses("8.8.\($0).1", "8.8.\($0).2")) }
        let text = resolution(many)
        #expect(text.split(separator: " ").count { $0.contains("/") } == 8)
        #expect(text.contains("h4.test/8.8.4.2:25 | "))
        #expect(MXPlan.endpointsMax == 8)
    }

    @Test(arguments: ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "fd00::1", "192.0.2.1", "224.0.0.1"])
    func specialAddressesAreRefusedUnlessAllowed(text: String) {
        let refused = resolution([("a.test", addresses(text))])
        #expect(refused.hasPrefix("permanent 550 5.4.6"))
        #expect(refused.contains("a.test [\(text)]"))
        #expect(resolution([("a.test", addresses(text))], allowsSpecial: true).hasPrefix("a.test/\(text):25"))
    }

    /// RFC 5321 §5.1: what is not preferred to this host would only send the mail back to it.
    @Test func hostsThatAreNotPreferredToThisOneAreNotTried() {
        let three = [("a.test", addresses("8.8.8.1")), ("b.test", addresses("8.8.8.2")), ("c.test", addresses("8.8.8.3"))]
        #expect(resolution(three, own: ["8.8.8.2"], preferences: [10, 20, 30]) == "a.test/8.8.8.1:25 | a.test:25")
        #expect(resolution(three, own: ["8.8.8.3"], preferences: [10, 20, 20]) == "a.test/8.8.8.1:25 | a.test:25")
        #expect(resolution(three, ownName: "b.test", preferences: [10, 20, 30]) == "a.test/8.8.8.1:25 | a.test:25")
        #expect(resolution(three, own: ["9.9.9.9"], ownName: "d.test", preferences: [10, 20, 30]).contains("c.test/8.8.8.3:25"))
        for own in ["8.8.8.1", "8.8.8.2"] {
            let text = resolution(three, own: [own], preferences: [10, 10, 30])
            #expect(text.hasPrefix("permanent 550 5.4.6") && text.contains("this host"))
        }
        // In a closed network, where a person said so.
        #expect(resolution(three, allowsSpecial: true, own: ["8.8.8.1"], preferences: [10, 20, 30]).contains("a.test/8.8.8.1:25"))
        // A host of several addresses is one host.
        #expect(resolution([("a.test", addresses("8.8.8.8", "8.8.4.4"))], own: ["8.8.8.8"]).hasPrefix("permanent 550 5.4.6"))
    }

    @Test func aHostThatGaveNoAnswerMakesTheFailureTransient() {
        #expect(resolution([("a.test", addresses("127.0.0.1")), ("b.test", noAnswer)]).hasPrefix("for now 451 4.4.3"))
        #expect(resolution([("a.test", noAnswer)]).hasPrefix("for now 451 4.4.3"))
        #expect(resolution([("a.test", none)]).hasPrefix("permanent 550 5.4.4"))
        #expect(resolution([]).hasPrefix("permanent 550 5.4.4"))
    }
}
