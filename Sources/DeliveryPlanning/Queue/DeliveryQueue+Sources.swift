package import MailModel
import OutboundPolicy

// Egress sources: which of them this node has, and what becomes of mail that can leave only from others.
extension DeliveryQueue {
    /// This machine's.
    package var localAddresses: LocalAddresses { reach.local }

    /// The machine's addresses are others now.
    package mutating func addressesChanged(_ local: LocalAddresses, at now: Timestamp) -> [QueueAction] {
        guard reach.local != local else { return [] }
        reach.local = local
        return reachChanged(at: now)
    }

    /// Other nodes use these sources now.
    package mutating func sourcesChanged(elsewhere: Set<String>, at now: Timestamp) -> [QueueAction] {
        guard reach.elsewhere != elsewhere else { return [] }
        reach.elsewhere = elsewhere
        return reachChanged(at: now)
    }

    mutating func reachChanged(at now: Timestamp) -> [QueueAction] {
        sources = SourceTable(directory, reach)
        // What was left for others may be this node's to send.
        scheduled.becameDue(at: now)
        return planAgain(lane: Lane(0), at: now)
    }

    /// Leaves recipients to the node that has their source; where no node has one, they are tried again as after any failure, or as soon as
    /// one has.
    mutating func leave(
        _ id: MessageID, _ indices: [Int32], _ choice: SourceTable.Choice, route: Route, at now: Timestamp
    ) -> [QueueAction] {
        guard let record = messages[id]?.record else { return [] }
        switch choice {
        case .here: preconditionFailure("its source is here")
        case .elsewhere(let list) where now < record.expiresAt:
            let dueAt = min(now + settings.elsewhereWait, max(record.expiresAt, now + .seconds(1)))
            return giveBack(id, indices, dueAt: dueAt, waitsFor: list)
        case .elsewhere(let list):
            return failWaiting(id, indices, DeliveryQueue.noSource(route.sources), route: route.name, waitsFor: list, at: now)
        case .nowhere(let list, let names):
            return failWaiting(id, indices, DeliveryQueue.noSource(names), route: route.name, waitsFor: list, at: now)
        }
    }

    private static func noSource(_ names: [String]) -> DeliveryFailure {
        .local(
            451, EnhancedStatusCode(4, 3, 0),
            "No running node has an egress source that this mail may leave from (\(names.joined(separator: ", ")))",
            scope: .destination, stage: .connect)
    }

    mutating func failForFamily(_ entry: Entry, route: Route, source: EgressSource, at now: Timestamp) -> [QueueAction] {
        let family = source.ipv4 == nil ? "IPv4" : "IPv6"
        let failure = DeliveryFailure.local(
            451, EnhancedStatusCode(4, 4, 1), "The hosts have only \(family) addresses, and egress source \(source.name) has none",
            scope: .destination, stage: .connect)
        return failWaiting(
            entry.message, waitingIndices(of: entry), failure, route: route.name, source: source.name, at: now)
    }
}
