import Console
import DeliveryPlanning
import MailModel
import Storage

// What requests about mail look like.

struct QueueInput: Decodable, Sendable {
    enum State: String, Codable, CaseIterable, Sendable { case queued, held }

    var message: MessageID?
    var sender: String?
    var domain: DomainName?
    var state: State?
    var cursor: CursorText?
    var limit: PageSize?

    func operation() throws -> ListQueue {
        var query = QueueQuery()
        query.filter.message = message
        query.filter.sender = sender
        query.filter.domain = domain
        if let state { query.filter.states = [state == .held ? .held : .queued] }
        query.limit = limit?.count ?? PageInputs.limitStandard
        if let cursor {
            let parts = try Cursor.read(cursor.text, count: 2)
            guard let due = Int64(parts[0]), let id = RecipientID(text: parts[1]) else { throw Cursor.problem }
            query.after = QueueQuery.QueueKey(dueAt: Timestamp(milliseconds: due), id: id)
        }
        return ListQueue(query: query)
    }

    static func page(_ rows: [QueueLine], limit: Int) -> ResultPage<QueueLine> {
        let key = rows.count < limit ? nil : rows.last?.key
        return ResultPage(items: rows, next: key.map { Cursor.make(["\($0.dueAt.milliseconds)", $0.id.description]) })
    }
}

struct QueueActInput: Decodable, Sendable {
    enum Verb: String, Codable, CaseIterable, Sendable { case hold, release, retry, cancel }

    var verb: Verb
    var message: MessageID?
    /// One recipient of the message.
    var recipient: Int32?
    var sender: String?
    var domain: DomainName?
    /// True for every recipient in the queue; only without the other fields.
    var all: Bool?

    func operation() throws -> ActOnQueue {
        var filter = QueueFilter()
        filter.message = message
        filter.recipientIndex = recipient
        filter.sender = sender
        filter.domain = domain
        let isEmpty = message == nil && sender == nil && domain == nil
        guard isEmpty == (all ?? false) else {
            throw AdministrationError(.invalid, "name a message, a sender or a domain; or say all")
        }
        guard recipient == nil || message != nil else { throw AdministrationError(.invalid, "a recipient is one of a message") }
        let verb: QueueVerb =
            switch verb {
            case .hold: .hold
            case .release: .release
            case .retry: .retry
            case .cancel: .cancel
            }
        return ActOnQueue(verb: verb, filter: filter)
    }
}

struct TraceInput: Decodable, Sendable {
    enum Status: String, Codable, CaseIterable, Sendable {
        case queued, deferred, held, delivered, bounced, expired, cancelled, suppressed, refused
    }

    var message: MessageID?
    /// As the trace names it, or a domain.
    var sender: String?
    /// An address or a domain.
    var recipient: String?
    /// Either of the two.
    var address: String?
    var messageId: String?
    /// How the Message-ID begins.
    var messageIdBeginning: String?
    /// Words of subject and last reply; all of them, the last may be the beginning of one.
    var words: String?
    var since: RFC3339Time?
    var until: RFC3339Time?
    var status: Status?
    var cursor: CursorText?
    var limit: PageSize?

    func operation() throws -> SearchTrace {
        var query = TraceQuery()
        query.message = message
        query.sender = sender
        query.recipient = recipient
        query.address = address
        query.headerMessageID = messageId.map { $0.filter { $0 != "<" && $0 != ">" } }
        query.headerMessageIDPrefix = messageIdBeginning.map { $0.filter { $0 != "<" && $0 != ">" } }
        query.words = words
        query.since = since?.time
        query.until = until?.time
        query.status = status?.rawValue
        query.limit = limit?.count ?? PageInputs.limitStandard
        if let cursor {
            guard let before = RecipientID(text: try Cursor.read(cursor.text, count: 1)[0]) else { throw Cursor.problem }
            query.before = before
        }
        return SearchTrace(query: query)
    }

    static func page(_ rows: [TraceLine], limit: Int) -> ResultPage<TraceLine> {
        let key = rows.count < limit ? nil : rows.last?.key
        return ResultPage(items: rows, next: key.map { Cursor.make([$0.description]) })
    }
}

struct AuditInput: Decodable, Sendable {
    var cursor: CursorText?
    var limit: PageSize?

    func operation() throws -> ListAudit {
        let before = try cursor.map { cursor in
            guard let number = Int64(try Cursor.read(cursor.text, count: 1)[0]) else { throw Cursor.problem }
            return number
        }
        return ListAudit(limit: limit?.count ?? PageInputs.limitStandard, before: before)
    }

    static func page(_ rows: [AuditLine], limit: Int) -> ResultPage<AuditLine> {
        ResultPage(items: rows, next: rows.count < limit ? nil : rows.last.map { Cursor.make(["\($0.number)"]) })
    }
}

struct LedgerInput: Decodable, Sendable {
    /// Also counts the rows, which is slow.
    var verify: Bool?
}

struct PurgeInput: Decodable, Sendable {
    var before: RFC3339Time
}

/// One recipient of a message with what happened to it.
struct RecipientView: Codable, Sendable {
    var message: String
    var recipient: MessageView.Recipient
    var events: [MessageView.Event]
}

struct RecipientInput: Decodable, Sendable {
    var message: MessageID
    var index: Int32
}
