import DequeModule
import MailModel
import OutboundPolicy

extension DeliveryQueue {
    /// What must be true after each event; empty where it is. For tests and the seeded walk.
    package func brokenInvariants() -> [String] {
        var broken: [String] = []
        func require(_ condition: Bool, _ text: @autoclosure () -> String) {
            if !condition { broken.append(text()) }
        }
        let recipients = messages.values.reduce(0) { $0 + $1.recipients.count }
        require(recipients == leasedCount, "leasedCount \(leasedCount) but \(recipients) recipients in memory")
        let bytes = messages.values.reduce(0) { $0 + ($1.content?.count ?? 0) }
        require(bytes == freshBytes, "freshBytes \(freshBytes) but \(bytes) held")
        require(freshBytes <= settings.freshBytesMax, "fresh content over its bound")
        require(recipientsInMemory <= settings.leasedMax, "\(recipientsInMemory) recipients in memory, over their bound")
        require(connections.count <= settings.connectionsMax, "\(connections.count) connections")
        var places: [RecipientID: Int] = [:]
        func count(_ entry: Entry, isInFlight: Bool) {
            for index in entry.indices {
                guard let message = messages[entry.message], let position = message.position(of: index),
                    message.recipients[position].isInFlight == isInFlight, message.recipients[position].ticket == entry.ticket
                else { continue }
                places[RecipientID(tenant: message.record.tenant, message: entry.message, index: index), default: 0] += 1
            }
        }
        for (key, site) in sites {
            for entry in site.ready.entries { count(entry, isInFlight: false) }
            var opening = 0
            for id in site.connections {
                guard let connection = connections[id] else {
                    broken.append("site \(key.site) names a connection that is gone")
                    continue
                }
                switch connection.phase {
                case .opening: opening += 1
                case .idle: require(site.idle.contains(id), "idle connection not in its site's list")
                case .busy(let entry): count(entry, isInFlight: true)
                }
            }
            require(opening == site.openingCount, "openingCount \(site.openingCount) but \(opening)")
            let isSlowed = upstream.slowed[key.route] != nil || site.isWaiting
            require(site.ready.isEmpty || site.idle.isEmpty || !mayBegin || isSlowed, "ready mail beside an idle connection")
            require(
                site.ready.isEmpty || !site.connections.isEmpty || site.isStarving || !mayBegin || isSlowed, "ready mail that nobody serves"
            )
        }
        for (hosts, group) in hostGroups {
            let members = sites.values.filter { $0.hosts == hosts }
            let most = members.map { max(1, $0.route.value.connectionsMax) }.max() ?? 0
            require(group.connections.count <= most, "\(group.connections.count) connections to \(hosts.site), over \(most)")
            require(group.connections == members.reduce(into: []) { $0.formUnion($1.connections) }, "connections of \(hosts.site)")
            let resting = members.flatMap(\.idle)
            require(group.waiting.isEmpty || resting.isEmpty || !mayBegin, "mail waits beside connections that rest")
        }
        require(Set(sites.values.flatMap(\.connections)).count == hostGroups.values.reduce(0) { $0 + $1.connections.count }, "lost count")
        for waiting in resolving.values.joined() { count(waiting.entry, isInFlight: false) }
        for probe in upstream.probes.values { if let waiting = probe.waiting { count(waiting.entry, isInFlight: false) } }
        for (route, stop) in upstream.stops {
            require(route == stop.route, "the stop of \(stop.route) stands under \(route)")
            let isProbed = upstream.probes[route] != nil
            require(isProbed || !sites.contains { $0.key.route == route && !$0.value.ready.isEmpty }, "ready mail on a stopped route")
        }
        for (id, message) in messages {
            for recipient in message.recipients {
                let place = RecipientID(tenant: message.record.tenant, message: id, index: recipient.record.index)
                require(places[place] == 1, "\(place) is in \(places[place] ?? 0) places")
                require(recipient.isInFlight || recipient.owner == owner, "\(place) waits, held by a former run")
            }
        }
        return broken
    }
}
