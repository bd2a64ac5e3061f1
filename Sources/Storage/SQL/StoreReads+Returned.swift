import MailModel

/// What came back.
extension StoreReads {
    static func returned(_ connection: some StoreConnection, _ query: ReturnedQuery) throws -> [ReturnedRecord] {
        let sql =
            query.message != nil ? ReturnedStatements.ofMessage : query.id != nil ? ReturnedStatements.ofIntake : ReturnedStatements.list
        let statement = try connection.prepare(sql).begin().bind(query.before?.milliseconds ?? Int64.max)
            .bind(min(max(query.limit, 1), 10_000))
        if let message = query.message {
            statement.bind(message.value)
        } else if let id = query.id {
            statement.bind(id)
        }
        var rows: [ReturnedRecord] = []
        while try statement.step() {
            let (id, part) = (statement.readText(), statement.readInt())
            rows.append(ReturnedRecord(id: id, part: part, report: try RowText.returnedReport(statement.readText())))
        }
        return rows
    }

    /// Whom a token names; nil for a recipient that the trace does not have.
    static func returnedSubject(_ connection: some StoreConnection, _ id: RecipientID) throws -> ReturnedSubject? {
        let message = try connection.prepare(ReadStatements.messageByKey).begin().bind(id.message.day).bind(id.message.value)
        guard try message.step() else { return nil }
        let record = try message.readMessage()
        message.end()
        func bound(_ sql: String) throws -> some StoreStatement {
            try connection.prepare(sql).begin().bind(id.message.day).bind(id.message.value).bind(id.index).bind(id.tenant.value)
        }
        let row = try bound(ReadStatements.recipientOfMessage)
        guard try row.step() else { return nil }
        let recipient = try row.readRecipient().record
        row.end()
        let host = try bound(ReadStatements.hostOfRecipient)
        return ReturnedSubject(message: record, recipient: recipient, host: try host.step() ? host.readOptionalText() : nil)
    }

    /// Nil where it was not kept, or is no longer.
    static func returnedContent(_ connection: some StoreConnection, _ id: String) throws -> [UInt8]? {
        let statement = try connection.prepare(ReturnedStatements.content).begin().bind(id)
        return try statement.step() ? Array(statement.readBytes()) : nil
    }
}
