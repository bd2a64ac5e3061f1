/// The SQL of what is known of our own reputation.
enum ReputationStatements {
    static let putCheck = """
        INSERT INTO reputation_check (subject, list, value) VALUES ($1, $2, $3)
        ON CONFLICT (subject, list) DO UPDATE SET value = excluded.value
        """
    static let dropCheck = "DELETE FROM reputation_check WHERE subject = $1 AND list = $2"
    static let checks = "SELECT value FROM reputation_check ORDER BY subject, list"

    static let putEvent = """
        INSERT INTO reputation_event (at, subject, list, value) VALUES ($1, $2, $3, $4)
        ON CONFLICT (at, subject, list) DO UPDATE SET value = excluded.value
        """
    static let events = "SELECT value FROM reputation_event WHERE at < $1 ORDER BY at DESC, subject, list LIMIT $2"
    static let dropEvents = "DELETE FROM reputation_event WHERE at < $1"

    static let putFigure = """
        INSERT INTO reputation_figure (source, figure_day, subject, value) VALUES ($1, $2, $3, $4)
        ON CONFLICT (source, figure_day, subject) DO UPDATE SET value = excluded.value
        """
    static let figures = """
        SELECT value FROM reputation_figure WHERE source = $1 AND figure_day >= $2 ORDER BY figure_day DESC, subject LIMIT $3
        """
    static let dropFigures = "DELETE FROM reputation_figure WHERE figure_day < $1"
}
