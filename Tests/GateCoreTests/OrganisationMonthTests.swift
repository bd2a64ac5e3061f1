import DeliveryPlanning
import Foundation
import GateCore
import InternetMessage
import MailModel
import OutboundPolicy
import Testing

/// A month of an organisation under the preset Standard: who sends as people do is never stopped, who was hijacked is at once.
///
/// docs/limits.md describes the traffic: office hours from 8 to 18 o'clock on five days of the week; most people write 5 to 40 messages a
/// day to one to three recipients of some 200 that they know, and meet a few new ones; one in ten sends a newsletter to 30 to 120 known
/// people once a week; one in fifty is an application that sends up to 20 messages an hour around the clock.
@Suite struct OrganisationMonthTests {
    private let start = Timestamp(seconds: 1_800_000_000)

    private struct World {
        var core: GateCore
        var usages: [UsageHolder: SenderUsage] = [:]
        var known: [UsageHolder: Set<RecipientMark>] = [:]
        var sent = 0
        var refused = 0
        var slowed = 0

        init(_ start: Timestamp) {
            var directory = Directory(version: 1)
            directory.policies["default"] = PolicyPreset.standard.policy
            directory.service = PolicyPreset.standard.service(licences: 1000)
            directory.domains[DomainName("home.test")!] = AcceptedDomain(name: DomainName("home.test")!)
            var relay = Connector(name: "relay")
            relay.grants = [.any]
            relay.senderIdentity = .envelopeSender
            directory.connectors["relay"] = relay
            core = GateCore(
                settings: GateSettings(), run: GateRun(owner: 7, node: 1, leaseUntil: .distantFuture), directory: directory,
                newestMessage: nil)
        }

        /// One message, with the part of the store that grants claims.
        mutating func send(from sender: EmailAddress, to recipients: [EmailAddress], at now: Timestamp) {
            var facts = MessageFacts()
            facts.hasFrom = true
            facts.from = [sender]
            let envelope = Envelope(
                reversePath: .address(sender), parameters: MailParameters(), recipients: recipients.map { EnvelopeRecipient($0) })
            let session = SessionFacts(
                principal: .connector("relay"), address: nil, helloName: "relay", isEncrypted: true, tlsVersion: "TLSv1.3")
            var firstTime = 0
            // As submission does: decided again with what the store has told.
            for _ in 0..<2 {
                let decision = core.contentReceived(
                    facts, envelope: envelope, bytes: 20_000, session: session, firstTime: firstTime, at: now, fieldAddress: { _ in nil })
                guard case .accept(let order) = decision else { break }
                let (answer, isKept) = store(order, at: now)
                core.usageLearned(answer, at: now)
                if isKept {
                    sent += 1
                    return
                }
                firstTime = answer.firstTime
            }
            refused += 1
        }

        private mutating func store(_ order: AcceptanceOrder, at now: Timestamp) -> (ClaimAnswer, isKept: Bool) {
            var holdings: [ClaimAnswer.Holding] = []
            var firstTime = 0
            for claim in order.claims {
                var claim = claim
                claim.amounts[.firstTime] = Set(claim.recipients).subtracting(known[claim.holder] ?? []).count
                firstTime = max(firstTime, claim.amounts[.firstTime])
                var usage = usages[claim.holder] ?? SenderUsage()
                let outcome = usage.claim(claim, at: now)
                holdings.append(ClaimAnswer.Holding(holder: claim.holder, usage: usage, known: [], warnings: []))
                guard case .granted(_, let slowedBy, _) = outcome else {
                    return (ClaimAnswer(holdings: holdings, releaseAt: nil, slowedBy: nil, firstTime: firstTime), false)
                }
                if slowedBy != nil { slowed += 1 }
            }
            for (index, claim) in order.claims.enumerated() {
                usages[claim.holder] = holdings[index].usage
                known[claim.holder, default: []].formUnion(claim.recipients)
                holdings[index].known = claim.recipients
            }
            return (ClaimAnswer(holdings: holdings, releaseAt: now, slowedBy: nil, firstTime: firstTime), true)
        }
    }

    private struct Sender {
        var address: EmailAddress
        var isApplication: Bool
        var sendsNewsletter: Bool
        var newsletterDay: Int
        var known: Int
    }

    private func senders(_ count: Int, _ random: inout SeededGenerator) -> [Sender] {
        (0..<count).map { number in
            Sender(
                address: EmailAddress("s\(number)@home.test")!, isApplication: number % 50 == 0, sendsNewsletter: number % 10 == 1,
                newsletterDay: Int.random(in: 0..<5, using: &random), known: 40)
        }
    }

