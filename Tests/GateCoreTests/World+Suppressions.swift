import DeliveryPlanning
import GateCore
import MailModel
import OutboundPolicy

// The suppression list of the store of this world: told to the core with the commit, and read anew by each run.
extension World {
    private static let key = AddressKey(1, 2)
    static let suppressible = ["one.test", "two.test", "relayed.test", "home.test"].flatMap { domain in
        (0..<4).compactMap { EmailAddress("r\($0)@\(domain)") }
    }

    /// A person puts an address on the list or takes some off, or the list of a new run is read to its end.
    mutating func changeSuppressions() {
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<5:
            guard let address = World.suppressible.randomElement(using: &random) else { return }
            let reason: SuppressionReason = [.manual, .complaint, .addressDead].randomElement(using: &random)!
            let scope: SuppressionScope = [.organisation, .tenant, .stream("application"), .stream("campaign"), .list("news")]
                .randomElement(using: &random)!
            let key = SuppressionKey(tenant: .standard, scope: scope, digest: World.key.digest(address), reason: reason)
            tell([Suppression(key: key, address: address, source: "a person", createdAt: now)])
        case 5, 6: removeSuppressions()
        default: readSuppressions()
        }
    }

    mutating func removeSuppressions() {
        tell(
            suppressed.values.map {
                var entry = $0
                entry.removedAt = now
                return entry
            })
    }

    /// A new run begins without any of it.
    mutating func forgetSuppressions() { core.suppressionsBecame(SuppressionTable(key: World.key, isComplete: false)) }

    mutating func readSuppressions() {
        core.suppressionsChanged(suppressed.values)
        event(.suppressionsComplete)
    }

    mutating func took(_ effect: SuppressionEffect) {
        if effect.measure == .suppress { tell([effect.entry]) }
        // Few addresses are refused again and again here: with all of them on the list nothing would be attempted any more.
        if suppressed.count > World.suppressible.count / 4 { removeSuppressions() }
    }

    private mutating func tell(_ entries: [Suppression]) {
        for entry in entries { suppressed[entry.key] = entry.removedAt == nil ? entry : nil }
        core.suppressionsChanged(entries)
    }

    /// By the store's list and the rules as they are written down, without the core's table.
    func isSuppressed(_ address: EmailAddress, _ record: MessageRecord) -> Bool {
        let digest = World.key.digest(address)
        return suppressed.keys.contains { key in
            guard key.digest == digest else { return false }
            let concerns =
                switch key.scope {
                case .organisation, .tenant: true
                case .list(let name): record.list == name
                case .stream(let name): name == record.trafficClass.name || name == record.principal
                }
            return concerns && directory.suppressionPolicy.keeps(record.trafficClass, for: key.reason)
        }
    }
}
