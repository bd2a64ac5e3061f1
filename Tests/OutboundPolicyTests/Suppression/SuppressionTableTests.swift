import MailModel
import OutboundPolicy
import Testing

@Suite struct SuppressionTableTests {
    private let key = AddressKey(7, 8)

    private func entry(_ number: Int, _ scope: SuppressionScope = .organisation, _ reason: SuppressionReason = .manual) -> SuppressionKey {
        SuppressionKey(tenant: .standard, scope: scope, digest: key.digest(address(number)), reason: reason)
    }

    private func address(_ number: Int) -> EmailAddress { EmailAddress("r\(number)@example.net")! }

    /// Against a set that knows everything, over puts and removals in any order.
    @Test(arguments: 1...5 as ClosedRange<UInt64>) func itSaysWhatASetWouldSay(seed: UInt64) {
        var random = SystemRandomNumberGenerator.seeded(seed)
        var table = SuppressionTable(key: key, isComplete: true)
        var known: Set<SuppressionKey> = []
        let scopes: [SuppressionScope] = [.organisation, .tenant, .list("news"), .stream("campaign")]
        for _ in 0..<6000 {
            let entry = entry(
                Int.random(in: 0..<900, using: &random), scopes.randomElement(using: &random)!,
                SuppressionReason.allCases.randomElement(using: &random)!)
            if Int.random(in: 0..<5, using: &random) < 3 {
                table.insert(entry)
                known.insert(entry)
            } else {
                table.remove(entry)
                known.remove(entry)
            }
        }
        #expect(table.count == Set(known.map { "\($0.digest.text) \($0.scope)" }).count)
        let stream = MailStream(tenant: .standard, trafficClass: .campaign, list: "news")
        for number in 0..<900 {
            let said = Set(table.matches(address(number), stream).map { entry(number, $0.scope, $0.reason) })
            #expect(said == known.filter { $0.digest == key.digest(address(number)) })
        }
    }

    @Test func aPlaceConcernsItsOwnMailAlone() {
        var table = SuppressionTable(key: key, isComplete: true)
        table.insert(entry(1, .list("news"), .unsubscribe))
        table.insert(entry(2, .stream("connector:shop"), .complaint))
        table.insert(SuppressionKey(tenant: TenantID(5), scope: .tenant, digest: key.digest(address(3)), reason: .manual))
        func reasons(_ number: Int, _ stream: MailStream) -> [SuppressionReason] { table.matches(address(number), stream).map(\.reason) }
        #expect(reasons(1, MailStream(tenant: .standard, trafficClass: .campaign, list: "news")) == [.unsubscribe])
        #expect(reasons(1, MailStream(tenant: .standard, trafficClass: .campaign, list: "other")) == [])
        #expect(reasons(1, MailStream(tenant: .standard, trafficClass: .campaign)) == [])
        #expect(reasons(2, MailStream(tenant: .standard, trafficClass: .application, submitter: "connector:Shop")) == [.complaint])
        #expect(reasons(2, MailStream(tenant: .standard, trafficClass: .application, submitter: "connector:till")) == [])
        #expect(reasons(3, MailStream(tenant: .standard, trafficClass: .personal)) == [])
        #expect(reasons(3, MailStream(tenant: TenantID(5), trafficClass: .personal)) == [.manual])
    }

    @Test func whatKeepsWhichMailIsAChoice() {
        let standard = SuppressionPolicy.standard
        #expect(standard.keeps(.application, for: .addressDead) && standard.keeps(.notice, for: .addressDead))
        #expect(standard.keeps(.campaign, for: .complaint) && !standard.keeps(.application, for: .complaint))
        #expect(!standard.keeps(.personal, for: .unsubscribe) && standard.keeps(.personal, for: .manual))
        var strict = standard
        strict.classes[.complaint] = [.campaign, .application]
        #expect(strict.keeps(.application, for: .complaint))
    }
}

extension SystemRandomNumberGenerator {
    static func seeded(_ seed: UInt64) -> LinearGenerator { LinearGenerator(state: seed) }
}

/// The multiplier of Knuth's MMIX; its upper bits alone are good.
struct LinearGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        func half() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> 32
        }
        let upper = half()
        return upper << 32 | half()
    }
}
