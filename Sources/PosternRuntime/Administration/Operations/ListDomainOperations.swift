import MailModel
package import OutboundPolicy
import Storage

/// What DNS says of the domains on a list.
package struct ShowListDomains: AdministrativeOperation {
    package static let name = "lists.domains"
    package static let scope = AccessScope.listsRead
    package var list: String

    package init(list: String) { self.list = list }

    /// Domains that are named.
    private static let findingsMax = 1000

    package func perform(in administration: Administration, _ act: Act) async throws -> ListDomainsView {
        let found = try await administration.list(list)
        return try await administration.store.read { store in
            let counts = try store.domainCounts(list: found.number)
            let dead = try store.deadDomains(list: found.number, limit: ShowListDomains.findingsMax)
            let open = counts[.open] ?? 0
            return ListDomainsView(
                list: list, domains: counts.values.reduce(0, +), open: open, unanswered: counts[.unanswered] ?? 0,
                dead: counts.filter(\.key.isDead).values.reduce(0, +),
                secondsLeft: (open + ListDomainService.paceMax - 1) / ListDomainService.paceMax,
                findings: dead.map {
                    ListDomainsView.Finding(domain: $0.domain, problem: $0.state.problem, checked: $0.checkedAt?.rfc3339 ?? "")
                })
        }
    }
}

/// The domains of a list, as far as they have been looked at.
package struct ListDomainsView: Codable, Hashable, Sendable {
    package struct Finding: Codable, Hashable, Sendable {
        package var domain: String
        package var problem: String
        package var checked: String
    }

    package var list: String
    package var domains: Int
    /// Not looked at yet.
    package var open: Int
    /// DNS gave no answer three times; they count as domains that take mail.
    package var unanswered: Int
    /// Take no mail: campaigns leave their people out.
    package var dead: Int
    /// Until all are looked at, where a gate runs.
    package var secondsLeft: Int
    /// The first thousand of those that take no mail.
    package var findings: [Finding]
}
