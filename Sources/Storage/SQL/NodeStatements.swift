/// The SQL of runs, tasks and news. Each text stands here once, for every driver.
enum NodeStatements {
    /// Of `readRun`.
    private static let columns = "owner, node, name, version, addresses, sources, started_at, seen_at, lease_until, ended_at, ending"

    static let runs = "SELECT \(columns) FROM node_run ORDER BY node, started_at"

    static let isLiving = "SELECT 1 FROM node_run WHERE owner = $1 AND ended_at IS NULL"

    static let insert = """
        INSERT INTO node_run (owner, node, name, version, addresses, sources, started_at, seen_at, lease_until)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """

    /// Changes no row where the run is over.
    static let renew = """
        UPDATE node_run SET version = $1, addresses = $2, sources = $3, seen_at = $4, lease_until = $5
        WHERE owner = $6 AND ended_at IS NULL
        """

    static let sources = "SELECT sources FROM node_run WHERE owner = $1 AND ended_at IS NULL"
    static let runsChanged = "UPDATE counter SET value = value + 1 WHERE name = 'runs'"

    static let end = "UPDATE node_run SET ended_at = $1, ending = $2, seen_at = $3 WHERE owner = $4 AND ended_at IS NULL"

    static let endLapsed = """
        UPDATE node_run SET ended_at = $1, ending = 'taken-over' WHERE ended_at IS NULL AND lease_until <= $2 RETURNING owner, node, name
        """

    /// The run itself, should it have been registered before, and what the node was before.
    static let forget = "DELETE FROM node_run WHERE owner = $1 OR (ended_at IS NOT NULL AND (name = $2 OR ended_at < $3))"

    static let recipientsOfRun = "SELECT COUNT(*) FROM recipient WHERE state <= 1 AND state = 0 AND waits_for = 0 AND lease_owner = $1"

    /// Answers a row where the task is the owner's now: nobody had it, it is due and whoever had it is gone, or the owner has it already.
    static let holdTask = """
        INSERT INTO task (name, owner, lease_until, due_at) VALUES ($1, $2, $3, 0)
        ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, lease_until = excluded.lease_until
        WHERE task.owner = $2 OR (task.due_at <= $4 AND (task.lease_until <= $4
            OR NOT EXISTS (SELECT 1 FROM node_run r WHERE r.owner = task.owner AND r.ended_at IS NULL)))
        RETURNING owner
        """

    static let endTask = "UPDATE task SET owner = 0, lease_until = 0, due_at = $1 WHERE name = $2 AND owner = $3"

    /// The first value stays.
    static let putFact = "INSERT INTO store_fact (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING"
    static let fact = "SELECT value FROM store_fact WHERE name = $1"

    static let nextNews = "UPDATE counter SET value = value + 1 WHERE name = 'queue-news' RETURNING value"
    static let insertNews = "INSERT INTO queue_news (number, owner, kind, filter, at) VALUES ($1, $2, $3, $4, $5)"
    static let dropNews = "DELETE FROM queue_news WHERE at < $1"
    static let news = "SELECT number, owner, kind, filter FROM queue_news WHERE number > $1 ORDER BY number LIMIT $2"
    static let lastChange = "SELECT name, value FROM counter WHERE name IN ('directory', 'queue-news', 'runs', 'suppressions')"

    /// Of an event that changes nothing else, where the recipient's state is at most `$5`.
    static let numberInterruption = """
        UPDATE recipient SET events = events + 1 WHERE day = $1 AND message = $2 AND idx = $3 AND tenant = $4 AND state <= $5
        """
}
