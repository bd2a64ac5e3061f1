/// The SQL of counters and shares. Each text stands here once, for every driver.
enum CountingStatements {
    /// One statement, so that what a run that is over just now had is seen either as its portion or as used.
    /// `$3`, `$4`: the oldest sum that counts, and today.
    static let reading = """
        SELECT
            (SELECT CAST(COALESCE(SUM(total), 0) AS BIGINT) FROM counter_bucket WHERE tenant = $1 AND name = $2 AND bucket >= $3 AND day >= $4),
            (SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM counter_portion WHERE tenant = $1 AND name = $2),
            (SELECT MIN(bucket) FROM counter_bucket WHERE tenant = $1 AND name = $2 AND bucket >= $3 AND day >= $4)
        """

    /// `$3`, `$4`: the oldest sum that counts, and today.
    static let sums = """
        SELECT bucket, CAST(SUM(total) AS BIGINT) FROM counter_bucket WHERE tenant = $1 AND name = $2 AND bucket >= $3 AND day >= $4
        GROUP BY bucket ORDER BY bucket
        """

    static let use = """
        INSERT INTO counter_bucket (tenant, name, bucket, day, total) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (tenant, name, bucket, day) DO UPDATE SET total = counter_bucket.total + excluded.total
        """

    static let dropOld = "DELETE FROM counter_bucket WHERE tenant = $1 AND name = $2 AND bucket < $3"

    /// A few sums of counters that nobody may be using any more.
    static let dropForgotten = """
        DELETE FROM counter_bucket WHERE (tenant, name, bucket, day) IN (
            SELECT tenant, name, bucket, day FROM counter_bucket WHERE day < $1 LIMIT $2)
        """

    static let returnPortion = "DELETE FROM counter_portion WHERE tenant = $1 AND name = $2 AND owner = $3"

    static let grantPortion = "INSERT INTO counter_portion (tenant, name, owner, window_ms, amount) VALUES ($1, $2, $3, $4, $5)"

    static let takePortions = "DELETE FROM counter_portion WHERE owner = $1 RETURNING tenant, name, window_ms, amount"

    static let othersShares =
        "SELECT COALESCE(SUM(granted), 0), COALESCE(SUM(wanted), 0) FROM connection_share WHERE scope = $1 AND owner <> $2"

    static let putShare = """
        INSERT INTO connection_share (scope, owner, granted, wanted) VALUES ($1, $2, $3, $4)
        ON CONFLICT (scope, owner) DO UPDATE SET granted = excluded.granted, wanted = excluded.wanted
        """

    static let dropShare = "DELETE FROM connection_share WHERE scope = $1 AND owner = $2"
    static let dropShares = "DELETE FROM connection_share WHERE owner = $1"
}
