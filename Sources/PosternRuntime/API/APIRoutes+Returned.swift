import Console
import MailModel

extension APIRoutes {
    var returnedRoutes: [APIRoute] {
        [
            list(
                "/v1/returned", "What came back: bounces, complaints, automatic answers; the newest first", ReturnedInput.self,
                operation: { ListReturned(message: $0.message, limit: ReturnedInput.rowsMax) },
                page: { try PageInput(cursor: $0.cursor, limit: $0.limit).page($1) { $0.key } }),
            route(Way(.get, "/v1/returned/{id}", "A report as it came, and what was read in it"), ShowReturned.self),
        ]
    }
}

struct ReturnedInput: Decodable, Sendable {
    /// Of one message alone.
    var message: MessageID?
    var cursor: CursorText?
    var limit: PageSize?

    static let rowsMax = 10_000
}
