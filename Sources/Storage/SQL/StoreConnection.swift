/// A driver's connection: what the shared SQL runs on. Used by one thread at a time; every call blocks.
///
/// Everything that is generic over it stands in this module, so that it is compiled for each driver by itself.
protocol StoreConnection {
    associatedtype Statement: StoreStatement

    /// In which words the shared SQL is put.
    var dialect: Dialect { get }

    /// How many statements may be on their way before one is waited for. 1: each has run when the call returns.
    var pipelineDepth: Int { get }

    /// A statement that may be run many times.
    func prepare(_ sql: String) throws -> Statement

    /// As `prepare`, of a query that is asked often: a driver may keep it from one time to the next. One use at a time.
    func prepareKept(_ sql: String) throws -> Statement

    /// An insertion of one row that depends on no other row of the same table: a driver may put off its `send`, and insert many at once, as
    /// long as no other statement sees the difference.
    func prepareInsertion(_ sql: String) throws -> Statement

    /// A query whose rows may be more than fit into memory, or of which only the first are read.
    func prepareLong(_ sql: String) throws -> Statement

    /// Runs statements without parameters and rows: transactions, settings, schema.
    func execute(_ sql: String) throws

    /// Waits for all that was sent. Returns the counts that `sendForCount` did not know yet, in the order of the calls.
    func flush() throws -> [Int]

    /// Ends the transaction with nothing applied; of no effect where none is open. Where it fails, the next `BEGIN` says why.
    func rollback()
}

/// A prepared statement, bound and read by position. Confined to its connection's thread.
///
/// Use: `begin`, one `bind` for each parameter in order, then `run`, or `step` until false with one `read…` for each column in order.
protocol StoreStatement: AnyObject {
    @discardableResult func begin() -> Self

    @discardableResult func bind(_ value: Int64) -> Self
    @discardableResult func bind(_ text: String) -> Self
    @discardableResult func bindNull() -> Self

    /// The octets must stay where they are until the statement has run.
    @discardableResult func bind(keeping bytes: UnsafeRawBufferPointer) -> Self

    /// True where a row is there to be read, false at the end.
    func step() throws -> Bool

    /// Runs a statement to its end, and says how many rows it changed (of no meaning for one that changes none).
    @discardableResult func run() throws -> Int

    /// Hands the statement over. It has run before any that is handed over later; its failure is thrown by one of the next calls, at the
    /// latest by the connection's `flush`.
    func send() throws

    /// As `send`. Returns how many rows it changed where that is known already; nil where `flush` will say it.
    func sendForCount() throws -> Int?

    /// As `send`, for a query that `step` reads later. As many statements as the pipeline is deep may be on their way at a time.
    func ask() throws

    /// Lets go of the rows that were not read, and of what they hold.
    func end()

    func readInt64() -> Int64
    func readOptionalInt64() -> Int64?
    func readOptionalText() -> String?

    /// The octets stay valid until the next step.
    func readBytes() -> UnsafeRawBufferPointer
}

extension StoreStatement {
    @discardableResult
    func bind(_ value: some BinaryInteger) -> Self { bind(Int64(clamping: value)) }

    @discardableResult
    func bind(_ value: Bool) -> Self { bind(value ? 1 : 0 as Int64) }

    @discardableResult
    func bind(_ value: Int64?) -> Self {
        if let value { return bind(value) }
        return bindNull()
    }

    @discardableResult
    func bind(_ text: String?) -> Self {
        if let text { return bind(text) }
        return bindNull()
    }

    func readInt() -> Int { Int(readInt64()) }
    func readInt32() -> Int32 { Int32(clamping: readInt64()) }
    func readBool() -> Bool { readInt64() != 0 }
    func readText() -> String { readOptionalText() ?? "" }
}
