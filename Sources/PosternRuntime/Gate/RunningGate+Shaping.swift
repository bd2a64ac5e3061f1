import DNSClient
import DeliveryPlanning
import GateCore
import MailModel
import OutboundPolicy
import Storage

// What people are told of limits.
extension RunningGate {
    func slowedDestinations() -> [SlowedDestination] { engine.decide { core, now in core.queue.slowedDestinations(at: now) } }

    func txt(_ name: DomainName) async -> DNSAnswer<String> { await resolver.txt(name) }

    func waits(for rows: [QueueRow]) -> [String?] {
        engine.decide { core, now in
            rows.map { row in
                guard row.state == .queued else { return nil }
                let wait = core.queue.waits(
                    for: row.recipient, from: row.sender, reversePath: row.reversePath, tenant: row.id.tenant, lane: row.lane,
                    onlyRoute: row.onlyRoute, pool: row.pool, at: now)
                return wait?.text
            }
        }
    }
}
