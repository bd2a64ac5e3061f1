import GRDBSQLite

/// A prepared statement, bound and read by position through SQLite's own interface.
///
/// GRDB binds through an array of values and copies each text; at a dozen statements for each message that costs more than the
/// statements themselves. Texts are copied once, into memory that is kept between executions. Confined to one connection's thread.
final class SQLiteStatement: StoreStatement {
    private let handle: OpaquePointer
    private let connection: OpaquePointer
    private let scratch: UnsafeMutableRawBufferPointer
    /// False for one that others keep.
    private let isOwn: Bool
    private var scratchUsed = 0
    private var parameter: Int32 = 0
    private var column: Int32 = 0
    private var bindCode: Int32 = SQLITE_OK

    /// Texts longer than what is left of this are copied by SQLite instead.
    private static let scratchBytes = 4096

    init(_ connection: OpaquePointer, _ sql: String) throws {
        var prepared: OpaquePointer?
        let code = sqlite3_prepare_v3(connection, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
        guard code == SQLITE_OK, let prepared else { throw StoreError(connection: connection, code: code) }
        handle = prepared
        self.connection = connection
        isOwn = true
        scratch = .allocate(byteCount: SQLiteStatement.scratchBytes, alignment: 8)
    }

    /// A statement that is kept elsewhere and goes back there.
    init(_ connection: OpaquePointer, kept: OpaquePointer) {
        handle = kept
        self.connection = connection
        isOwn = false
        scratch = .allocate(byteCount: SQLiteStatement.scratchBytes, alignment: 8)
    }

    deinit {
        if isOwn {
            sqlite3_finalize(handle)
        } else {
            sqlite3_reset(handle)
            sqlite3_clear_bindings(handle)
        }
        scratch.deallocate()
    }

    @discardableResult
    func begin() -> SQLiteStatement {
        sqlite3_reset(handle)
        scratchUsed = 0
        parameter = 0
        bindCode = SQLITE_OK
        return self
    }

    // MARK: Binding

    /// Keeps the first failure for `step` to throw.
    private func note(_ code: Int32) {
        if bindCode == SQLITE_OK { bindCode = code }
    }

    @discardableResult
    func bind(_ value: Int64) -> SQLiteStatement {
        parameter += 1
        note(sqlite3_bind_int64(handle, parameter, value))
        return self
    }

    @discardableResult
    func bind(_ text: String) -> SQLiteStatement {
        parameter += 1
        var text = text
        text.withUTF8 { bytes in
            let room = SQLiteStatement.scratchBytes - scratchUsed
            if bytes.count <= room, let base = scratch.baseAddress?.advanced(by: scratchUsed) {
                if let source = bytes.baseAddress { base.copyMemory(from: source, byteCount: bytes.count) }
                let place = UnsafePointer(base.assumingMemoryBound(to: CChar.self))
                note(sqlite3_bind_text(handle, parameter, place, Int32(bytes.count), keptByCaller))
                scratchUsed += bytes.count
            } else {
                note(
                    bytes.withMemoryRebound(to: CChar.self) {
                        sqlite3_bind_text(handle, parameter, $0.baseAddress, Int32(clamping: $0.count), copiedBySQLite)
                    })
            }
        }
        return self
    }

    @discardableResult
    func bindNull() -> SQLiteStatement {
        parameter += 1
        note(sqlite3_bind_null(handle, parameter))
        return self
    }

    @discardableResult
    func bind(keeping bytes: UnsafeRawBufferPointer) -> SQLiteStatement {
        parameter += 1
        if bytes.isEmpty {
            note(sqlite3_bind_zeroblob(handle, parameter, 0))
        } else {
            note(sqlite3_bind_blob64(handle, parameter, bytes.baseAddress, UInt64(bytes.count), keptByCaller))
        }
        return self
    }

    // MARK: Running

    func step() throws -> Bool {
        guard bindCode == SQLITE_OK else { throw StoreError(connection: connection, code: bindCode) }
        let code = sqlite3_step(handle)
        column = 0
        switch code {
        case SQLITE_ROW: return true
        case SQLITE_DONE:
            sqlite3_reset(handle)
            return false
        default:
            let error = StoreError(connection: connection, code: code)
            sqlite3_reset(handle)
            throw error
        }
    }

    @discardableResult
    func run() throws -> Int {
        while try step() {}
        return Int(sqlite3_changes(connection))
    }

    func send() throws { try run() }
    func sendForCount() throws -> Int? { try run() }
    /// The first `step` runs it.
    func ask() {}

    func end() { sqlite3_reset(handle) }

    // MARK: Reading

    func readInt64() -> Int64 {
        defer { column += 1 }
        return sqlite3_column_int64(handle, column)
    }

    func readOptionalInt64() -> Int64? {
        guard sqlite3_column_type(handle, column) != SQLITE_NULL else {
            column += 1
            return nil
        }
        return readInt64()
    }

    func readOptionalText() -> String? {
        defer { column += 1 }
        guard let base = sqlite3_column_text(handle, column) else { return nil }
        return String(decoding: UnsafeBufferPointer(start: base, count: Int(sqlite3_column_bytes(handle, column))), as: UTF8.self)
    }

    func readBytes() -> UnsafeRawBufferPointer {
        defer { column += 1 }
        let base = sqlite3_column_blob(handle, column)
        return UnsafeRawBufferPointer(start: base, count: base == nil ? 0 : Int(sqlite3_column_bytes(handle, column)))
    }
}

/// SQLITE_STATIC and SQLITE_TRANSIENT, which are macros that Swift cannot see.
private let keptByCaller: sqlite3_destructor_type? = nil
private let copiedBySQLite = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

extension StoreError {
    /// By SQLite's primary result code.
    init(connection: OpaquePointer, code: Int32) {
        let detail = "\(String(cString: sqlite3_errmsg(connection))) (SQLite \(sqlite3_extended_errcode(connection)))"
        switch code & 0xFF {
        case SQLITE_FULL: self = .full(detail)
        case SQLITE_IOERR, SQLITE_CANTOPEN, SQLITE_READONLY, SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL, SQLITE_NOMEM, SQLITE_PERM,
            SQLITE_INTERRUPT:
            self = .unavailable(detail)
        case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_FORMAT: self = .corrupt(detail)
        default: self = .rejected(detail)
        }
    }
}
