import Foundation
import HTTPTypes
import Hummingbird
package import Logging
import NIOCore

/// What the interface asks of the gate.
package struct APIPorts: Sendable {
    /// Who shows this key.
    package var access: @Sendable (_ key: String, APIPeer) async -> APIAccess
    /// Memory for a body of so many octets, where there is some: to be given back by `release`. A problem where there is none.
    package var reserve: @Sendable (_ bytes: Int) -> Problem?
    package var release: @Sendable (_ bytes: Int) -> Void
    /// What to answer for an error that an operation threw; nil for one that is nobody's business.
    package var problem: @Sendable (any Error) -> Problem?

    package init(
        access: @escaping @Sendable (_ key: String, APIPeer) async -> APIAccess,
        reserve: @escaping @Sendable (_ bytes: Int) -> Problem?, release: @escaping @Sendable (_ bytes: Int) -> Void,
        problem: @escaping @Sendable (any Error) -> Problem?
    ) {
        self.access = access
        self.reserve = reserve
        self.release = release
        self.problem = problem
    }
}

/// The HTTP interface under `/v1`: finds the route, asks who calls, checks the request against the route's own words, and answers.
package struct APIService: Sendable {
    let routes: [APIRoute]
    private let router: APIRouter
    private let ports: APIPorts
    private let logger: Logger
    private let delays = DelayCount()

    /// `version`: of the program, for the description.
    package init(routes: [APIRoute], ports: APIPorts, version: String, logger: Logger) {
        let all = [OpenAPIDocument.route(routes, version: version)] + routes
        self.routes = all
        router = APIRouter(all)
        self.ports = ports
        self.logger = logger
    }

    func respond(to request: Request, peer: APIPeer, id: String) async -> Response {
        do {
            return try await answer(request, peer: peer, id: id)
        } catch let problem as Problem {
            return APIService.response(problem, id: id)
        } catch {
            if let problem = ports.problem(error) { return APIService.response(problem, id: id) }
            logger.error("request failed", metadata: ["http.request": "\(id)", "error": "\(error)"])
            return APIService.response(.internalError, id: id)
        }
    }

    private func answer(_ request: Request, peer: APIPeer, id: String) async throws -> Response {
        let path = request.uri.path
        switch router.match(method: request.method.rawValue, path: path) {
        case .nothing: throw Problem.notFound("There is nothing at this path; /v1/openapi.json lists what there is.")
        case .otherMethods(let methods):
            var problem = Problem(405, "method-not-allowed", "Not with this method", "This path takes \(methods.joined(separator: ", ")).")
            problem.headers["Allow"] = methods.joined(separator: ", ")
            throw problem
        case .route(let route, let pathValues):
            let caller = try await caller(of: route, request, peer)
            let response = try await perform(route, pathValues, caller, request, peer)
            return APIService.response(
                response.status ?? route.status, contentType: "application/json", body: response.body, headers: response.headers, id: id)
        }
    }

    // MARK: - Who

    private func caller(of route: APIRoute, _ request: Request, _ peer: APIPeer) async throws -> APICaller {
        guard !route.isPublic else { return APICaller(name: "", scopes: []) }
        guard let header = request.headers[.authorization] else {
            throw Problem.unauthenticated("Show a key: Authorization: Bearer postern_…")
        }
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else {
            throw Problem.unauthenticated("Keys are shown as Authorization: Bearer postern_…")
        }
        switch await ports.access(String(parts[1]), peer) {
        case .allowed(let caller):
            guard !caller.scopes.isDisjoint(with: route.scopes) else {
                throw Problem.forbidden("\(caller.name) lacks \(route.scopes.sorted().joined(separator: " or ")).")
            }
            return caller
        case .unknown(let delay):
            await delays.wait(delay)
            throw Problem.unauthenticated("The key is not known, or not valid any more.")
        case .locked(let text): throw Problem.tooMany(text, seconds: 60)
        case .tooFast(let wait):
            throw Problem.tooMany("This key makes more requests than it may.", seconds: Int(wait.components.seconds) + 1)
        case .unavailable: throw Problem.unavailable("The gate is starting or stopping.")
        }
    }

    // MARK: - What

    private func perform(
        _ route: APIRoute, _ pathValues: [String: String], _ caller: APICaller, _ request: Request, _ peer: APIPeer
    ) async throws -> APIResponse {
        var fields = try APIService.pathFields(route, pathValues)
        let kind = try APIService.bodyKind(route, request)
        if kind != .json || !route.method.hasBody {
            fields.merge(try APIService.queryFields(route, kind, request)) { first, _ in first }
        } else if let query = request.uri.query, !query.isEmpty {
            _ = try QueryFields.read(query, [:])
        }
        var held = 0
        defer { if held > 0 { ports.release(held) } }
        var body: [UInt8] = []
        if kind != .none { body = try await read(request, route, &held) }
        var reason = ""
        if kind == .json {
            for (name, value) in try APIService.bodyFields(route, body) { fields[name] = fields[name] ?? value }
        }
        if route.isAct { reason = fields.removeValue(forKey: "reason")?.string ?? "" }
        let headers = try APIService.headers(route, request)
        let input = APIRequest(
            input: JSONValue.object(fields).json, caller: caller, reason: reason, headers: headers, raw: kind == .raw ? body : nil,
            body: body, peer: peer)
        return try await TimeLimit.run(route.timeout, orElse: Problem.unavailable("The operation took too long.")) {
            try await route.respond(input)
        }
    }

    enum BodyKind { case none, json, raw }

    private static func bodyKind(_ route: APIRoute, _ request: Request) throws -> BodyKind {
        guard route.method.hasBody else { return .none }
        let text = request.headers[.contentType] ?? ""
        let type = text.prefix { $0 != ";" }.lowercased().trimmingCharacters(in: .whitespaces)
        if type == "application/json" { return .json }
        if let raw = route.rawBody, type == raw.contentType { return .raw }
        let hasBody = request.headers[.transferEncoding] != nil || Int(request.headers[.contentLength] ?? "0") ?? 0 > 0
        if type.isEmpty, !hasBody { return .json }
        let known = ["application/json"] + (route.rawBody.map { [$0.contentType] } ?? [])
        throw Problem(
            415, "unsupported-media-type", "Not with this content type", "This path takes \(known.joined(separator: " and ")).")
    }

    private static func pathFields(_ route: APIRoute, _ values: [String: String]) throws -> [String: JSONValue] {
        var fields: [String: JSONValue] = [:]
        for (name, text) in values {
            guard let property = route.input.properties[name] else { preconditionFailure("\(route.path) has no field \(name)") }
            guard let value = QueryFields.value(text, property.schema), property.schema.problems(with: value, in: .path).isEmpty else {
                throw Problem.notFound("\(name) in the path is not of its form.")
            }
            fields[name] = value
        }
        return fields
    }

    private static func queryFields(_ route: APIRoute, _ kind: BodyKind, _ request: Request) throws -> [String: JSONValue] {
        guard request.uri.query?.utf8.count ?? 0 <= APILimits.queryBytesMax else {
            throw Problem.invalid("the query is longer than \(APILimits.queryBytesMax) octets")
        }
        let properties = kind == .raw ? route.rawBody?.query.properties ?? [:] : route.otherFields
        let values = try QueryFields.read(request.uri.query, properties)
        let problems = JSONSchema(.object(properties, isOpen: false)).problems(with: .object(values), in: .query)
        guard problems.isEmpty else {
            throw Problem.invalid(problems.map { FieldProblem(.query, String($0.field.drop { $0 == "/" }), $0.detail) })
        }
        return values
    }

    private static func bodyFields(_ route: APIRoute, _ body: [UInt8]) throws -> [String: JSONValue] {
        let value: JSONValue
        do {
            value = try body.isEmpty ? .object([:]) : JSONValue(json: Data(body))
        } catch {
            throw Problem.invalid([FieldProblem(.body, "", "is no JSON")])
        }
        let problems = JSONSchema(.object(route.otherFields, isOpen: false)).problems(with: value, in: .body)
        guard problems.isEmpty else { throw Problem.invalid(problems) }
        guard case .object(let fields) = value else { return [:] }
        return fields
    }

    private static func headers(_ route: APIRoute, _ request: Request) throws -> [String: String] {
        var headers: [String: String] = [:]
        for (name, schema) in route.headers {
            guard let field = HTTPField.Name(name), let text = request.headers[field] else { continue }
            let problems = schema.problems(with: .string(text), in: .header)
            guard problems.isEmpty else { throw Problem.invalid(problems.map { FieldProblem(.header, name, $0.detail) }) }
            headers[name.lowercased()] = text
        }
        return headers
    }

    /// Reads the body, once there is memory for it.
    private func read(_ request: Request, _ route: APIRoute, _ held: inout Int) async throws -> [UInt8] {
        let limit = route.bodyBytesMax
        let declared = request.headers[.contentLength].flatMap { Int($0) }
        let wanted = declared ?? (request.headers[.transferEncoding] == nil ? 0 : limit)
        guard wanted <= limit else { throw Problem.tooLarge(limit) }
        // Read, parsed, decoded, and written as a message. Small ones are bounded by the count of connections: the stop button is one.
        if wanted > APILimits.uncountedBytesMax {
            let weighed = wanted * APILimits.copies
            if let problem = ports.reserve(weighed) { throw problem }
            held = weighed
        }
        let body = request.body
        let timeout = Problem(408, "timeout", "The request took too long", "The body did not arrive in time.")
        return try await TimeLimit.run(APILimits.bodyTimeout, orElse: timeout) {
            var bytes: [UInt8] = []
            bytes.reserveCapacity(min(wanted, limit))
            for try await part in body {
                guard bytes.count + part.readableBytes <= limit else { throw Problem.tooLarge(limit) }
                bytes += part.readableBytesView
            }
            return bytes
        }
    }

    // MARK: - Responses

    static func response(_ problem: Problem, id: String) -> Response {
        var headers = problem.headers
        if let seconds = problem.retryAfterSeconds { headers["Retry-After"] = "\(seconds)" }
        return response(
            problem.status, contentType: Problem.contentType, body: problem.document(instance: id), headers: headers, id: id)
    }

    private static func response(_ status: Int, contentType: String, body: Data?, headers: [String: String], id: String) -> Response {
        var fields = SecurityHeaders.fields
        fields[.contentType] = body == nil ? nil : contentType
        if let name = HTTPField.Name("X-Request-Id") { fields[name] = id }
        for (name, value) in headers {
            guard let name = HTTPField.Name(name) else { continue }
            fields[name] = value
        }
        return Response(
            status: .init(code: status), headers: fields, body: body.map { .init(byteBuffer: ByteBuffer(bytes: $0)) } ?? .init())
    }
}

/// What every response says to browsers.
enum SecurityHeaders {
    static let fields: HTTPFields = {
        var fields: HTTPFields = [
            .cacheControl: "no-store", .xContentTypeOptions: "nosniff",
            .contentSecurityPolicy:
                "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
        ]
        for (name, value) in [
            ("X-Frame-Options", "DENY"), ("Referrer-Policy", "no-referrer"), ("Cross-Origin-Resource-Policy", "same-origin"),
        ] {
            if let name = HTTPField.Name(name) { fields[name] = value }
        }
        return fields
    }()
}