    /// Of the sender's own acquaintances; a higher number is a newer one.
    private func acquaintance(_ sender: Int, _ number: Int) -> EmailAddress {
        EmailAddress("p\(number)@d\(sender % 90).\(number % 10 < 3 ? "home" : "out").test")!
    }

    @Test func aMonthOfNormalTrafficRestrictsNobody() {
        var random = SeededGenerator(state: 30)
        var world = World(start)
        // Three minutes for all in a debug build: `./test --long` has them.
        let count = ProcessInfo.processInfo.environment["POSTERN_TEST_LONG"] == nil ? 100 : 1000
        var people = senders(count, &random)
        for day in 0..<30 {
            let isWorkday = day % 7 < 5
            var messages: [(at: Int64, sender: Int, recipients: [EmailAddress])] = []
            for index in people.indices {
                messages += self.day(day, isWorkday: isWorkday, index, &people[index], &random)
            }
            for message in messages.sorted(by: { $0.at < $1.at }) {
                world.send(
                    from: people[message.sender].address, to: message.recipients, at: start + .seconds(Int64(day) * 86_400 + message.at))
            }
        }
        #expect(world.core.restrictions.isEmpty, "\(world.core.restrictions.values.map(\.cause))")
        #expect(world.refused == 0)
        #expect(world.sent > 400 * count, "\(world.sent) messages in the month")
        #expect(world.slowed == 0)
    }

    private func day(
        _ day: Int, isWorkday: Bool, _ index: Int, _ sender: inout Sender, _ random: inout SeededGenerator
    ) -> [(at: Int64, sender: Int, recipients: [EmailAddress])] {
        func someone() -> EmailAddress {
            // Most mail goes to the same few.
            let range = Bool.random(using: &random) ? min(15, sender.known) : sender.known
            return acquaintance(index, Int.random(in: 0..<range, using: &random))
        }
        var messages: [(at: Int64, sender: Int, recipients: [EmailAddress])] = []
        if sender.isApplication {
            for hour in 0..<24 {
                for _ in 0..<Int.random(in: 0...20, using: &random) {
                    messages.append((Int64(hour * 3600) + Int64.random(in: 0..<3600, using: &random), index, [someone()]))
                }
            }
            return messages
        }
        guard isWorkday else { return [] }
        sender.known = min(400, sender.known + Int.random(in: 0...8, using: &random))
        for _ in 0..<Int.random(in: 5...40, using: &random) {
            let at = 8 * 3600 + Int64.random(in: 0..<36_000, using: &random)
            messages.append((at, index, (0..<Int.random(in: 1...3, using: &random)).map { _ in someone() }))
        }
        if sender.sendsNewsletter, day % 7 == sender.newsletterDay {
            let count = Int.random(in: 30...120, using: &random)
            messages.append((10 * 3600, index, (0..<min(count, sender.known)).map { acquaintance(index, $0) }))
        }
        return messages
    }

    @Test func aHijackedSenderIsStoppedAfterAStatedNumberOfRecipients() {
        var world = World(start)
        let victim = EmailAddress("s7@home.test")!
        for number in 0..<50 {
            world.send(from: victim, to: [acquaintance(7, number % 5)], at: start - .seconds(3600 * Int64(50 - number)))
        }
        let before = world.sent
        // At full speed through twenty connections, to people that the victim never wrote to.
        for number in 0..<5000 {
            world.send(
                from: victim, to: [EmailAddress("v\(number)@spam\(number % 40).test")!], at: start + .milliseconds(Int64(number * 2)))
        }
        #expect(world.core.restrictions[.sender("s7@home.test")]?.isInForce(at: start + .seconds(60)) == true)
        #expect(world.sent - before <= 400, "no more than the first-time recipients that Standard allows in a day")
        #expect(world.refused >= 4600)
    }

    /// A million senders: what is remembered is bounded, and the store's word is all that counts.
    @Test func aMillionSendersTakeBoundedMemory() {
        var world = World(start)
        var memory = UsageMemory(holdersMax: 1000, marksMax: 10_000)
        let limits = world.core.policies.claims(
            for: CountedMessage(
                sender: "x@home.test", tenant: .standard, principal: .connector("relay"), trafficClass: .personal, from: nil, external: [],
                internalCount: 1, octets: 1000), at: start)
        #expect(!limits.isEmpty)
        for number in 0..<1_000_000 {
            memory.learned(
                SenderUsage(), of: .sender("s\(number)@home.test", tenant: .standard), known: [RecipientMark(value: UInt32(number))])
        }
        #expect(memory.count <= 2000)
        world.send(from: EmailAddress("s999999@home.test")!, to: [acquaintance(1, 1)], at: start)
        #expect(world.sent == 1)
    }
}
