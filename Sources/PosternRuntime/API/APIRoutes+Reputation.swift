import Console
import DeliveryPlanning
import MailModel
import OutboundPolicy

extension APIRoutes {
    var reputationRoutes: [APIRoute] {
        [
            list(
                "/v1/reputation", "How our addresses and domains stand with blocklists, and whether their names in DNS are right",
                PageInput.self, operation: { _ in ListReputation() }, page: { try $0.page($1) { $0.key } }),
            route(
                Way(.post, "/v1/reputation/checks", "Ask the lists now; at most every half minute"), ReputationCheckInput.self,
                operation: { _, _ in CheckReputation() }),
            list(
                "/v1/reputation/events", "What changed, the newest first", PageInput.self,
                operation: { _ in ListReputationEvents(limit: ReturnedInput.rowsMax) }, page: { try $0.page($1) { $0.key } }),
            list(
                "/v1/reputation/lists", "The blocklists that are asked, and their owners' rules", PageInput.self,
                operation: { _ in ListBlocklists() }, page: { try $0.page($1) { $0.name } }),
            list(
                "/v1/reputation/figures/{source}",
                "Figures of Google Postmaster Tools or Microsoft SNDS that were imported, the newest first",
                FiguresInput.self, operation: { ListFigures(source: $0.source, days: $0.days) },
                page: { try PageInput(cursor: $0.cursor, limit: $0.limit).page($1) { $0.key } }),
            route(
                Way(.post, "/v1/reputation/figures/{source}", "Import such figures from CSV; where a line cannot be read, none are"),
                ImportFigures.self),
            list(
                "/v1/feedback-loops", "Receivers' programmes that tell who complains, and how far each domain and address has come",
                PageInput.self, operation: { _ in ListEnrolments() }, page: { try $0.page($1) { $0.key } }),
            route(
                Way(.put, "/v1/feedback-loops/{loop}/{subject}", "Say how far a domain or address has come with a programme"),
                SetEnrolment.self),
            route(
                Way(.put, "/v1/sources/{source}/public", "Say as which addresses receivers see a source behind a translator"),
                SetSourcePublicAddresses.self),
        ]
    }
}

struct FiguresInput: Decodable, Sendable {
    var source: ReputationFigure.Source
    /// 1…400; 90 unless given.
    var days: Int?
    var cursor: CursorText?
    var limit: PageSize?
}

/// Who is asked is the settings' to say.
struct ReputationCheckInput: Decodable, Sendable {}
