import CLibPQ

/// A statement that one connection has prepared on its server, or will with its first use.
final class PostgresPreparation {
    let name: String
    let sql: String
    let parameterCount: Int
    /// The server has it, or gets it before anything that is sent later.
    var isSent = false

    init(name: String, sql: String) {
        self.name = name
        self.sql = sql
        parameterCount = PostgresPreparation.parameterCount(sql)
    }

    /// The greatest number after a `$`.
    private static func parameterCount(_ sql: String) -> Int {
        sql.split(separator: "$", omittingEmptySubsequences: false).dropFirst().compactMap { Int($0.prefix { $0.isNumber }) }.max() ?? 0
    }
}

/// A prepared statement, and the rows of its last execution.
final class PostgresStatement: StoreStatement {
    private let connection: PostgresConnection
    private let preparation: PostgresPreparation
    /// For an insertion: how it inserts many rows at once, and how many wait.
    private let manyRows: ManyRows?
    private var waitingRows = 0
    /// Rows come in portions where set.
    private let isLong: Bool
    private var parameters: PostgresParameters
    private var rows: OpaquePointer?
    private var rowCount: Int32 = 0
    private var row: Int32 = -1
    private var column: Int32 = 0
    /// Handed over for its rows since `begin`.
    private var isAsked = false
    /// The row that is bound holds octets that stay only until it is sent.
    private var keepsOctets = false
    /// The rows at hand are a portion after which more may come from this cursor.
    private var cursor: String?

    /// Rows that a long query brings at a time.
    private static let portion: Int32 = 500

    init(_ connection: PostgresConnection, _ preparation: PostgresPreparation, isLong: Bool) {
        self.connection = connection
        self.preparation = preparation
        self.isLong = isLong
        manyRows = nil
        parameters = PostgresParameters(capacity: preparation.parameterCount)
    }

    /// Of one row, which ends with its `VALUES`.
    init(_ connection: PostgresConnection, insertion sql: String) {
        let manyRows = ManyRows(connection, sql)
        self.connection = connection
        self.manyRows = manyRows
        preparation = manyRows.preparations[0]
        isLong = false
        parameters = PostgresParameters(capacity: manyRows.preparations[0].parameterCount * ManyRows.rowsMax)
    }

    deinit { PQclear(rows) }

    @discardableResult
    func begin() -> PostgresStatement {
        end()
        // A row that was bound in part and not sent goes.
        if waitingRows > 0 { parameters.removeLast(keeping: waitingRows * preparation.parameterCount) } else { parameters.removeAll() }
        return self
    }

    // MARK: Binding

    @discardableResult
    func bind(_ value: Int64) -> PostgresStatement {
        parameters.append(value)
        return self
    }

    @discardableResult
    func bind(_ text: String) -> PostgresStatement {
        parameters.append(text)
        return self
    }

    @discardableResult
    func bindNull() -> PostgresStatement {
        parameters.appendNull()
        return self
    }

    @discardableResult
    func bind(keeping bytes: UnsafeRawBufferPointer) -> PostgresStatement {
        if manyRows != nil, bytes.count <= ManyRows.copiedBytesMax {
            parameters.append(copying: bytes)
        } else {
            parameters.append(keeping: bytes)
        }
        keepsOctets = bytes.count > ManyRows.copiedBytesMax
        return self
    }

    // MARK: Running

    func send() throws {
        guard manyRows != nil else { return try connection.send(preparation, parameters, .nothing) }
        if waitingRows == 0 { connection.putOff(self) }
        waitingRows += 1
        if waitingRows == ManyRows.rowsMax || keepsOctets || parameters.bytesUsed > ManyRows.bytesMax { try sendRows() }
    }

    /// Hands over the rows that wait, in as few statements as there are sizes for.
    func sendRows() throws {
        guard let manyRows, waitingRows > 0 else { return }
        parameters.settle()
        var sent = 0
        for (size, preparation) in zip(ManyRows.sizes, manyRows.preparations).reversed() {
            while waitingRows - sent >= size {
                try connection.send(preparation, parameters, from: sent * self.preparation.parameterCount, .nothing)
                sent += size
            }
        }
        forgetRows()
    }

