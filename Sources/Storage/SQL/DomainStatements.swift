/// The SQL of reports on domains and of looks at them.
enum DomainStatements {
    static let receivedSince = "SELECT COUNT(*) FROM domain_report WHERE received_at >= $1"
    static let putReport = """
        INSERT INTO domain_report (id, domain, kind, organization, report_id, way, begin_at, end_at, received_at, total, passing)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING
        """
    static let dropReport = "DELETE FROM domain_report WHERE id = $1"
    static let putRow = """
        INSERT INTO domain_report_row (report, part, domain, kind, day, source, about, result, dkim, spf, passes, total)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        """
    static let putCheck = """
        INSERT INTO domain_check (domain, at, state, digest, changes) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (domain, at) DO UPDATE SET state = excluded.state, digest = excluded.digest, changes = excluded.changes
        """
    /// A look that was begun earlier and came later does not count.
    static let putState = """
        INSERT INTO domain_state (domain, at, memory) VALUES ($1, $2, $3)
        ON CONFLICT (domain) DO UPDATE SET at = excluded.at, memory = excluded.memory WHERE domain_state.at <= excluded.at
        """

    private static let columns = """
        SELECT id, domain, kind, organization, report_id, way, begin_at, end_at, received_at, total, passing FROM domain_report
        """
    static let reports = """
        \(columns) WHERE ($1 = '' OR domain = $1) AND ($2 = '' OR kind = $2) AND ($3 = '' OR id = $3)
        ORDER BY received_at DESC, id LIMIT $4
        """
    static let rows = """
        SELECT source, about, result, dkim, spf, passes, total FROM domain_report_row WHERE report = $1 ORDER BY part LIMIT $2
        """

    /// Of TLS each reason is a line of its own; of DMARC the reasons are figures of one.
    static func sources(byResult: Bool) -> String {
        let result = byResult ? "result" : "''"
        return """
            SELECT source, \(result) AS reason, CAST(SUM(total) AS BIGINT) AS messages, \(sum("passes = 1")), \(sum("dkim = 1")),
                \(sum("spf = 1")), \(sum("result = 'quarantine'")), \(sum("result = 'reject'")), MIN(day), MAX(day)
            FROM domain_report_row WHERE domain = $1 AND kind = $2 AND day >= $3
            GROUP BY source\(byResult ? ", result" : "") ORDER BY messages DESC, source LIMIT $4
            """
    }

    static let days = """
        SELECT day, source, CAST(SUM(total) AS BIGINT), \(sum("passes = 1")) FROM domain_report_row
        WHERE domain = $1 AND kind = $2 AND day >= $3 GROUP BY day, source ORDER BY day DESC, source LIMIT $4
        """

    private static func sum(_ condition: String) -> String { "CAST(SUM(CASE WHEN \(condition) THEN total ELSE 0 END) AS BIGINT)" }

    static let states = """
        SELECT s.domain, s.at, c.state, c.digest, c.changes, s.memory FROM domain_state s
        JOIN domain_check c ON c.domain = s.domain AND c.at = s.at WHERE ($1 = '' OR s.domain = $1) ORDER BY s.domain LIMIT $2
        """
    static let checks = "SELECT domain, at, state, digest, changes FROM domain_check WHERE domain = $1 ORDER BY at DESC LIMIT $2"

    static let dropStates = "DELETE FROM domain_state WHERE at < $1"

    static func dropReports(_ dialect: Dialect) -> String {
        """
        DELETE FROM domain_report WHERE id IN (\(dialect.once("""
            SELECT id FROM domain_report WHERE received_at < $1 ORDER BY received_at LIMIT $2
            """)))
        """
    }

    static func dropRows(_ dialect: Dialect) -> String {
        """
        DELETE FROM domain_report_row WHERE (report, part) IN (\(dialect.once("""
            SELECT report, part FROM domain_report_row WHERE day < $1 ORDER BY day LIMIT $2
            """)))
        """
    }

    static func dropChecks(_ dialect: Dialect) -> String {
        """
        DELETE FROM domain_check WHERE (domain, at) IN (\(dialect.once("""
            SELECT domain, at FROM domain_check WHERE at < $1 ORDER BY at LIMIT $2
            """)))
        """
    }
}
