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

    /// Adds the object, of which `version` stands in the store. Throws `undecodable` where the kind is unknown, the text does not decode,
    /// or two objects have one key: a directory that is read in part would decide wrongly.
    package static func add(
        kind: String, name: String, value: String, version: Int64 = 0, to directory: inout Directory
    ) throws {
        func failure(_ reason: String) -> StoreError { .undecodable(kind: kind, name: name, reason: reason) }
        func isRepeated(_ old: Any?) throws {
            if old != nil { throw failure("another \(kind) stands for the same") }
        }
        func decode<T: Decodable>(_ type: T.Type) throws -> T { try object(type, value, orThrow: failure) }
        func put<Key, T: Decodable>(_ table: WritableKeyPath<Directory, [Key: T]>, _ key: (T) -> Key, _ edit: (inout T) -> Void = { _ in })
            throws
        {
            var object = try decode(T.self)
            edit(&object)
            try isRepeated(directory[keyPath: table].updateValue(object, forKey: key(object)))
        }
        guard let known = DirectoryKind(rawValue: kind) else { throw failure("this program does not know the kind") }
        switch known {
        case .account: try put(\.accounts, \.address.key)
        case .connector: try put(\.connectors, \.name)
        case .domain: try put(\.domains, \.name)
        case .route: try put(\.routes, \.name)
        case .source: try put(\.sources, \.name)
        case .pause:
            let pause = try decode(Pause.self)
            if !directory.pauses.insert(pause.scope).inserted { throw failure("another \(kind) stands for the same") }
        case .dkimKey:
            let key = try decode(DKIMKeyRecord.self)
            // In order of selector, whichever came first.
            let place = directory.dkimKeys[key.domain]?.firstIndex { $0.selector > key.selector }
            directory.dkimKeys[key.domain, default: []].insert(key, at: place ?? directory.dkimKeys[key.domain]?.count ?? 0)
        case .apiKey: try put(\.apiKeys, \.name)
        case .policy: try put(\.policies, \.name)
        case .serviceLimits:
            try isRepeated(directory.service)
            directory.service = try decode(ServiceLimits.self)
        case .suppressionPolicy:
            try isRepeated(directory.suppression)
            directory.suppression = try decode(SuppressionPolicy.self)
        case .domainStanding: try put(\.domainStandings, \.domain)
        case .feedbackLoop: try put(\.enrolments, \.key)
        case .signInProvider: try put(\.signInProviders, \.name)
        case .group: try put(\.groups, \.address)
        case .ldapServer: try put(\.ldapServers, \.name)
        case .groupSync: try put(\.groupSyncs, \.group)
        case .list: try put(\.lists, \.name)
        case .campaign: try put(\.campaigns, \.name)
        case .knownAddresses: try put(\.knownAddresses, \.domain)
        case .restriction: try put(\.restrictions, \.entity)
        case .throttle: try put(\.throttles, \.principal)
        case .alertPolicy: try put(\.alertPolicies, \.kind)
        case .webhook: try put(\.webhooks, \.name)
        case .limitRequest: try put(\.limitRequests, \.id) { $0.version = version }
        case .savedSearch: try put(\.savedSearches, \.key)
        case .shaping: try put(\.shaping, \.name)
        case .deliveryHold: try put(\.deliveryHolds, \.key)
        case .warmUp: try put(\.warmUps, \.name) { $0.version = version }
        case .deliveryRule: try put(\.deliveryRules, \.name)
        case .upstreamStop: try put(\.upstreamStops, \.route) { $0.version = version }
        case .scanPolicy:
            try isRepeated(directory.scanPolicy)
            directory.scanPolicy = try decode(ScanPolicy.self)
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
