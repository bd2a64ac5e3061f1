import MailModel
import OutboundPolicy
import Testing

@Suite struct DKIMRotationTests {
    private let domain: DomainName
    private let start = Timestamp(milliseconds: 1_763_800_000_000)
    private let day = Duration.seconds(86_400)

    init() throws { domain = try #require(DomainName("example.org")) }

    private func key(_ selector: String, _ phase: DKIMKeyRecord.Phase?, since: Timestamp? = nil) -> DKIMKeyRecord {
        var key = DKIMKeyRecord(
            domain: domain, selector: selector, algorithm: .rsa2048, sealedPrivateKey: "x", publicRecord: "v=DKIM1; k=rsa; p=\(selector)AA")
        if let phase { key.enter(phase, at: since ?? start) }
        return key
    }

    private func records(_ texts: String...) -> DNSAnswer<String> { .records(texts, isSecure: false, ttlSeconds: 60) }
    private let none = DNSAnswer<String>.noRecords(nameExists: false, isSecure: false, ttlSeconds: 60)

    /// The keys after a step.
    private func applied(_ acts: [DKIMRotation.Act], to keys: [DKIMKeyRecord]) -> [DKIMKeyRecord] {
        var keys = keys
        for act in acts {
            switch act {
            case .change(let key): keys = keys.map { $0.selector == key.selector ? key : $0 }
            case .remove(let key): keys.removeAll { $0.selector == key.selector }
            case .makePair, .alert: break
            }
        }
        return keys
    }

    private func alerts(_ acts: [DKIMRotation.Act]) -> [AlertCondition] {
        acts.compactMap { if case .alert(let condition) = $0 { condition } else { nil } }
    }

    @Test func theNewPairSignsOnceDNSHasBothRecordsAndTheOldOneIsDroppedLater() throws {
        let rotation = DKIMRotation(domain: domain, policy: .init(keep: day * 7))
        var keys = [key("oldr", .signing), key("olde", .signing), key("newr", .waiting), key("newe", .waiting)]
        let published = ["oldr", "olde", "newr"].reduce(into: [String: DNSAnswer<String>]()) { $0[$1] = records("k=rsa; p=\($1)AA") }
        func phases() -> [String: DKIMKeyRecord.Phase] { Dictionary(uniqueKeysWithValues: keys.map { ($0.selector, $0.currentPhase) }) }
        // One record of two is not enough, for however long.
        for hour in 0..<30 {
            let now = start + .seconds(3600 * hour)
            keys = applied(rotation.step(keys, answers: published.merging(["newe": none]) { $1 }, at: now), to: keys)
            #expect(phases()["newr"] == .waiting && phases()["oldr"] == .signing)
        }
        var all = published
        all["newe"] = records("unrelated", "v=DKIM1; k=rsa; p=newe AA")
        let seen = start + .seconds(3600 * 30)
        keys = applied(rotation.step(keys, answers: all, at: seen), to: keys)
        #expect(phases()["newe"] == .waiting, "resolvers may still remember that there was none")
        keys = applied(rotation.step(keys, answers: all, at: seen + .seconds(3599)), to: keys)
        #expect(phases()["newe"] == .waiting)
        let switched = seen + .seconds(3600)
        keys = applied(rotation.step(keys, answers: all, at: switched), to: keys)
        #expect(phases() == ["newr": .signing, "newe": .signing, "oldr": .retiring, "olde": .retiring])
        #expect(keys.filter(\.isActive).map(\.selector).sorted() == ["newe", "newr"])
        keys = applied(rotation.step(keys, answers: all, at: switched + day * 7 - .milliseconds(1)), to: keys)
        #expect(keys.count == 4)
        keys = applied(rotation.step(keys, answers: all, at: switched + day * 7), to: keys)
        #expect(keys.map(\.selector).sorted() == ["newe", "newr"])
        #expect(rotation.step(keys, answers: all, at: switched + day * 8).isEmpty)
    }

    @Test func aSilentDNSChangesNothing() {
        let rotation = DKIMRotation(domain: domain, policy: .init())
        let keys = [key("oldr", .signing), key("newr", .waiting)]
        let failure = DNSAnswer<String>.failure(reason: "time-out", isBogus: false)
        #expect(rotation.step(keys, answers: ["oldr": failure, "newr": failure], at: start + day * 30).isEmpty)
    }

    @Test func aRecordThatGoesIsToldOfAndItsReturnToo() throws {
        let rotation = DKIMRotation(domain: domain, policy: .init())
        var keys = [key("oldr", nil)]
        var acts = rotation.step(keys, answers: ["oldr": records("v=DKIM1; p=oldrAA")], at: start)
        #expect(alerts(acts).isEmpty)
        keys = applied(acts, to: keys)
        for (answer, word) in [
            (none, "no record"), (records("v=DKIM1; p="), "another record"), (records("v=DKIM1; p=other"), "another record"),
        ] {
            acts = rotation.step(keys, answers: ["oldr": answer], at: start + day)
            let told = try #require(alerts(acts).first)
            #expect(told.subject == "dkim:oldr._domainkey.example.org" && told.text.contains(word) && !told.isOver)
            #expect(told.advice.contains("p=oldrAA"))
        }
        keys = applied(acts, to: keys)
        acts = rotation.step(keys, answers: ["oldr": records("p=oldrAA")], at: start + day * 2)
        #expect(alerts(acts).map(\.isOver) == [true])
    }

    @Test func aNewKeyThatNobodyPublishesIsRemindedOfAfterADay() {
        let rotation = DKIMRotation(domain: domain, policy: .init())
        let keys = [key("newr", .waiting)]
        #expect(alerts(rotation.step(keys, answers: ["newr": none], at: start + .seconds(3600))).isEmpty)
        #expect(alerts(rotation.step(keys, answers: ["newr": none], at: start + day)).count == 1)
    }

    @Test func aPairIsMadeByItselfWhereTheSettingSaysSo() {
        let keys = [key("oldr", .signing), key("olde", .signing)]
        func makes(_ policy: DKIMRotation.Policy, _ keys: [DKIMKeyRecord], after: Duration) -> Bool {
            DKIMRotation(domain: domain, policy: policy).step(keys, answers: [:], at: start + after).contains(.makePair)
        }
        #expect(!makes(.init(), keys, after: day * 1000))
        #expect(!makes(.init(every: day * 90), keys, after: day * 90 - .milliseconds(1)))
        #expect(makes(.init(every: day * 90), keys, after: day * 90))
        #expect(!makes(.init(every: day * 90), keys + [key("newr", .waiting)], after: day * 90), "one rotation at a time")
        #expect(!makes(.init(every: day * 90), [key("legacy", nil)], after: day * 900), "its age is not known: counted from now on")
        #expect(!makes(.init(every: day * 90), [], after: day * 90))
    }
}
