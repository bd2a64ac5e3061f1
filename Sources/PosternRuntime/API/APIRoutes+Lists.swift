import Campaigns
import Console
import MailModel
import OutboundPolicy

extension APIRoutes {
    var listRoutes: [APIRoute] {
        [
            list(
                "/v1/lists", "List the lists of people", PageInput.self, operation: { _ in ListLists() },
                page: { try $0.page($1) { $0.list } }),
            route(Way(.post, "/v1/lists", "Add a list", status: 201), AddList.self) { "/v1/lists/\($0.list)" },
            route(Way(.get, "/v1/lists/{list}", "A list with its imports"), ShowList.self),
            route(Way(.delete, "/v1/lists/{list}", "Remove a list with its people", status: 204), RemoveList.self),
            route(Way(.get, "/v1/lists/{list}/domains", "What DNS says of the domains on a list"), ShowListDomains.self),
            route(Way(.get, "/v1/lists/{list}/pages", "What people see of a list on the web"), ShowListPages.self),
            route(Way(.patch, "/v1/lists/{list}/pages", "Change what people see of a list on the web"), SetListPages.self),
            list(
                "/v1/address-lists", "The lists that imports hold addresses against", PageInput.self,
                operation: { _ in ListAddressLists() }, page: { try $0.page($1) { $0.key } }),
            route(
                Way(.post, "/v1/address-lists/fetch", "Fetch those that lie on the web now, on this node"), FetchInput.self,
                operation: { _, _ in FetchAddressLists() }),
            fileRoute,
            route(
                Way(.post, "/v1/lists/{list}/imports", "Begin an import in parts, or go on with one that was broken off"),
                BeginListImport.self),
            route(
                Way(.post, "/v1/lists/{list}/imports/{number}/people", "Put people into an import; nobody sees them before it is done"),
                StageListImport.self),
            route(Way(.post, "/v1/lists/{list}/imports/{number}/end", "Let all of an import count from now on"), EndListImport.self),
            route(Way(.post, "/v1/lists/{list}/segment", "How many people of a list are in a segment"), CountSegment.self),
            route(Way(.post, "/v1/lists/{list}/subscribers", "People of a list, page by page"), ListSubscribers.self),
            route(
                Way(.put, "/v1/lists/{list}/subscribers/{address}", "Take somebody off a list, or put somebody back on it"),
                SetSubscription.self),
            route(Way(.get, "/v1/subscribers/{address}", "All that is known of a person, with the consent ledger"), ShowSubscriber.self),
            route(
                Way(.post, "/v1/subscribers/{address}/consent", "Add to a person's consent ledger what was said elsewhere"),
                RecordConsent.self),
            route(Way(.delete, "/v1/subscribers/{address}", "Forget a person", status: 204), EraseSubscriber.self),
            route(Way(.post, "/v1/advice", "Which way mail to many people should take, and why"), AdviceInput.self) { input, _ in
                AdviseSending(need: input.need)
            },
        ]
    }

    private var fileRoute: APIRoute {
        var route = route(
            Way(.post, "/v1/lists/{list}/file", "Import a CSV file at once, or only look at it"), FileInput.self
        ) { input, _ in
            ImportList(
                list: input.list, file: input.file ?? "file.csv", content: input.content, source: input.source,
                columns: input.columns ?? [:],
                isTrial: input.trial ?? false, leftOut: input.leaveOut)
        }
        route.details = "All of it is on the list when the answer comes, or nothing. For files of more than 8 MiB begin an import in parts."
        route.bodyBytesMax = 8 << 20
        return route
    }
}

struct FileInput: Decodable, Sendable {
    var list: String
    /// The file's name, for the record.
    var file: String?
    /// The CSV text.
    var content: String
    /// Where the addresses come from, as you say.
    var source: ListSource
    /// A column's title with `address`, another name for it, or `-` to leave it out.
    var columns: [String: String]?
    var trial: Bool?
    /// What of the doubtful does not go on the list.
    var leaveOut: [DoubtfulAddress]?
}

/// Which lists there are is the settings' to say.
struct FetchInput: Decodable, Sendable {}

struct AdviceInput: Decodable, Sendable {
    var recipients: Int
    var external: Bool?
    var recurring: Bool?
    var urgent: Bool?
    var kind: SendingNeed.Kind?

    var need: SendingNeed {
        SendingNeed(
            recipients: recipients, isExternal: external ?? false, isRecurring: recurring ?? false, isUrgent: urgent ?? false,
            kind: kind ?? .announcement)
    }
}
