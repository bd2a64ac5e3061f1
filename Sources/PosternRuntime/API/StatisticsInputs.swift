import Console
import MailModel
import Storage

struct StatisticsInput: Decodable, Sendable {
    var since: RFC3339Time?
    var until: RFC3339Time?
    var by: TrafficQuery.Step?
    var destination: DomainName?
    /// Destinations that are named, 0…1,000.
    var top: Int?

    var operation: ShowStatistics {
        ShowStatistics(
            since: since?.time, until: until?.time, by: by, destination: destination, top: top ?? ShowStatistics.topStandard)
    }
}

struct QueueShapeInput: Decodable, Sendable {
    /// Destinations that are named, 1…1,000.
    var top: Int?
}

struct FindInput: Decodable, Sendable {
    /// An address, a domain, a Message-ID or its beginning, a number of Postern's, a reference from a refusal, or words.
    var text: String
    /// 48 hours ago unless given.
    var since: RFC3339Time?
    var until: RFC3339Time?
    var status: TraceInput.Status?
    /// Of the page before.
    var reading: TraceReading?
    /// `next` of the page before.
    var before: String?
    var limit: PageSize?

    var operation: FindTrace {
        FindTrace(
            text: text, since: since?.time, until: until?.time, status: status?.rawValue, before: before, reading: reading,
            limit: limit?.count ?? PageInputs.limitStandard)
    }
}

struct SavedSearchInput: Decodable, Sendable {
    var search: String
    var text: String
    var status: TraceInput.Status?
    /// 1…8,760; the usual time unless given.
    var hours: Int?
    /// For everyone who may see the trace.
    var shared: Bool?
}

extension APIRoutes {
    var findRoutes: [APIRoute] {
        [
            route(
                Way(.get, "/v1/trace/find", "Find messages by one text, and say how it was read; no totals"), FindInput.self
            ) { input, _ in input.operation },
            list(
                "/v1/trace/saved", "List one's own saved searches and those that are shared", PageInput.self,
                operation: { _ in ListSavedSearches() }, page: { try $0.page($1) { "\($0.isShared) \($0.name)" } }),
            route(Way(.post, "/v1/trace/saved", "Save a search, or replace it", status: 201), SavedSearchInput.self) { input, _ in
                AddSavedSearch(
                    search: input.search, text: input.text, status: input.status?.rawValue, hours: input.hours,
                    shared: input.shared ?? false)
            },
            route(Way(.delete, "/v1/trace/saved/{search}", "Remove a saved search", status: 204), RemoveSavedSearch.self),
        ]
    }

    var statisticsRoutes: [APIRoute] {
        [
            route(
                Way(.get, "/v1/statistics", "Figures over time and by destination, in recipients; some seconds behind"),
                StatisticsInput.self
            ) { input, _ in input.operation },
            route(Way(.get, "/v1/queue-shape", "Open recipients by destination and age; some seconds behind"), QueueShapeInput.self) {
                input, _ in ShowQueueShape(top: input.top ?? 20)
            },
        ]
    }
}
