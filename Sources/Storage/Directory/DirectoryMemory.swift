import OutboundPolicy
import Synchronization

/// The directory as it was last read, so that the next reading decodes only what has changed since.
final class DirectoryMemory: Sendable {
    private let last = Mutex<Directory?>(nil)

    /// As `connection` sees it, in one snapshot.
    func directory(_ connection: some StoreConnection) throws -> Directory {
        let read = try StoreReads.directory(connection, since: last.withLock { $0 })
        last.withLock { last in
            // Of two that read at a time, the newer one stays; after a store went back to an earlier moment, what it says now counts.
            if last.map({ $0.version < read.version || read.version < $0.version && read.readWhole }) ?? true { last = read.directory }
        }
        return read.directory
    }
}

/// What a reading of the directory came to.
struct DirectoryReading {
    var directory: Directory
    /// True where nothing earlier could be gone on from.
    var readWhole: Bool

    var version: Int64 { directory.version }
}

extension Directory {
    /// Takes out the objects that `part` has.
    mutating func remove(_ part: Directory) {
        for key in part.accounts.keys { accounts[key] = nil }
        for key in part.connectors.keys { connectors[key] = nil }
        for key in part.domains.keys { domains[key] = nil }
        for key in part.routes.keys { routes[key] = nil }
        for key in part.sources.keys { sources[key] = nil }
        pauses.subtract(part.pauses)
        for (domain, records) in part.dkimKeys {
            dkimKeys[domain]?.removeAll { record in records.contains { $0.selector == record.selector } }
            if dkimKeys[domain]?.isEmpty == true { dkimKeys[domain] = nil }
        }
        for key in part.apiKeys.keys { apiKeys[key] = nil }
        for key in part.policies.keys { policies[key] = nil }
        if part.service != nil { service = nil }
        if part.scanPolicy != nil { scanPolicy = nil }
        for key in part.domainStandings.keys { domainStandings[key] = nil }
        if part.suppression != nil { suppression = nil }
        for key in part.groups.keys { groups[key] = nil }
        for key in part.lists.keys { lists[key] = nil }
        for key in part.ldapServers.keys { ldapServers[key] = nil }
        for key in part.groupSyncs.keys { groupSyncs[key] = nil }
        for key in part.campaigns.keys { campaigns[key] = nil }
        for key in part.knownAddresses.keys { knownAddresses[key] = nil }
        for key in part.restrictions.keys { restrictions[key] = nil }
        for key in part.throttles.keys { throttles[key] = nil }
        for key in part.alertPolicies.keys { alertPolicies[key] = nil }
        for key in part.webhooks.keys { webhooks[key] = nil }
        for key in part.limitRequests.keys { limitRequests[key] = nil }
        for key in part.savedSearches.keys { savedSearches[key] = nil }
        for key in part.upstreamStops.keys { upstreamStops[key] = nil }
        for key in part.shaping.keys { shaping[key] = nil }
        for key in part.deliveryHolds.keys { deliveryHolds[key] = nil }
        for key in part.warmUps.keys { warmUps[key] = nil }
        for key in part.enrolments.keys { enrolments[key] = nil }
        for name in part.signInProviders.keys { signInProviders[name] = nil }
        for key in part.deliveryRules.keys { deliveryRules[key] = nil }
    }
}
