/// The SQL of the journal, and of the figures and words that are made from it. Each text stands here once, for every driver.
enum DigestStatements {
    static let insertJournal = "INSERT INTO trace_journal (content) VALUES ($1)"
    static let journal = "SELECT number, content FROM trace_journal ORDER BY number LIMIT $1"
    static let dropJournal = "DELETE FROM trace_journal WHERE number = $1"
    static let journalLength = "SELECT COUNT(*) FROM (SELECT 1 FROM trace_journal LIMIT 10000) j"

    static let destination = "SELECT host FROM recipient WHERE day = $1 AND message = $2 AND idx = $3 AND tenant = $4"

    private static let countNames = TrafficCount.allCases.map(\.rawValue)
    private static func values(from first: Int) -> String { countNames.indices.map { "$\($0 + first)" }.joined(separator: ", ") }
    private static func adding(_ table: String) -> String {
        countNames.map { "\($0) = \(table).\($0) + excluded.\($0)" }.joined(separator: ", ")
    }
    private static let sums = countNames.map { "CAST(SUM(\($0)) AS BIGINT)" }.joined(separator: ", ")

    static let addCount = """
        INSERT INTO trace_count (tenant, day, slot, \(countNames.joined(separator: ", "))) VALUES ($1, $2, $3, \(values(from: 4)))
        ON CONFLICT (tenant, day, slot) DO UPDATE SET \(adding("trace_count"))
        """

    static let addDestination = """
        INSERT INTO destination_count (tenant, day, hour, destination, \(countNames.joined(separator: ", ")))
        VALUES ($1, $2, $3, $4, \(values(from: 5)))
        ON CONFLICT (day, hour, destination, tenant) DO UPDATE SET \(adding("destination_count"))
        """

    static let addOpen = """
        INSERT INTO open_count (tenant, destination, day, minute, queued, held) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (tenant, destination, day, minute) DO UPDATE
        SET queued = open_count.queued + excluded.queued, held = open_count.held + excluded.held
        """

    static let dropOpen = """
        DELETE FROM open_count WHERE tenant = $1 AND destination = $2 AND day = $3 AND minute = $4 AND queued = 0 AND held = 0
        """

    static let newestSegment = "SELECT segment, row_count FROM trace_segment WHERE day = $1 ORDER BY segment DESC LIMIT 1"

    static let addToSegment = """
        INSERT INTO trace_segment (day, segment, tenant, row_count) VALUES ($1, $2, 0, $3)
        ON CONFLICT (day, segment, tenant) DO UPDATE SET row_count = trace_segment.row_count + excluded.row_count
        """

    static let insertWord = "INSERT INTO trace_word (day, segment, word, batch, tenant, messages) VALUES ($1, $2, $3, $4, $5, $6)"

    static let segmentDays = "SELECT MAX(day) FROM trace_segment WHERE day < $1"

    /// Words from `$2` to `$3` of a day.
    static let wordsOfDay = """
        SELECT w.messages FROM trace_segment s JOIN trace_word w ON w.day = s.day AND w.segment = s.segment
        WHERE s.day = $1 AND w.word >= $2 AND w.word <= $3
        """

    static let counts = """
        SELECT day, slot, \(sums) FROM trace_count WHERE day >= $1 AND day <= $2 GROUP BY day, slot
        """

    static let destinations = """
        SELECT destination, \(sums) FROM destination_count WHERE day = $1 AND hour >= $2 AND hour <= $3 GROUP BY destination
        """

    static let oneDestination = "SELECT \(sums) FROM destination_count WHERE day = $1 AND hour = $2 AND destination = $3"

    /// For each age the recipients that are younger, then all, those held, and the minute of the oldest.
    static let queueShape: String = {
        let younger = QueueShape.ages.indices.map {
            "CAST(SUM(CASE WHEN day * 1440 + minute > CAST($\($0 + 1) AS BIGINT) THEN queued + held ELSE 0 END) AS BIGINT)"
        }
        return """
            SELECT destination, \(younger.joined(separator: ", ")), CAST(SUM(queued + held) AS BIGINT), CAST(SUM(held) AS BIGINT),
                MIN(day * 1440 + minute)
            FROM open_count GROUP BY destination
            """
    }()

    /// Figures of days that are over, one day at a time.
    static let purgeCounts = "DELETE FROM trace_count WHERE day < $1"
    static let oldestDestinationDay = "SELECT MIN(day) FROM destination_count WHERE day < $1"
    static let purgeDestinations = "DELETE FROM destination_count WHERE day = $1"

    static let oldestSegment = "SELECT day, segment FROM trace_segment WHERE day < $1 ORDER BY day, segment LIMIT 1"
    static let purgeWords = "DELETE FROM trace_word WHERE day = $1 AND segment = $2"
    static let purgeSegment = "DELETE FROM trace_segment WHERE day = $1 AND segment = $2"
}
