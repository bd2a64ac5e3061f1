/// The SQL of alerts. Each text stands here once, for every driver.
enum AlertStatements {
    /// The newest of a kind and subject, open or not.
    static let newest = """
        SELECT value FROM alert WHERE kind = $1 AND subject = $2 AND tenant = $3 ORDER BY is_open DESC, opened_at DESC LIMIT 1
        """

    static let byID = "SELECT value FROM alert WHERE id = $1"
    static let countOpen = "SELECT COUNT(*) FROM alert WHERE is_open = 1 AND kind = $1"

    static let put = """
        INSERT INTO alert (id, tenant, kind, subject, opened_at, last_at, is_open, value) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT (id) DO UPDATE SET last_at = excluded.last_at, is_open = excluded.is_open, value = excluded.value
        """

    static let open = "SELECT value FROM alert WHERE is_open = 1 AND last_at <= $1 ORDER BY last_at LIMIT $2"

    static func page(openOnly: Bool) -> String {
        """
        SELECT value FROM alert WHERE (last_at, id) < ($1, $2)\(openOnly ? " AND is_open = 1" : "") ORDER BY last_at DESC, id DESC LIMIT $3
        """
    }

    static let old = "SELECT id FROM alert WHERE is_open = 0 AND last_at < $1 ORDER BY last_at LIMIT $2"
    static let drop = "DELETE FROM alert WHERE id = $1"
    static let dropNotices = "DELETE FROM alert_notice WHERE alert = $1"

    // MARK: Notices

    static let countNotices = "SELECT COUNT(DISTINCT occasion) FROM alert_notice WHERE kind = $1 AND day = $2"

    /// A sender that was told before is not told again.
    static let insertNotice = """
        INSERT INTO alert_notice (channel, occasion, alert, kind, day, text, made_at, due_at, attempts, owner, lease_until, outcome)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0, 0, '')
        ON CONFLICT (channel, occasion) DO NOTHING
        """

    /// Mail first: a webhook may take its time.
    static func claimNotices(_ dialect: Dialect) -> String {
        """
        UPDATE alert_notice SET owner = $1, lease_until = $2
        WHERE (channel, occasion) IN (\(dialect.once("""
            SELECT channel, occasion FROM alert_notice WHERE done_at IS NULL AND due_at <= $3 AND lease_until <= $3
            ORDER BY CASE WHEN channel < 'webhook:' THEN 0 ELSE 1 END, due_at LIMIT $4\(dialect.skipLocked)
            """)))
        RETURNING channel, occasion, alert, text, made_at, attempts
        """
    }

    static let endNotice = """
        UPDATE alert_notice SET done_at = $1, outcome = $2, attempts = attempts + 1
        WHERE channel = $3 AND occasion = $4 AND owner = $5 AND done_at IS NULL
        """

    static let putOffNotice = """
        UPDATE alert_notice SET due_at = $1, outcome = $2, attempts = attempts + 1, owner = 0, lease_until = 0
        WHERE channel = $3 AND occasion = $4 AND owner = $5 AND done_at IS NULL
        """

    /// When the next one may be taken.
    static let nextNotice = """
        SELECT MIN(CASE WHEN lease_until > due_at THEN lease_until ELSE due_at END) FROM alert_notice WHERE done_at IS NULL
        """

    static let noticesOfAlert = """
        SELECT channel, occasion, due_at, attempts, done_at, outcome FROM alert_notice WHERE alert = $1 ORDER BY due_at, channel
        """
}
