import InternetMessage
package import MailModel
package import OutboundPolicy

// What receivers send back of somebody's mail: a rate that is too high holds it, or stops it.
extension GateCore {
    /// The rates of all nodes' mail that have reached a threshold, in place of those before. A sender to be stopped is restricted, unless that
    /// has been decided already.
    package mutating func ratesBecame(_ reached: [RateStanding], at now: Timestamp) {
        rates = Dictionary(reached.map { ($0.key, $0.finding) }) { one, other in max(one, other) }
        for standing in reached where standing.finding.level == .stop {
            guard case .sender(let name) = standing.key.subject else { continue }
            let entity = RestrictedEntity(senderNamed: name)
            if let known = restrictions[entity], known.isInForce(at: now) { continue }
            var evidence = RestrictionEvidence()
            evidence.messages = standing.figures.messages
            _ = restrict(entity, tenant: standing.key.tenant, until: nil, cause: standing.finding.finding, evidence: evidence, at: now)
        }
    }

    /// Of a message by its sender and its list: nil where it is taken. What is held waits for a person.
    func rateRefusal(_ arrival: inout Arrival) -> Verdict? {
        guard !rates.isEmpty else { return nil }
        let tenant = arrival.submitter.tenant
        let list = arrival.facts.listID.flatMap { rates[RateStanding.Key(tenant: tenant, subject: .list($0))] }
        let sender = rates[RateStanding.Key(tenant: tenant, subject: .sender(arrival.sender))]
        guard let worst = [list, sender].compactMap({ $0 }).max(), worst.level != .warn else { return nil }
        // A sender to be stopped is restricted, and has been refused where it still is; who was released meanwhile may send.
        if worst.level == .stop, worst == list {
            let reply = SMTPReply(
                550, EnhancedStatusCode(5, 7, 1), "Mail of this list is stopped for what receivers sent back: \(worst.finding.explanation)")
            return .refuse(reply, [worst.finding])
        }
        if [list, sender].contains(where: { $0?.level == .hold }) {
            arrival.isHeld = true
            arrival.findings.append(worst.finding)
        }
        return nil
    }
}
