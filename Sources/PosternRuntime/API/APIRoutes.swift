import Console
import Foundation
import MailModel
import OutboundPolicy

/// The table of the HTTP interface: each operation of the administration as a resource, and the submission of messages.
///
/// Nothing is decided here: a route names the operation, and reads its fields.
struct APIRoutes: Sendable {
    let administration: Administration
    let gate: any HTTPGate
    let submission: MessageSubmission
    let now: @Sendable () -> Timestamp

    var all: [APIRoute] {
        messageRoutes + listRoutes + campaignRoutes + accountRoutes + directoryRoutes + policyRoutes + groupRoutes + keyRoutes + mailRoutes
            + restrictionRoutes
            + requestRoutes
            + tryingOutRoutes + shapingRoutes + tlsRoutes + returnedRoutes + domainHealthRoutes + suppressionRoutes + statisticsRoutes
            + findRoutes + alertRoutes
            + scanRoutes + reputationRoutes
            + reviewRoutes + signInRoutes
            + [backupRoute]
    }

    /// What a route needs beside its operation.
    struct Way {
        var method: APIRoute.Method
        var path: String
        var summary: String
        var status = 200

        init(_ method: APIRoute.Method, _ path: String, _ summary: String, status: Int = 200) {
            self.method = method
            self.path = path
            self.summary = summary
            self.status = status
        }
    }

    /// A route whose fields are those of the operation itself.
    func route<Operation: AdministrativeOperation>(
        _ way: Way, _ operation: Operation.Type, location: (@Sendable (Operation.Outcome) -> String)? = nil
    ) -> APIRoute {
        route(way, Operation.self, location: location) { input, _ in input }
    }

    /// A route whose fields are `Input`'s, which make the operation.
    func route<Input: Decodable & Sendable, Operation: AdministrativeOperation>(
        _ way: Way, _ input: Input.Type, location: (@Sendable (Operation.Outcome) -> String)? = nil,
        operation: @escaping @Sendable (Input, Timestamp) throws -> Operation
    ) -> APIRoute {
        let hasBody = way.status != 204
        return make(way, Operation.self, input: Input.self, output: hasBody ? .of(Operation.Outcome.self, isOpen: true) : nil) {
            request, act in
            let fields = try request.fields(Input.self)
            let outcome = try await administration.perform(operation(fields, act.at), act)
            let headers = location.map { ["Location": $0(outcome)] } ?? [:]
            return APIResponse(body: hasBody ? try JSONText.data(outcome) : nil, headers: headers)
        }
    }

    /// A route that answers with a page of what the operation finds.
    func list<Input: Decodable & Sendable, Operation: AdministrativeOperation, Row: Codable & Sendable>(
        _ path: String, _ summary: String, _ input: Input.Type, operation: @escaping @Sendable (Input) throws -> Operation,
        page: @escaping @Sendable (Input, [Row]) throws -> ResultPage<Row>
    ) -> APIRoute where Operation.Outcome == [Row] {
        make(Way(.get, path, summary), Operation.self, input: Input.self, output: .of(ResultPage<Row>.self, isOpen: true)) { request, act in
            let fields = try request.fields(Input.self, from: .query)
            let rows = try await administration.perform(operation(fields), act)
            return APIResponse(body: try JSONText.data(try page(fields, rows)))
        }
    }

    /// A route that answers in a way of its own.
    func make<Operation: AdministrativeOperation, Input: Decodable>(
        _ way: Way, _ operation: Operation.Type, input: Input.Type, output: JSONSchema?,
        respond: @escaping @Sendable (APIRequest, Act) async throws -> APIResponse
    ) -> APIRoute {
        let schema = JSONSchema.of(Input.self, isOpen: false)
        let isWrite = Operation.scope.isWrite
        var problems: Set<Int> = isWrite ? [404, 409, 422] : []
        if !schema.properties.isEmpty { problems.insert(422) }
        let now = now
        return APIRoute(
            way.method, way.path, operation: Operation.name, summary: way.summary, scopes: [Operation.scope.rawValue], input: schema,
            status: way.status, output: output, problems: problems, isAct: isWrite
        ) { request in
            try await respond(request, Act(actor: request.caller.name, reason: try APIRoutes.reason(request.reason), at: now()))
        }
    }

    /// A line of text, as the audit prints it.
    static func reason(_ text: String) throws -> String {
        guard text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
            throw Problem.invalid([FieldProblem(.body, "/reason", "holds a control character")])
        }
        return text
    }

    /// What callers are told of an error of the administration or the store; nil for one that is not for them.
    static func problem(_ error: any Error) -> Problem? {
        guard let error = error as? AdministrationError else { return StoreProblem.of(error) }
        switch error.kind {
        case .invalid: return .unprocessable("\(error)")
        case .notFound: return .notFound("\(error)")
        case .conflict: return .conflict("\(error)")
        case .unavailable: return .unavailable("\(error)")
        case .denied: return .forbidden("\(error)")
        case .failed: return nil
        }
    }
}
