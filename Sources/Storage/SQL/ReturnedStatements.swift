/// The SQL of what comes back.
enum ReturnedStatements {
    static let put = "INSERT INTO returned_mail (id, part, at, message, report) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING"
    static let putContent = "INSERT INTO returned_content (id, at, content) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"

    private static let columns = "SELECT id, part, report FROM returned_mail"
    static let list = "\(columns) WHERE at < $1 ORDER BY at DESC, id, part LIMIT $2"
    static let ofMessage = "\(columns) WHERE at < $1 AND message = $3 ORDER BY at DESC, id, part LIMIT $2"
    static let ofIntake = "\(columns) WHERE at < $1 AND id = $3 ORDER BY at DESC, id, part LIMIT $2"
    static let content = "SELECT content FROM returned_content WHERE id = $1"

    static func dropReports(_ dialect: Dialect) -> String {
        """
        DELETE FROM returned_mail WHERE (id, part) IN (\(dialect.once("""
            SELECT id, part FROM returned_mail WHERE at < $1 ORDER BY at LIMIT $2
            """)))
        """
    }

    static func dropContent(_ dialect: Dialect) -> String {
        """
        DELETE FROM returned_content WHERE id IN (\(dialect.once("""
            SELECT id FROM returned_content WHERE at < $1 ORDER BY at LIMIT $2
            """)))
        """
    }
}
