import Console
import MailModel
import OutboundPolicy

extension APIRoutes {
    var requestRoutes: [APIRoute] {
        [
            list(
                "/v1/requests", "List who asks for more than it may, and what is granted", RequestListInput.self,
                operation: { ListLimitRequests(all: $0.all ?? false) },
                page: { try PageInput(cursor: $0.cursor, limit: $0.limit).page($1) { $0.id } }),
            route(
                Way(.post, "/v1/requests", "Ask for a higher limit, or with bulk for class campaign. Wants a reason", status: 201),
                AskForLimit.self),
            route(
                Way(.post, "/v1/requests/{id}/approve", "Grant it until a time, 366 days from now at most"), RequestApprovalInput.self,
                operation: { input, _ in ApproveLimitRequest(id: input.id, until: input.until.time) }),
            route(Way(.post, "/v1/requests/{id}/refuse", "Refuse it. Wants a reason"), RefuseLimitRequest.self),
        ]
    }
}

struct RequestListInput: Decodable, Sendable {
    var all: Bool?
    var cursor: CursorText?
    var limit: PageSize?
}

struct RequestApprovalInput: Decodable, Sendable {
    var id: String
    var until: RFC3339Time
}
