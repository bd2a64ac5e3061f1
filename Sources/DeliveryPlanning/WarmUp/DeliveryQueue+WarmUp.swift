import MailModel
import OutboundPolicy

// Sources that are being warmed up: what is over a day's cap leaves from warm ones, and receivers' complaints set them back.
extension DeliveryQueue {
    /// What waits for the cap of a source that is being warmed up takes a warm source of its route; nothing where there is none.
    mutating func overflow(_ key: SiteKey, lane: Lane, at now: Timestamp) -> [QueueAction] {
        guard !shaping.warmUps.isEmpty, let site = sites[key], let wait = site.wait,
            // An answer of the store takes less.
            wait.until > now + .seconds(5), site.meters.contains(where: WarmUpTable.isMeter),
            let warm = warmSource(beside: site, at: now)
        else { return [] }
        let entries = sites[key]?.ready.takeAll() ?? []
        var actions: [QueueAction] = []
        for entry in entries where !waitingIndices(of: entry).isEmpty {
            actions += makeReady(entry, site.facts.site, site.endpoints, route: site.route, source: warm, lane: lane, at: now)
        }
        return actions
    }

    private func warmSource(beside site: Site, at now: Timestamp) -> EgressSource? {
        sources.others(of: site.route.value, than: site.source).first {
            shaping.warmUps.isWarm($0.name, provider: site.facts.provider, at: now)
        }
    }

    /// An attempt from a source ended. `rule`: the first that its replies met.
    mutating func warmUpHeard(_ site: Site, rule: DeliveryRule?, _ reply: SMTPReply?, at now: Timestamp) -> [QueueAction] {
        guard !shaping.warmUps.isEmpty else { return [] }
        let changed = shaping.warmUps.ended(
            site.source.name, site.facts.provider, isBad: rule?.action.isComplaint ?? false, reply: reply, at: now)
        guard !changed.isEmpty else { return [] }
        shaping.orders += changed.map(ShapingOrder.warmUp)
        guard changed.contains(where: { $0.warmUp.isPaused(at: now) }) else { return [] }
        shapingChanged(directory, at: now)
        return planAgain(lane: Lane(0), at: now)
    }
}

extension DeliveryRule.Action {
    /// The receiver wants less of this source.
    fileprivate var isComplaint: Bool {
        switch self {
        case .slowDown, .fewerConnections, .pause, .suspendSource, .otherSource: true
        case .suspendTenant, .suspendCampaign, .stopUpstream, .permanent, .transient: false
        }
    }
}
