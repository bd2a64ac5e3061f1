import Console
import MailModel
import OutboundPolicy

extension APIRoutes {
    var restrictionRoutes: [APIRoute] {
        [
            list(
                "/v1/restrictions", "List who is restricted from sending", RestrictionListInput.self,
                operation: { ListRestrictions(all: $0.all ?? false) },
                page: { try PageInput(cursor: $0.cursor, limit: $0.limit).page($1) { $0.entity } }),
            route(
                Way(.post, "/v1/restrictions", "Restrict a sender, a connector or the organisation. Wants a reason", status: 201),
                RestrictionInput.self, location: { "/v1/restrictions/\(PercentText.encode($0.entity, plain: "@:"))" },
                operation: { input, _ in AddRestriction(entity: input.entity, isExternalOnly: input.externalOnly ?? false) }),
            route(Way(.get, "/v1/restrictions/{entity}", "A restriction with its evidence"), ShowRestriction.self),
            route(
                Way(.post, "/v1/restrictions/{entity}/approve", "Agree to a release, as a second person"), ApproveRelease.self),
            route(
                Way(.post, "/v1/restrictions/{entity}/release", "Let it send again. Wants a reason"), ReleaseInput.self,
                operation: { input, _ in
                    ReleaseRestriction(entity: input.entity, checks: input.checks ?? [], mail: input.mail ?? .keep)
                }),
            route(
                Way(.get, "/v1/restrictions/{entity}/export", "Evidence, trace and audit in one piece"), RestrictionExportInput.self,
                operation: { input, _ in ExportRestriction(entity: input.entity, redacts: input.redact ?? false) }),
            list(
                "/v1/throttles", "List submitters that are throttled for errors that they repeat", RestrictionListInput.self,
                operation: { ListThrottles(all: $0.all ?? false) },
                page: { try PageInput(cursor: $0.cursor, limit: $0.limit).page($1) { $0.principal } }),
            route(Way(.post, "/v1/throttles/{principal}/end", "End a throttle early, since the cause is mended"), EndThrottle.self),
        ]
    }
}

struct RestrictionListInput: Decodable, Sendable {
    var all: Bool?
    var cursor: CursorText?
    var limit: PageSize?
}

struct RestrictionInput: Decodable, Sendable {
    var entity: RestrictedEntity
    var externalOnly: Bool?
}

struct ReleaseInput: Decodable, Sendable {
    var entity: RestrictedEntity
    var checks: [String]?
    var mail: ReleaseRestriction.Mail?
}

struct RestrictionExportInput: Decodable, Sendable {
    var entity: RestrictedEntity
    var redact: Bool?
}