    func forgetRows() {
        waitingRows = 0
        keepsOctets = false
        parameters.removeAll()
    }

    func sendForCount() throws -> Int? {
        try connection.send(preparation, parameters, .laterCount)
        return nil
    }

    func ask() throws {
        if isLong {
            cursor = try connection.open(preparation, parameters, portion: PostgresStatement.portion, for: self)
        } else {
            try connection.send(preparation, parameters, .rows(self))
        }
        isAsked = true
    }

    @discardableResult
    func run() throws -> Int {
        try connection.send(preparation, parameters, .count)
        try connection.collect()
        return connection.lastCount
    }

    func step() throws -> Bool {
        if !isAsked { try ask() }
        if rows == nil { try connection.collect() }
        row += 1
        column = 0
        if row == rowCount, row == PostgresStatement.portion, let cursor {
            clear()
            try connection.fetch(PostgresStatement.portion, from: cursor, for: self)
            try connection.collect()
            row = 0
        }
        if row < rowCount { return true }
        end()
        return false
    }

    /// Called by the connection with what the server answered.
    func take(_ result: OpaquePointer) {
        clear()
        rows = result
        rowCount = PQntuples(result)
        row = -1
    }

    func end() {
        if let cursor { connection.close(cursor: cursor) }
        cursor = nil
        isAsked = false
        clear()
    }

    private func clear() {
        PQclear(rows)
        rows = nil
        rowCount = 0
        row = -1
    }

    // MARK: Reading

    /// Whole numbers come in the width of their column, the highest octet first.
    func readInt64() -> Int64 { readOptionalInt64() ?? 0 }

    func readOptionalInt64() -> Int64? {
        defer { column += 1 }
        guard PQgetisnull(rows, row, column) == 0, let value = PQgetvalue(rows, row, column) else { return nil }
        let bytes = UnsafeRawPointer(value)
        switch PQgetlength(rows, row, column) {
        case 8: return Int64(bigEndian: bytes.loadUnaligned(as: Int64.self))
        case 4: return Int64(Int32(bigEndian: bytes.loadUnaligned(as: Int32.self)))
        case 2: return Int64(Int16(bigEndian: bytes.loadUnaligned(as: Int16.self)))
        default: return Int64(bytes.load(as: UInt8.self))
        }
    }

    func readOptionalText() -> String? {
        guard PQgetisnull(rows, row, column) == 0 else {
            column += 1
            return nil
        }
        return String(decoding: readBytes(), as: UTF8.self)
    }

    func readBytes() -> UnsafeRawBufferPointer {
        defer { column += 1 }
        return UnsafeRawBufferPointer(start: PQgetvalue(rows, row, column), count: Int(PQgetlength(rows, row, column)))
    }
}

/// The forms of an insertion for several numbers of rows. One execution costs the server more than one row does.
private struct ManyRows {
    static let sizes = [1, 2, 4, 8, 16, 32, 64]
    static let rowsMax = 64
    /// Larger octets are handed over at once, and not copied before.
    static let copiedBytesMax = 16 * 1024
    static let bytesMax = 512 * 1024

    /// In the order of `sizes`.
    let preparations: [PostgresPreparation]

    init(_ connection: PostgresConnection, _ sql: String) {
        let parts = sql.split(separator: "VALUES ", maxSplits: 1)
        precondition(parts.count == 2 && parts[1].hasSuffix(")"), "not an insertion of one row")
        let count = PostgresPreparation(name: "", sql: sql).parameterCount
        preparations = ManyRows.sizes.map { size in
            let rows = (0..<size).map { ManyRows.row(parts[1], shiftedBy: $0 * count) }
            return connection.preparation("\(parts[0])VALUES \(rows.joined(separator: ", "))")
        }
    }

    /// The row with all numbers of parameters raised.
    private static func row(_ row: Substring, shiftedBy shift: Int) -> String {
        let parts = row.split(separator: "$", omittingEmptySubsequences: false)
        return parts.dropFirst().reduce(into: String(parts[0])) { text, part in
            let digits = part.prefix { $0.isNumber }
            text += "$\((Int(digits) ?? 0) + shift)\(part.dropFirst(digits.count))"
        }
    }
}
