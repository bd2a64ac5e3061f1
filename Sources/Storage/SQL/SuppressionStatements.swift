/// The SQL of the suppression list and of what becomes of mail.
enum SuppressionStatements {
    static let takeStamps = "UPDATE counter SET value = value + $1 WHERE name = 'suppressions' RETURNING value"

    /// Changes no row where the entry counts already and does not last longer now.
    static let put = """
        INSERT INTO suppression
            (digest_high, digest_low, tenant, scope, reason, address, source, note, created_at, expires_at, removed_at, stamp)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, NULL, $11)
        ON CONFLICT (digest_high, digest_low, tenant, scope, reason) DO UPDATE
        SET address = excluded.address, source = excluded.source, note = excluded.note, created_at = excluded.created_at,
            expires_at = excluded.expires_at, removed_at = NULL, stamp = excluded.stamp
        WHERE suppression.removed_at IS NOT NULL
            OR (suppression.expires_at IS NOT NULL AND (excluded.expires_at IS NULL OR excluded.expires_at > suppression.expires_at))
        """

    private static let isKey = "digest_high = $3 AND digest_low = $4 AND tenant = $5 AND scope = $6 AND reason = $7"
    static let remove = "UPDATE suppression SET removed_at = $1, stamp = $2 WHERE \(isKey) AND removed_at IS NULL"
    /// `$1`: now. One that had run out meanwhile lasts for ever.
    static let restore = """
        UPDATE suppression SET removed_at = NULL, expires_at = CASE WHEN expires_at > $1 THEN expires_at END, stamp = $2
        WHERE \(isKey) AND removed_at IS NOT NULL
        """

    static let erase = """
        UPDATE suppression SET address = '', source = '', note = '' WHERE digest_high = $1 AND digest_low = $2 AND address <> ''
        """

    static let expired = """
        SELECT digest_high, digest_low, tenant, scope, reason FROM suppression
        WHERE expires_at IS NOT NULL AND removed_at IS NULL AND expires_at <= $1 ORDER BY expires_at LIMIT $2
        """

    static func dropRemoved(_ dialect: Dialect) -> String {
        """
        DELETE FROM suppression WHERE (digest_high, digest_low, tenant, scope, reason) IN (\(dialect.once("""
            SELECT digest_high, digest_low, tenant, scope, reason FROM suppression
            WHERE removed_at IS NOT NULL AND removed_at < $1 ORDER BY removed_at LIMIT $2
            """)))
        """
    }

    static func dropSoft(_ dialect: Dialect) -> String {
        """
        DELETE FROM soft_bounce WHERE (digest_high, digest_low, tenant, day) IN (\(dialect.once("""
            SELECT digest_high, digest_low, tenant, day FROM soft_bounce WHERE day < $1 ORDER BY day LIMIT $2
            """)))
        """
    }

    static func dropCounts(_ dialect: Dialect) -> String {
        """
        DELETE FROM sending_count WHERE (tenant, subject, event, hour, provider, slot) IN (\(dialect.once("""
            SELECT tenant, subject, event, hour, provider, slot FROM sending_count WHERE hour < $1 ORDER BY hour LIMIT $2
            """)))
        """
    }

    static let noteSoft = "INSERT INTO soft_bounce (digest_high, digest_low, tenant, day) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING"
    static let softDays =
        "SELECT COUNT(*) FROM soft_bounce WHERE digest_high = $1 AND digest_low = $2 AND tenant = $3 AND day >= $4"
    static let forgetSoft = "DELETE FROM soft_bounce WHERE digest_high = $1 AND digest_low = $2 AND tenant = $3"

    static let addCount = """
        INSERT INTO sending_count (tenant, subject, event, hour, provider, slot, total) VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (tenant, subject, event, hour, provider, slot) DO UPDATE SET total = sending_count.total + excluded.total
        """

    // MARK: Reading

    private static let columns = """
        digest_high, digest_low, tenant, scope, reason, address, source, note, created_at, expires_at, removed_at, stamp
        """

    static let ofDigest = "SELECT \(columns) FROM suppression WHERE digest_high = $1 AND digest_low = $2 ORDER BY created_at DESC"

    /// Newest change first. `$2`: a reason or nothing; `$3`: a scope or nothing; `$4`: a pattern of addresses or nothing; `$5`: 1 for those too that count no more.
    static let list = """
        SELECT \(columns) FROM suppression
        WHERE stamp < $1 AND ($2 = '' OR reason = $2) AND ($3 = '' OR scope = $3) AND ($4 = '' OR address LIKE $4 ESCAPE '!')
            AND ($5 = 1 OR removed_at IS NULL)
        ORDER BY stamp DESC LIMIT $6
        """

    /// What counts, by place: the next after one.
    static let page = """
        SELECT \(columns) FROM suppression
        WHERE (digest_high, digest_low, tenant, scope, reason) > ($1, $2, $3, $4, $5) AND removed_at IS NULL
        ORDER BY digest_high, digest_low, tenant, scope, reason LIMIT $6
        """

    static let changes = "SELECT \(columns) FROM suppression WHERE stamp > $1 ORDER BY stamp LIMIT $2"
    static let stamp = "SELECT value FROM counter WHERE name = 'suppressions'"
    static let totals = "SELECT reason, COUNT(*) FROM suppression WHERE removed_at IS NULL GROUP BY reason ORDER BY reason"

    /// Subjects of which something came back since an hour.
    static let subjectsConcerned = """
        SELECT DISTINCT tenant, subject FROM sending_count
        WHERE hour >= $1 AND event IN ('address-dead', 'complaint', 'deferred') ORDER BY tenant, subject LIMIT $2
        """
    static let figures = """
        SELECT event, provider, hour, CAST(SUM(total) AS BIGINT) FROM sending_count
        WHERE tenant = $1 AND subject = $2 AND hour >= $3 AND hour < $4 GROUP BY event, provider, hour ORDER BY hour, provider, event
        """
}
