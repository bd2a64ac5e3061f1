package import MailModel
package import OutboundPolicy

/// What is done with the sessions of the console.
package enum SessionWork: Sendable {
    /// `step`: of the one-time code that was shown, which must be later than that of the code before; nil where none was. Answered by
    /// `begun`.
    case begin(ConsoleSession, step: Int64?)
    case seen(id: String, at: Timestamp)
    /// Ends one of an account, or all of it but one. Answered by `ended`.
    case end(account: String, id: String?, except: String?, AuditEntry)
    /// Drops those that were over before a time, at most so many. Answered by `ended`.
    case tidy(before: Timestamp, limit: Int)
}

package enum SessionWorkResult: Sendable {
    /// False where the code was shown before.
    case begun(Bool)
    case seen
    case ended(Int)
}

package struct SessionQuery: Hashable, Sendable, Codable {
    /// `EmailAddress.key`; nil for everybody's.
    package var account: String?
    /// 1…10,000.
    package var limit = 1000

    package init(account: String? = nil) { self.account = account }
}
