/// The SQL of what is known of the TLS of others.
enum TLSStatements {
    static let keepPolicy = """
        INSERT INTO mta_sts (domain, expires_at, value) VALUES ($1, $2, $3)
        ON CONFLICT (domain) DO UPDATE SET expires_at = excluded.expires_at, value = excluded.value
        """

    static let sawHost = """
        INSERT INTO tls_host (host, verified_at) VALUES ($1, $2)
        ON CONFLICT (host) DO UPDATE SET verified_at = excluded.verified_at WHERE tls_host.verified_at < excluded.verified_at
        """

    static let count = """
        INSERT INTO tls_session (day, domain, kind, total) VALUES ($1, $2, $3, $4)
        ON CONFLICT (day, domain, kind) DO UPDATE SET total = tls_session.total + excluded.total
        """

    static let report = "INSERT INTO tls_report (day, domain, at, outcome) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING"

    static let dropCounts = "DELETE FROM tls_session WHERE day < $1"
    static let dropReports = "DELETE FROM tls_report WHERE day < $1"

    static func dropPolicies(_ dialect: Dialect) -> String {
        """
        DELETE FROM mta_sts WHERE domain IN (\(dialect.once("""
            SELECT domain FROM mta_sts WHERE expires_at < $1 ORDER BY expires_at LIMIT $2
            """)))
        """
    }

    static func dropHosts(_ dialect: Dialect) -> String {
        """
        DELETE FROM tls_host WHERE host IN (\(dialect.once("""
            SELECT host FROM tls_host WHERE verified_at < $1 ORDER BY host LIMIT $2
            """)))
        """
    }

    static let policy = "SELECT value FROM mta_sts WHERE domain = $1"
    /// Those that end between two times, the first to end first.
    static let endingPolicies = "SELECT domain, value FROM mta_sts WHERE expires_at > $1 AND expires_at < $2 ORDER BY expires_at LIMIT $3"
    static let host = "SELECT verified_at FROM tls_host WHERE host = $1"
    static let sessions = """
        SELECT domain, kind, total FROM tls_session WHERE day = $1 AND ($2 = '' OR domain = $2) ORDER BY domain, kind LIMIT $3
        """
    static let reports = "SELECT domain, at, outcome FROM tls_report WHERE day = $1 ORDER BY domain LIMIT $2"
}
