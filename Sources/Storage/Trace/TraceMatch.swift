package import MailModel

extension TraceRow {
    /// A principal as the trace names senders: an account by its address alone.
    static func sender(ofPrincipal principal: String) -> String {
        principal.hasPrefix("account:") ? String(principal.dropFirst(8)) : principal
    }

    /// A queued recipient with a failed attempt behind it is `deferred`.
    package static func status(_ state: RecipientState, attempts: Int) -> String {
        state == .queued && attempts > 0 ? "deferred" : state.name
    }
}

/// The filters of a query in the form in which rows are held against them: without case.
struct TraceMatch {
    let sender: String?
    let recipient: String?
    let headerMessageID: String?
    let since: Timestamp?
    let until: Timestamp?
    let status: String?
    let before: (MessageID, Int32)?

    init(_ query: TraceQuery) {
        sender = query.sender?.lowercased()
        recipient = query.recipient.map { EmailAddress($0)?.key ?? $0.lowercased() }
        headerMessageID = query.headerMessageID
        since = query.since
        until = query.until
        status = query.status
        before = query.before.map { ($0.message, $0.index) }
    }

    /// What a filter must hold for its messages to be read; empty where only the rows themselves tell.
    var keys: [TraceKey] {
        [sender.map(TraceKey.sender), recipient.map(TraceKey.recipient), headerMessageID.map(TraceKey.headerMessageID)].compactMap { $0 }
    }

    /// Raw values of the states that `status` can mean; all where it names none.
    var states: ClosedRange<Int> {
        guard let status else { return 0...6 }
        if status == "deferred" { return 0...0 }
        return RecipientState(name: status).map { $0.rawValue...$0.rawValue } ?? 0...6
    }

    func isBefore(_ message: MessageID, _ index: Int32) -> Bool { before.map { (message, index) < $0 } ?? true }

    /// `queued` finds deferred recipients as well.
    func allows(status rowStatus: String) -> Bool {
        status.map { $0 == rowStatus || ($0 == "queued" && rowStatus == "deferred") } ?? true
    }

    func allows(_ row: TraceRow, recipientKey: String) -> Bool {
        if let since, row.time < since { return false }
        if let until, row.time > until { return false }
        if let recipient, recipient != recipientKey { return false }
        if let headerMessageID, headerMessageID != row.headerMessageID { return false }
        if let sender, row.sender.lowercased() != sender, row.reversePath.lowercased() != sender { return false }
        return true
    }
}
