import DequeModule
import MailModel
import OutboundPolicy

/// Connections to the same hosts by one route from one source. Mail under different TLS, and mail for domains with limits of their own, has
/// sites of its own; the route's limit of connections holds for all of them together.
struct HostGroup: Sendable {
    var connections: Set<ConnectionID> = []
    /// Sites with ready mail to which the others leave no connection.
    var waiting: [StarvingSite] = []
}

extension DeliveryQueue {
    /// Messages that a connection hands on before it makes way for a site that has none.
    private static let turn = 10

    /// Whether a site may have one more connection beside those of the others to its hosts. One that rests there is closed for it; where all
    /// are at work, the site waits for one of them.
    mutating func hasPlace(_ key: SiteKey, lane: Lane, _ actions: inout [QueueAction]) -> Bool {
        guard let site = sites[key], let group = hostGroups[site.hosts] else { return true }
        let most = max(1, site.route.value.connectionsMax)
        if group.connections.count < most { return true }
        guard group.connections.count > site.connections.count else { return false }
        let resting = group.connections.sorted { $0.value < $1.value }.first { id in
            if case .idle? = connections[id]?.phase { true } else { false }
        }
        if let resting, let other = connections[resting]?.site {
            close(resting, &actions)
            dropIfUnused(other)
            return group.connections.count <= most
        }
        if !site.isStarving {
            sites[key]?.isStarving = true
            hostGroups[site.hosts]?.waiting.append(StarvingSite(key: key, lane: lane))
        }
        return false
    }

    /// Whether another site waits for a connection to the same hosts.
    func isWaitedFor(_ connection: Connection) -> Bool {
        guard let hosts = sites[connection.site]?.hosts else { return false }
        return hostGroups[hosts]?.waiting.isEmpty == false
    }

    /// Whether a connection that could go on is closed for a site that has none: after its turn, or at once for a better lane.
    func givesWay(_ connection: Connection) -> Bool {
        guard isWaitedFor(connection), let own = sites[connection.site], let group = hostGroups[own.hosts] else { return false }
        return group.waiting.contains { waiting in
            guard let site = sites[waiting.key], site.connections.isEmpty, let lane = site.ready.best else { return false }
            return connection.messagesBegun >= DeliveryQueue.turn || own.ready.best.map { lane.rawValue < $0.rawValue } ?? true
        }
    }

    /// What waits for a connection to the hosts is served; first of all who has none.
    mutating func serveHosts(_ hosts: SiteKey, at now: Timestamp) -> [QueueAction] {
        guard let waiting = hostGroups[hosts]?.waiting, !waiting.isEmpty else { return [] }
        hostGroups[hosts]?.waiting = []
        let withNone = Set(waiting.map(\.key).filter { sites[$0]?.connections.isEmpty ?? true })
        var actions: [QueueAction] = []
        for next in waiting.filter({ withNone.contains($0.key) }) + waiting.filter({ !withNone.contains($0.key) }) {
            sites[next.key]?.isStarving = false
            actions += serve(next.key, lane: next.lane, at: now)
            dropIfUnused(next.key)
        }
        dropIfUnused(hosts: hosts)
        return actions
    }

    mutating func dropIfUnused(hosts: SiteKey) {
        if let group = hostGroups[hosts], group.connections.isEmpty, group.waiting.isEmpty { hostGroups[hosts] = nil }
    }
}
