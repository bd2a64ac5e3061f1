import Campaigns
import MailModel

/// The SQL of what DNS says of the domains on lists.
enum ListDomainStatements {
    /// One that was looked at long ago is looked at again.
    static let note = """
        INSERT INTO list_domain (tenant, list, domain, state, tries, checked_at, hosts) VALUES ($1, $2, $3, 0, 0, 0, '')
        ON CONFLICT (tenant, list, domain) DO UPDATE SET state = 0, tries = 0, checked_at = 0
        WHERE list_domain.state > 0 AND list_domain.checked_at < $4
        """
    static let open = """
        SELECT domain FROM list_domain WHERE tenant = $1 AND state = 0 AND checked_at < $2
        GROUP BY domain ORDER BY MIN(checked_at), domain LIMIT $3
        """
    static let looked = """
        UPDATE list_domain SET state = $1, tries = 0, checked_at = $2, hosts = $3 WHERE tenant = $4 AND domain = $5
        """
    /// The third time without an answer is the last.
    static let unanswered = """
        UPDATE list_domain SET state = CASE WHEN tries >= 2 THEN 5 ELSE 0 END, tries = tries + 1, checked_at = $1
        WHERE tenant = $2 AND domain = $3 AND state = 0
        """
    static let hosts = "SELECT hosts FROM list_domain WHERE tenant = $1 AND list = $2 AND domain = $3"
    static let counts = "SELECT state, COUNT(*) FROM list_domain WHERE tenant = $1 AND list = $2 GROUP BY state"
    static let dead = """
        SELECT domain, state, checked_at FROM list_domain WHERE tenant = $1 AND list = $2 AND state BETWEEN 2 AND 4 ORDER BY domain LIMIT $3
        """
    static let drop = "DELETE FROM list_domain WHERE tenant = $1 AND list = $2"
}

extension StoreWriter {
    /// Domains that have not been looked at for so long are looked at again.
    private static var lookedMax: Duration { .seconds(30 * 86_400) }

    /// What the addresses of people who come onto a list need to be known.
    func noteDomains(of people: [Subscriber], list: Int64, at now: Timestamp) throws {
        var domains: Set<String> = []
        for person in people {
            if let domain = person.address.domain?.text { domains.insert(domain) }
        }
        let statement = try connection.prepare(ListDomainStatements.note)
        // In order, so that no two writers wait for each other.
        for domain in domains.sorted() {
            try statement.begin().bind(TenantID.standard.value).bind(list).bind(domain)
                .bind((now - StoreWriter.lookedMax).milliseconds).send()
        }
    }

    func looked(_ found: [ListDomain], at now: Timestamp) throws -> Int {
        var count = 0
        for one in found {
            if one.state == .open {
                count += try prepare(ListDomainStatements.unanswered).bind(now.milliseconds).bind(TenantID.standard.value).bind(one.domain)
                    .run()
            } else {
                count += try prepare(ListDomainStatements.looked).bind(one.state.rawValue).bind(now.milliseconds)
                    .bind(one.hosts.joined(separator: " "))
                    .bind(TenantID.standard.value).bind(one.domain).run()
            }
        }
        return count
    }
}

extension StoreReads {
    static func openDomains(_ connection: some StoreConnection, before: Timestamp, limit: Int) throws -> [String] {
        let statement = try connection.prepare(ListDomainStatements.open).begin().bind(TenantID.standard.value).bind(before.milliseconds)
            .bind(min(max(limit, 1), 10_000))
        var domains: [String] = []
        while try statement.step() { domains.append(statement.readText()) }
        return domains
    }

    static func mailHosts(_ connection: some StoreConnection, of domains: [String], list: Int64) throws -> [String: [String]] {
        let statement = try connection.prepare(ListDomainStatements.hosts)
        var found: [String: [String]] = [:]
        for domain in domains {
            statement.begin().bind(TenantID.standard.value).bind(list).bind(domain)
            while try statement.step() { found[domain] = statement.readText().split(separator: " ").map(String.init) }
        }
        return found
    }

    static func domainCounts(_ connection: some StoreConnection, list: Int64) throws -> [MailDomainState: Int] {
        let statement = try connection.prepare(ListDomainStatements.counts).begin().bind(TenantID.standard.value).bind(list)
        var counts: [MailDomainState: Int] = [:]
        while try statement.step() {
            let state = try state(statement.readInt())
            counts[state] = statement.readInt()
        }
        return counts
    }

    static func deadDomains(_ connection: some StoreConnection, list: Int64, limit: Int) throws -> [ListDomain] {
        let statement = try connection.prepare(ListDomainStatements.dead).begin().bind(TenantID.standard.value).bind(list)
            .bind(max(limit, 1))
        var found: [ListDomain] = []
        while try statement.step() {
            let domain = statement.readText()
            let state = try state(statement.readInt())
            found.append(ListDomain(domain: domain, state: state, checkedAt: Timestamp(milliseconds: statement.readInt64())))
        }
        return found
    }

    private static func state(_ number: Int) throws -> MailDomainState {
        guard let state = MailDomainState(rawValue: number) else { throw RowText.damaged("state of a domain", "\(number)") }
        return state
    }
}
