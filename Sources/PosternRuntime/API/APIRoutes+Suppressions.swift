import Console
import MailModel
import OutboundPolicy
import Storage

extension APIRoutes {
    var suppressionRoutes: [APIRoute] {
        [
            list(
                "/v1/suppressions", "List who is not written to, the last changed first", SuppressionsInput.self,
                operation: { try $0.operation() }, page: { SuppressionsInput.page($1, limit: $0.limit?.count ?? PageInputs.limitStandard) }),
            route(
                Way(.post, "/v1/suppressions", "Put an address on the list", status: 201), SuppressionInput.self,
                location: { "/v1/suppressions/\(PercentText.encode($0.address, plain: "@:"))" },
                operation: { input, _ in
                    AddSuppression(
                        address: input.address, place: try input.scope(), cause: input.cause, days: input.days)
                }),
            route(
                Way(.get, "/v1/suppressions/{address}", "What is known of an address, and which mail does not go to it"),
                CheckSuppression.self),
            route(
                Way(.delete, "/v1/suppressions/{address}", "Take an address off the list, for all reasons or one", status: 204),
                SuppressionPlaceInput.self,
                operation: { input, _ in RemoveSuppression(address: input.address, place: try input.scope(), cause: input.cause) }),
            route(
                Way(.post, "/v1/suppressions/{address}/restore", "Put back what was taken off lately, as it was"),
                SuppressionPlaceInput.self,
                operation: { input, _ in RestoreSuppression(address: input.address, place: try input.scope(), cause: input.cause) }),
            route(
                Way(.post, "/v1/suppressions/{address}/erase", "Forget an address and keep its hash, by which it is still not written to"),
                EraseSuppression.self),
            route(
                Way(.post, "/v1/suppression-imports", "Put up to 5,000 addresses on the list; those that are there stay"),
                SuppressionImportInput.self, operation: { input, _ in try input.operation() }),
            route(
                Way(.get, "/v1/suppression-exports", "The whole list in parts of 1,000; `next` of one is `after` of the part that follows"),
                ExportSuppressions.self),
            route(Way(.get, "/v1/suppression-policy", "What was chosen about the list"), ShowSuppressionPolicy.self),
            route(Way(.patch, "/v1/suppression-policy", "Change what is given of it"), SetSuppressionPolicy.self),
            list(
                "/v1/sending-rates", "Rates of bounces, complaints and deferrals of those whose mail came back, the worst first",
                PageInput.self, operation: { _ in ShowSendingRates() }, page: { try $0.page($1) { $0.subject } }),
            route(Way(.get, "/v1/returns", "What came back, by day, receiver and reason"), ShowReturns.self),
        ]
    }
}

struct SuppressionsInput: Decodable, Sendable {
    var cause: SuppressionReason?
    /// `organisation`, `tenant`, `list:NAME`, `stream:NAME`.
    var place: String?
    /// Of a domain, `example.com`; or how addresses begin.
    var pattern: String?
    /// Those too that were taken off or have ended.
    var all: Bool?
    var cursor: CursorText?
    var limit: PageSize?

    func operation() throws -> ListSuppressions {
        var query = SuppressionQuery()
        query.reason = cause
        query.scope = try place.map(SuppressionInput.scope)
        query.pattern = pattern
        query.includesRemoved = all ?? false
        query.limit = limit?.count ?? PageInputs.limitStandard
        if let cursor {
            guard let stamp = Int64(try Cursor.read(cursor.text, count: 1)[0]) else { throw Cursor.problem }
            query.before = stamp
        }
        return ListSuppressions(query: query)
    }

    static func page(_ rows: [SuppressionView], limit: Int) -> ResultPage<SuppressionView> {
        ResultPage(items: rows, next: rows.count < limit ? nil : rows.last.map { Cursor.make(["\($0.stamp)"]) })
    }
}

struct SuppressionInput: Decodable, Sendable {
    var address: EmailAddress
    /// `organisation` unless given; `tenant`, `list:NAME`, `stream:NAME`.
    var place: String?
    /// `manual` unless given.
    var cause: SuppressionReason?
    /// 1…3650; for ever unless given.
    var days: Int?

    func scope() throws -> SuppressionScope? { try place.map(SuppressionInput.scope) }

    static func scope(_ text: String) throws -> SuppressionScope {
        guard let scope = SuppressionScope(text) else {
            throw Problem.invalid([FieldProblem(.body, "/place", "is none of organisation, tenant, list:NAME, stream:NAME")])
        }
        return scope
    }
}

struct SuppressionPlaceInput: Decodable, Sendable {
    var address: EmailAddress
    /// Wherever it stands unless given.
    var place: String?
    /// Whatever for unless given.
    var cause: SuppressionReason?

    func scope() throws -> SuppressionScope? { try place.map(SuppressionInput.scope) }
}

struct SuppressionImportInput: Decodable, Sendable {
    struct Row: Decodable, Sendable {
        /// Or a hash.
        var address: EmailAddress?
        /// 32 hexadecimal digits, made by a gate with the same key.
        var hash: String?
        var place: String?
        /// `import` unless given.
        var cause: SuppressionReason?
        var note: String?
        var since: RFC3339Time?
        /// For ever unless given.
        var until: RFC3339Time?
    }

    var rows: [Row]
    /// A name for where they come from.
    var file: String

    func operation() throws -> ImportSuppressions {
        let rows = try rows.map { input in
            var row = ImportSuppressions.Row()
            (row.address, row.hash, row.cause, row.note) = (input.address, input.hash, input.cause, input.note)
            row.place = try input.place.map(SuppressionInput.scope)
            (row.since, row.until) = (input.since?.time, input.until?.time)
            return row
        }
        return ImportSuppressions(rows: rows, file: file, isFirst: true)
    }
}
