import CLibPQ

/// What the server said of a statement that failed.
struct PostgresFailure {
    /// Five characters; empty where the server said nothing.
    let state: String
    let message: String

    init(state: String, message: String) {
        self.state = state
        self.message = message
    }

    /// The detail of a message may quote a row, which may be of a person: it is left out.
    init(result: OpaquePointer) {
        func field(_ code: Int32) -> String? { PQresultErrorField(result, code).map { String(cString: $0) } }
        state = field(postgresDiagnosticState) ?? ""
        message = field(postgresDiagnosticPrimary) ?? "no message"
    }

    /// Another transaction was in the way, so that the same works succeed when they are tried again.
    var isWorthRepeating: Bool { state.hasPrefix("40") }

    /// It waited for another transaction's lock for as long as it may.
    var isLockTimeout: Bool { state == "55P03" }

    /// The server ends this connection, or it must not be used any more: a standby, or a schema that changed under its statements.
    var endsConnection: Bool {
        state.hasPrefix("08") || ["57P01", "57P02", "57P03", "57P05", "25P03", "25006", "0A000"].contains(state)
    }

    /// By the class of its state.
    var error: StoreError {
        let detail = "\(message) (PostgreSQL \(state.isEmpty ? "without a state" : state))"
        if ["42P05", "26000"].contains(state) {
            return .unavailable("\(detail); a pooler before the database has to keep a session for each connection")
        }
        switch state.prefix(2) {
        case "53": return state == "53100" ? .full(detail) : .unavailable(detail)
        case "22", "23", "54": return .rejected(detail)
        case "42": return state == "42501" ? .unavailable(detail) : .corrupt(detail)
        case "XX": return .corrupt(detail)
        default: return .unavailable(detail)
        }
    }
}

/// PG_DIAG_SQLSTATE and PG_DIAG_MESSAGE_PRIMARY, which are macros that Swift cannot see.
private let postgresDiagnosticState = Int32(UInt8(ascii: "C"))
private let postgresDiagnosticPrimary = Int32(UInt8(ascii: "M"))
