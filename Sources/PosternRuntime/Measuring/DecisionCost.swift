import DeliveryPlanning
import GateCore
import InternetMessage
import MailModel
import OutboundPolicy

/// What a decision on limits costs: the third decision point of submission, with every limit of Standard and many senders known.
package struct DecisionCost: Codable, Hashable, Sendable {
    package var senders: Int
    package var decisions: Int
    /// Of one decision, the mean; without limits, and with all of them.
    package var plainNanoseconds: Int
    package var limitedNanoseconds: Int
    /// Of the store's own decision on the same claim: reading octets, deciding, writing octets.
    package var storeNanoseconds: Int

    /// - Parameters:
    ///   - senders: Each with a day of use behind it.
    package static func measure(senders: Int, decisions: Int) -> DecisionCost {
        let now = Timestamp.now
        var plain = core(isLimited: false)
        var limited = core(isLimited: true)
        learn(senders, &limited, at: now)
        return DecisionCost(
            senders: senders, decisions: decisions, plainNanoseconds: time(decisions) { decide(&plain, $0 % senders, at: now) },
            limitedNanoseconds: time(decisions) { decide(&limited, $0 % senders, at: now) },
            storeNanoseconds: storeCost(limited, decisions, at: now))
    }

    private static func time(_ count: Int, _ body: (Int) -> Void) -> Int {
        // A step that is prime to the number of senders: no two decisions in a row find the same one in the processor's cache.
        let began = ContinuousClock.now
        for number in 0..<count { body(number * 7919) }
        return Int((ContinuousClock.now - began) / .nanoseconds(1)) / max(1, count)
    }

    private static func core(isLimited: Bool) -> GateCore {
        var directory = Directory(version: 1)
        var relay = Connector(name: "relay")
        relay.grants = [.any]
        relay.senderIdentity = .envelopeSender
        directory.connectors["relay"] = relay
        if isLimited {
            directory.policies["default"] = PolicyPreset.standard.policy
            directory.service = PolicyPreset.standard.service(licences: 100_000)
        }
        return GateCore(
            settings: GateSettings(), run: GateRun(owner: 1, node: 1, leaseUntil: .distantFuture), directory: directory, newestMessage: nil)
    }

    private static func address(_ number: Int) -> EmailAddress {
        guard let address = EmailAddress("s\(number)@home.example") else { preconditionFailure("an address of our own making") }
        return address
    }

    private static func learn(_ senders: Int, _ core: inout GateCore, at now: Timestamp) {
        var usage = SenderUsage()
        var amounts = UsageAmounts()
        (amounts[.messages], amounts[.external], amounts[.kibibytes]) = (1, 1, 4)
        for minute in stride(from: 1430, through: 0, by: -20) { usage.add(amounts, at: now - .seconds(Int64(minute) * 60)) }
        usage.compact(at: now)
        let marks = (0..<20).map { RecipientMark(recipient($0)) }
        for number in 0..<senders {
            let holding = ClaimAnswer.Holding(
                holder: .sender(address(number).key, tenant: .standard), usage: usage, known: marks, warnings: [])
            core.usageLearned(ClaimAnswer(holdings: [holding], releaseAt: now, slowedBy: nil, firstTime: 0), at: now)
        }
    }

    private static func recipient(_ number: Int) -> EmailAddress {
        guard let address = EmailAddress("r\(number)@out.example") else { preconditionFailure("an address of our own making") }
        return address
    }

    private static func decide(_ core: inout GateCore, _ number: Int, at now: Timestamp) {
        let sender = address(number)
        var facts = MessageFacts()
        facts.hasFrom = true
        facts.from = [sender]
        let envelope = Envelope(
            reversePath: .address(sender), parameters: MailParameters(), recipients: [EnvelopeRecipient(recipient(number % 20))])
        let session = SessionFacts(
            principal: .connector("relay"), address: nil, helloName: "relay", isEncrypted: true, tlsVersion: "TLSv1.3")
        let decision = core.contentReceived(facts, envelope: envelope, bytes: 4096, session: session, at: now, fieldAddress: { _ in nil })
        guard case .accept(let order) = decision else { preconditionFailure("nobody is near a limit here") }
        // What was reserved for it is given back, as where the store fails.
        if order.lease != nil {
            var random = SystemRandomNumberGenerator()
            _ = core.handle(.notStored(recipients: 1), at: now, using: &random)
        }
    }

    private static func storeCost(_ core: GateCore, _ decisions: Int, at now: Timestamp) -> Int {
        let kept = core.usage(of: .sender(address(0).key, tenant: .standard)).octets
        let message = CountedMessage(
            sender: address(0).key, tenant: .standard, principal: .connector("relay"), trafficClass: .personal, from: address(0),
            external: [recipient(1)], internalCount: 0, octets: 4096)
        guard let claim = core.policies.claims(for: message, at: now).first else { return 0 }
        return time(decisions) { _ in
            guard var usage = SenderUsage(octets: kept) else { preconditionFailure("octets of our own making") }
            _ = usage.claim(claim, at: now)
            precondition(!usage.octets.isEmpty)
        }
    }
}
