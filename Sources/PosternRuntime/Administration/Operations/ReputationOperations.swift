package import DNSClient
import DeliveryPlanning
package import MailModel
package import OutboundPolicy
import Storage

/// How our addresses and domains stand with each list, as the last look found it.
package struct ListReputation: AdministrativeOperation {
    package static let name = "reputation.list"
    package static let scope = AccessScope.routesRead
    package init() {}

    package func perform(in administration: Administration, _ act: Act) async throws -> [ReputationView] {
        let desk = try await ReputationDesk(administration)
        return ListReputation.views(desk.plan, try await desk.checks())
    }

    static func views(_ plan: ReputationPlan, _ checks: [ReputationCheck]) -> [ReputationView] {
        let byKey = Dictionary(checks.map { ($0.key, $0) }) { first, _ in first }
        let subjects = Dictionary(plan.subjects.map { ($0.name, $0.sources) }) { first, _ in first }
        let replies = checks.filter { $0.key.destination != nil && $0.isBad }.map(\.key)
        return (plan.keys + replies).map { key in
            ReputationView(key, byKey[key], sources: subjects[key.subject] ?? [], plan.lists.first { $0.name == key.list })
        }
    }
}

/// Asks the lists now, and looks at the names of our addresses.
package struct CheckReputation: AdministrativeOperation {
    package static let name = "reputation.check"
    package static let scope = AccessScope.routesWrite
    /// `192.0.2.1@5353`: who is asked in place of the settings' resolver. The HTTP interface does not offer it.
    package var resolver: String?

    package init(resolver: DNSServerAddress? = nil) { self.resolver = resolver?.description }

    /// By hand it may be asked for again and again; the lists are not.
    private static let rest = Duration.seconds(30)
    private static let time = Duration.seconds(15)

    package func perform(in administration: Administration, _ act: Act) async throws -> [ReputationView] {
        let server = resolver.flatMap { DNSServerAddress($0) }
        guard resolver == nil || server != nil else { throw AdministrationError(.invalid, "\"\(resolver ?? "")\" is no address@port") }
        let desk = try await ReputationDesk(administration)
        let last = try await desk.checks().map(\.at).max()
        if server == nil, let last, last <= act.at, last + CheckReputation.rest > act.at {
            throw AdministrationError(.conflict, "the lists were asked less than half a minute ago", "`postern reputation list` shows it.")
        }
        try await desk.look(by: server, pause: .milliseconds(50), time: CheckReputation.time, act)
        return ListReputation.views(desk.plan, try await desk.checks())
    }
}

/// What changed, the newest first.
package struct ListReputationEvents: AdministrativeOperation {
    package static let name = "reputation.history"
    package static let scope = AccessScope.routesRead
    /// 1…10,000.
    package var limit: Int

    package init(limit: Int) { self.limit = limit }

    package func perform(in administration: Administration, _ act: Act) async throws -> [ReputationEventView] {
        try PageLimit.check(limit)
        let limit = limit
        return try await administration.store.read { try $0.reputationEvents(before: nil, limit: limit).map(ReputationEventView.init) }
    }
}

/// A list, and its owner's rules.
package struct BlocklistView: Codable, Hashable, Sendable {
    package var name: String
    package var zone: String
    /// `address` or `domain`.
    package var subject: String
    package var enabled: Bool
    /// Whether a listing moves mail to other sources.
    package var moves: Bool
    package var terms: String
    package var page: String
    /// `127.0.0.2 listed: what it means`.
    package var codes: [String]

    init(_ list: Blocklist) {
        name = list.name
        zone = list.zone.text
        subject = list.subject.rawValue
        enabled = list.isOn
        moves = list.moves && list.subject == .address
        terms = list.terms
        page = list.page
        codes = list.codes.map { "\($0.range) \($0.meaning.rawValue): \($0.text)" }
    }
}

package struct ListBlocklists: AdministrativeOperation {
    package static let name = "reputation.lists"
    package static let scope = AccessScope.routesRead
    package init() {}

    package func perform(in administration: Administration, _ act: Act) async throws -> [BlocklistView] {
        try await ReputationDesk(administration).plan.lists.map(BlocklistView.init)
    }
}

/// Says as which addresses receivers see a source that stands behind a translator.
package struct SetSourcePublicAddresses: AdministrativeOperation {
    package static let name = "sources.public"
    package static let scope = AccessScope.routesWrite
    package var source: String
    /// Empty: its own are the ones that receivers see.
    package var addresses: [IPAddress]

    package init(source: String, addresses: [IPAddress]) {
        self.source = source
        self.addresses = addresses
    }

    static let addressesMax = 4

    package func perform(in administration: Administration, _ act: Act) async throws -> SourceView {
        guard var found = try await administration.directory().sources[source] else { throw AdministrationError.noSuch("source", source) }
        guard addresses.count <= SetSourcePublicAddresses.addressesMax, Set(addresses).count == addresses.count,
            addresses.allSatisfy({ !$0.isUnspecified })
        else {
            throw AdministrationError(.invalid, "source \(source): up to \(SetSourcePublicAddresses.addressesMax) different addresses")
        }
        found.publicAddresses = addresses.isEmpty ? nil : addresses
        let words = addresses.map(\.description).joined(separator: " ")
        try await administration.put(.source, name: source, found, entry: act.entry("source.public", target: "\(source): \(words)"))
        return try await SourceFacts.read(in: administration, at: act.at).view(found)
    }
}
