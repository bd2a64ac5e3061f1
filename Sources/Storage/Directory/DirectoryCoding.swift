import Foundation
import MailModel
package import OutboundPolicy

/// Objects of the directory as JSON, and back.
package enum DirectoryCoding {
    /// What `DirectoryChange.value` takes. Keys are sorted, so that equal objects have equal texts.
    package static func text(_ object: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(object), as: UTF8.self)
    }

    /// Adds the object, of which `version` stands in the store. Throws `undecodable` where the kind is unknown, the text does not decode, or two objects have one key: a
    /// directory that is read in part would decide wrongly.
    package static func add(
        kind: String, name: String, value: String, version: Int64 = 0, to directory: inout Directory
    ) throws {
        func failure(_ reason: String) -> StoreError { .undecodable(kind: kind, name: name, reason: reason) }
        func decode<T: Decodable>(_ type: T.Type) throws -> T { try object(type, value, orThrow: failure) }
        func isRepeated(_ old: Any?) throws {
            if old != nil { throw failure("another \(kind) stands for the same") }
        }
        guard let known = DirectoryKind(rawValue: kind) else { throw failure("this program does not know the kind") }
        switch known {
        case .account:
            let account = try decode(Account.self)
            try isRepeated(directory.accounts.updateValue(account, forKey: account.address.key))
        case .connector:
            let connector = try decode(Connector.self)
            try isRepeated(directory.connectors.updateValue(connector, forKey: connector.name))
        case .domain:
            let domain = try decode(AcceptedDomain.self)
            try isRepeated(directory.domains.updateValue(domain, forKey: domain.name))
        case .route:
            let route = try decode(Route.self)
            try isRepeated(directory.routes.updateValue(route, forKey: route.name))
        case .source:
            let source = try decode(EgressSource.self)
            try isRepeated(directory.sources.updateValue(source, forKey: source.name))
        case .pause:
            let pause = try decode(Pause.self)
            if !directory.pauses.insert(pause.scope).inserted { throw failure("another \(kind) stands for the same") }
        case .dkimKey:
            let key = try decode(DKIMKeyRecord.self)
            // In order of selector, whichever came first.
            let place = directory.dkimKeys[key.domain]?.firstIndex { $0.selector > key.selector }
            directory.dkimKeys[key.domain, default: []].insert(key, at: place ?? directory.dkimKeys[key.domain]?.count ?? 0)
        case .apiKey:
            let key = try decode(APIKey.self)
            try isRepeated(directory.apiKeys.updateValue(key, forKey: key.name))
        case .policy:
            let policy = try decode(SendingPolicy.self)
            try isRepeated(directory.policies.updateValue(policy, forKey: policy.name))
        case .serviceLimits:
            try isRepeated(directory.service)
            directory.service = try decode(ServiceLimits.self)
        case .group:
            let group = try decode(RecipientGroup.self)
            try isRepeated(directory.groups.updateValue(group, forKey: group.address))
        case .knownAddresses:
            let known = try decode(KnownAddresses.self)
            try isRepeated(directory.knownAddresses.updateValue(known, forKey: known.domain))
        case .restriction:
            let restriction = try decode(Restriction.self)
            try isRepeated(directory.restrictions.updateValue(restriction, forKey: restriction.entity))
        case .throttle:
            let throttle = try decode(SubmissionThrottle.self)
            try isRepeated(directory.throttles.updateValue(throttle, forKey: throttle.principal))
        case .alertPolicy:
            let policy = try decode(AlertPolicyChange.self)
            try isRepeated(directory.alertPolicies.updateValue(policy, forKey: policy.kind))
        case .webhook:
            let webhook = try decode(Webhook.self)
            try isRepeated(directory.webhooks.updateValue(webhook, forKey: webhook.name))
        case .limitRequest:
            var request = try decode(LimitRequest.self)
            request.version = version
            try isRepeated(directory.limitRequests.updateValue(request, forKey: request.id))
        case .savedSearch:
            try isRepeated(directory.savedSearches.updateValue(try decode(SavedSearch.self), forKey: name))
        case .upstreamStop:
            var stop = try decode(UpstreamStop.self)
            stop.version = version
            try isRepeated(directory.upstreamStops.updateValue(stop, forKey: stop.route))
        }
    }

    private static func object<T: Decodable>(_ type: T.Type, _ text: String, orThrow failure: (String) -> StoreError) throws -> T {
        do {
            return try JSONDecoder().decode(type, from: Data(text.utf8))
        } catch {
            throw failure("\(error)")
        }
    }
}
