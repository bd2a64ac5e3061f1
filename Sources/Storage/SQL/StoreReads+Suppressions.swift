import MailModel

/// The suppression list, and the figures of what became of mail.
extension StoreReads {
    /// Everything that is known of an address, what was removed among it.
    static func suppressions(_ connection: some StoreConnection, of digest: AddressDigest) throws -> [Suppression] {
        let statement = try connection.prepare(SuppressionStatements.ofDigest).begin().bind(digest)
        return try rows(statement)
    }

    /// Those addresses of which something is known, by their places.
    static func suppressions(_ connection: some StoreConnection, of digests: [AddressDigest]) throws -> [Int: [Suppression]] {
        let statement = try connection.prepare(SuppressionStatements.ofDigest)
        var found: [Int: [Suppression]] = [:]
        for (place, digest) in digests.enumerated() {
            let known = try rows(statement.begin().bind(digest))
            if !known.isEmpty { found[place] = known }
        }
        return found
    }

    static func suppressions(_ connection: some StoreConnection, _ query: SuppressionQuery) throws -> [Suppression] {
        let statement = try connection.prepare(SuppressionStatements.list).begin().bind(query.before ?? Int64.max)
            .bind(query.reason?.rawValue ?? "").bind(query.scope?.description ?? "").bind(pattern(query.pattern ?? ""))
            .bind(query.includesRemoved).bind(min(max(query.limit, 1), 10_000))
        return try rows(statement)
    }

    /// `example.com` and `@example.com` are a domain; all else is a beginning.
    private static func pattern(_ text: String) -> String {
        guard !text.isEmpty else { return "" }
        let escaped = text.lowercased().replacing("!", with: "!!").replacing("%", with: "!%").replacing("_", with: "!_")
        if let at = escaped.firstIndex(of: "@"), at != escaped.startIndex { return escaped + "%" }
        return escaped.hasPrefix("@") ? "%" + escaped : escaped.contains(".") ? "%@" + escaped : escaped + "%"
    }

    /// What counts, in the order of keys.
    static func suppressionPage(_ connection: some StoreConnection, after key: SuppressionKey?, limit: Int) throws -> [Suppression] {
        let statement = try connection.prepare(SuppressionStatements.page).begin()
        if let key {
            statement.bind(key)
        } else {
            statement.bind(Int64.min).bind(Int64.min).bind(Int32.min).bind("").bind("")
        }
        return try rows(statement.bind(limit))
    }

    static func suppressionChanges(_ connection: some StoreConnection, after stamp: Int64, limit: Int) throws -> [Suppression] {
        try rows(try connection.prepare(SuppressionStatements.changes).begin().bind(stamp).bind(limit))
    }

    private static func rows(_ statement: some StoreStatement) throws -> [Suppression] {
        var rows: [Suppression] = []
        while try statement.step() { rows.append(try statement.readSuppression()) }
        return rows
    }

    static func suppressionTotals(_ connection: some StoreConnection) throws -> [SuppressionReason: Int] {
        let statement = try connection.prepare(SuppressionStatements.totals).begin()
        var totals: [SuppressionReason: Int] = [:]
        while try statement.step() {
            let text = statement.readText()
            guard let reason = SuppressionReason(rawValue: text) else { throw RowText.damaged("reason", text) }
            totals[reason] = statement.readInt()
        }
        return totals
    }

    static func subjectsConcerned(_ connection: some StoreConnection, since hour: Int64, limit: Int) throws -> [SendingSubject] {
        let statement = try connection.prepare(SuppressionStatements.subjectsConcerned).begin().bind(hour).bind(limit)
        var subjects: [SendingSubject] = []
        while try statement.step() { subjects.append(SendingSubject(tenant: TenantID(statement.readInt32()), statement.readText())) }
        return subjects
    }

    static func sendingCounts(
        _ connection: some StoreConnection, of subject: SendingSubject, from: Int64, to: Int64
    ) throws -> [SendingCount] {
        let statement = try connection.prepare(SuppressionStatements.figures).begin().bind(subject.tenant.value).bind(subject.subject)
            .bind(from).bind(to)
        var counts: [SendingCount] = []
        while try statement.step() {
            let (text, provider, hour, total) = (statement.readText(), statement.readText(), statement.readInt64(), statement.readInt())
            guard let event = SendingEvent(text) else { throw RowText.damaged("event of mail", text) }
            counts.append(SendingCount(event: event, provider: provider, hour: hour, total: total))
        }
        return counts
    }
}
