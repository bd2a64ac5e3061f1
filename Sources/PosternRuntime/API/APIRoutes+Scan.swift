import Console
import InternetMessage
import OutboundPolicy

struct DuplicatesInput: Decodable, Sendable {
    var limit: PageSize?
    /// Groups in which this sender takes part.
    var sender: String?
}

extension APIRoutes {
    var reviewRoutes: [APIRoute] {
        [
            route(Way(.get, "/v1/review", "Held messages, newest first, with what they are held for"), ListReview.self),
            route(Way(.get, "/v1/review/{message}", "What a held message says, as text, links and files"), ShowReview.self),
            route(
                Way(.post, "/v1/review-decisions", "Let held messages go, or reject them; spam never leaves by the normal pool"),
                DecideReview.self),
        ]
    }

    private var duplicatesRoute: APIRoute {
        route(
            Way(.get, "/v1/duplicates", "Groups of copies of one text within 24 hours, as the node that is asked has seen them"),
            DuplicatesInput.self
        ) { input, _ in ListDuplicates(limit: input.limit?.count, sender: input.sender) }
    }

    var scanRoutes: [APIRoute] {
        [
            scanRoute, duplicatesRoute,
            route(Way(.get, "/v1/scan/policy", "The scan policy: weights, scores, and what is done then"), ShowScanPolicy.self),
            route(
                Way(.patch, "/v1/scan/policy", "Change the scan policy; what is not named stays as it is"), ScanPolicyChanges.self
            ) { input, _ in SetScanPolicy(changes: input) },
            route(
                Way(
                    .post, "/v1/scan/trial",
                    "Which messages would be judged differently by a changed policy, a part at a time; nothing is changed"),
                TryScanPolicy.self),
        ]
    }

    private var scanRoute: APIRoute {
        let administration = administration
        let way = Way(.post, "/v1/scan", "What a scan says of a message: score, verdict, and why; nothing is kept or counted")
        var route = make(way, ScanMessage.self, input: ScanMessage.self, output: .of(ScanView.self, isOpen: true)) { request, act in
            let operation = try request.raw.map { ScanMessage(content: $0) } ?? request.fields(ScanMessage.self)
            return APIResponse(body: try JSONText.data(try await administration.perform(operation, act)))
        }
        route.details = "The message in base64 as a JSON field, or as it is (message/rfc822)."
        route.rawBody = APIRoute.RawBody(contentType: "message/rfc822", query: JSONSchema(.object([:], isOpen: false)))
        // Base 64 makes four octets of three, and JSON some more.
        route.bodyBytesMax = submission.messageBytesMax / 3 * 4 + (1 << 20)
        return route
    }
}
