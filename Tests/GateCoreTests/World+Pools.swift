import DeliveryPlanning
import GateCore
import MailModel
import OutboundPolicy

/// Mail that is risky, and egress pools that people change meanwhile.
extension World {
    struct Way {
        var route: String
        var source: String
    }

    /// Draws nothing where no mail is to be risky, so that other walks stay as they are.
    mutating func scan() -> ScanOutcome? {
        guard riskyPercent > 0 else { return nil }
        guard Int.random(in: 0..<100, using: &random) < riskyPercent else {
            return .scanned(ScannedContent(summary: ScanSummary(score: 0.3, kind: .clean, findings: [])))
        }
        let isSpam = Bool.random(using: &random)
        let summary = ScanSummary(score: isSpam ? 9 : 3, kind: isSpam ? .spam : .clean, findings: [])
        return .scanned(ScannedContent(summary: summary, deadDomain: isSpam ? nil : DomainName("nowhere.test")))
    }

    /// A person gives sources and routes other pools, or takes a route away.
    mutating func changePools() {
        let pools: [EgressPool?] = [nil, .normal, .highRisk, .highRisk, .highRisk, .relay]
        // One that needs no address of the machine.
        if directory.sources["plain"] == nil {
            directory.sources["plain"] = EgressSource(name: "plain", createdAt: Timestamp(seconds: 0))
        }
        for name in ["near", "strange", "plain"] { directory.sources[name]?.pool = pools.randomElement(using: &random)! }
        directory.routes["internet"]?.sources = [[], ["near"], ["plain", "strange"], ["near", "plain"]].randomElement(using: &random)!
        var risky = Route(name: "risky", kind: .mx, createdAt: Timestamp(seconds: 0))
        risky.sources = ["strange", "plain"]
        risky.pool = pools.randomElement(using: &random)!
        directory.routes["risky"] = Int.random(in: 0..<4, using: &random) > 0 ? risky : nil
        directory.version += 1
        event(.directoryChanged(directory, lane: Lane(0)))
    }

    /// Now and then somebody changes pools, releases all that is held, or wants it tried again.
    mutating func livesWithPools(_ step: Int) {
        if step % 25 == 0 { changePools() }
        if step % 30 == 10 { act(.release, QueueFilter()) }
        if step % 30 == 20 { act(.retry, QueueFilter()) }
    }

    /// What may leave by the high-risk pool only leaves by no other, as the directory has it now.
    mutating func checkPool(_ order: AttemptOrder) {
        guard order.record.pool == .highRisk, order.recipients.contains(where: { !$0.isInternal }), let way = ways[order.connection] else {
            return
        }
        riskyAttempts += 1
        let pool = directory.routes[way.route]?.pool ?? directory.sources[way.source]?.pool ?? .normal
        if pool != .highRisk {
            problems.append("risky mail \(order.record.id) leaves by \(way.route) from \(way.source), which is \(pool)")
        }
    }

    /// What was judged when it came in stays judged.
    mutating func checkRecords() {
        for record in records.values where record.scan?.kind == .spam && record.pool != .highRisk {
            problems.append("\(record.id) was judged spam, and its pool is \(record.pool)")
        }
    }
}
