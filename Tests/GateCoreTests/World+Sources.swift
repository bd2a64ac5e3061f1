import DeliveryPlanning
import GateCore
import MailModel
import OutboundPolicy

/// Egress sources that come and go, on this node and on others.
extension World {
    /// What the route `relay` allows, the preferred first.
    static let relaySources = ["far", "near"]

    static let sources: [String: EgressSource] = Dictionary(
        uniqueKeysWithValues: zip(["far", "near", "strange"], ["192.0.2.50", "192.0.2.51", "192.0.2.52"]).map { name, address in
            (name, EgressSource(name: name, ipv4: IPAddress(address), createdAt: Timestamp(seconds: 0)))
        })

    /// The machine's addresses: of some of the sources, or of all.
    mutating func changeAddresses(all: Bool = false) {
        let held = World.sources.values.sorted { $0.name < $1.name }.filter { _ in all || Bool.random(using: &random) }
        local = LocalAddresses(addresses: Set(held.flatMap(\.addresses)))
        event(.addressesFound(local))
    }

    mutating func changeSourcesElsewhere() {
        event(.sourcesElsewhere(Set(World.sources.keys.sorted().filter { _ in Bool.random(using: &random) })))
    }

    /// Mail moves only to a source that its route allows, and that the machine has.
    mutating func checkSource(_ order: ConnectionOrder) {
        let named = directory.routes[order.routeName]?.sources ?? []
        let allowed = named.isEmpty ? [EgressSource.standardName] : named
        if !allowed.contains(order.source.name) { problems.append("\(order.routeName) leaves from \(order.source.name)") }
        if !order.source.isOn(local) { problems.append("\(order.source.name) is used, and the machine does not have it") }
    }
}
