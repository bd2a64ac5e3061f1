package import Foundation

/// One operation of the HTTP interface: how it is called, by whom, what comes of it. The table of these is all there is: the router, the
/// checks and the description read it.
package struct APIRoute: Sendable {
    package enum Method: String, Hashable, Sendable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case patch = "PATCH"
        case delete = "DELETE"

        /// True where fields that are not in the path stand in a JSON body.
        var hasBody: Bool { self == .post || self == .put || self == .patch }
    }

    /// Text that is taken as a body beside JSON, with its own query parameters.
    package struct RawBody: Sendable {
        /// `message/rfc822`.
        package var contentType: String
        package var query: JSONSchema

        package init(contentType: String, query: JSONSchema) {
            self.contentType = contentType
            self.query = query
        }
    }

    package var method: Method
    /// `/v1/accounts/{address}`.
    package var path: String
    /// Unique; the operation's name where it is one of the administration.
    package var operation: String
    package var summary: String
    package var details = ""
    /// The caller needs one of these; empty: no key at all.
    package var scopes: Set<String>
    /// All fields: those named in the path, the rest in the query or the body.
    package var input: JSONSchema
    package var rawBody: RawBody?
    /// 200…299.
    package var status: Int
    /// Of the answer; nil for none.
    package var output: JSONSchema?
    /// Error statuses beside those that every route may answer.
    package var problems: Set<Int>
    /// True where `reason`, for the audit, may be given.
    package var isAct: Bool
    /// Header fields that it reads, with what they say.
    package var headers: [String: JSONSchema] = [:]
    /// Octets of the largest body.
    package var bodyBytesMax = APILimits.bodyBytesMax
    /// For the operation to end.
    package var timeout = APILimits.operationTimeout
    package var respond: @Sendable (APIRequest) async throws -> APIResponse

    package init(
        _ method: Method, _ path: String, operation: String, summary: String, scopes: Set<String>, input: JSONSchema, status: Int,
        output: JSONSchema?, problems: Set<Int>, isAct: Bool, respond: @escaping @Sendable (APIRequest) async throws -> APIResponse
    ) {
        self.method = method
        self.path = path
        self.operation = operation
        self.summary = summary
        self.scopes = scopes
        self.input = input
        self.status = status
        self.output = output
        self.problems = problems
        self.isAct = isAct
        self.respond = respond
    }

    /// `address` for `/v1/accounts/{address}/password`.
    var pathFields: [String] {
        path.split(separator: "/").compactMap { $0.hasPrefix("{") ? String($0.dropFirst().dropLast()) : nil }
    }

    /// Fields of the query or the body, `reason` among them where it may stand.
    var otherFields: [String: JSONSchema.Property] {
        let inPath = Set(pathFields)
        var fields = input.properties.filter { !inPath.contains($0.key) }
        if isAct { fields["reason"] = JSONSchema.Property(APIRoute.reason, isRequired: false) }
        return fields
    }

    var isPublic: Bool { scopes.isEmpty }

    /// Error statuses that the route may answer, those of every route included.
    var allProblems: Set<Int> {
        var all = problems.union([400, 500, 503])
        if !isPublic { all.formUnion([401, 403, 429]) }
        if method.hasBody { all.formUnion([408, 413, 415, 422]) }
        if !pathFields.isEmpty { all.insert(404) }
        return all
    }

    private static let reason: JSONSchema = {
        var schema = JSONSchema(.string)
        schema.description = "Why; kept in the audit."
        schema.lengthMax = 500
        return schema
    }()
}

/// A request that has passed all checks that need no knowledge of the operation.
package struct APIRequest: Sendable {
    /// The fields of path, query and body in one object, as JSON.
    package var input: Data
    package var caller: APICaller
    /// For the audit; empty where none was given.
    package var reason: String
    /// By lower-case name: those that the route declares.
    package var headers: [String: String]
    /// The body where it is not JSON.
    package var raw: [UInt8]?
    /// The body as it came, for a fingerprint of the request.
    package var body: [UInt8]
    package var peer: APIPeer

    package init(
        input: Data, caller: APICaller, reason: String, headers: [String: String], raw: [UInt8]?, body: [UInt8], peer: APIPeer
    ) {
        self.input = input
        self.caller = caller
        self.reason = reason
        self.headers = headers
        self.raw = raw
        self.body = body
        self.peer = peer
    }

    /// Reads the fields; throws the problem to answer with where one is wrong.
    package func fields<Input: Decodable>(_ type: Input.Type, from place: FieldProblem.Place = .body) throws -> Input {
        do {
            return try JSONDecoder().decode(type, from: input)
        } catch let error as DecodingError {
            throw Problem.invalid([APIRequest.problem(error, place)])
        }
    }

    private static func problem(_ error: DecodingError, _ place: FieldProblem.Place) -> FieldProblem {
        func pointer(_ path: [any CodingKey]) -> String {
            path.map { key in "/" + (key.intValue.map(String.init) ?? key.stringValue) }.joined()
        }
        switch error {
        case .dataCorrupted(let context), .typeMismatch(_, let context), .valueNotFound(_, let context):
            return FieldProblem(place, pointer(context.codingPath), context.debugDescription)
        case .keyNotFound(let key, let context): return FieldProblem(place, pointer(context.codingPath + [key]), "is missing")
        @unknown default: return FieldProblem(place, "", "cannot be read")
        }
    }
}

/// Where a request came from.
package struct APIPeer: Hashable, Sendable {
    /// Text of the IP address; nil where the socket has none.
    package var address: String?
    package var isEncrypted: Bool
    package var tlsVersion: String?

    package init(address: String?, isEncrypted: Bool, tlsVersion: String? = nil) {
        self.address = address
        self.isEncrypted = isEncrypted
        self.tlsVersion = tlsVersion
    }
}

package struct APIResponse: Sendable {
    /// Nil: the route's.
    package var status: Int?
    /// JSON; nil for no body.
    package var body: Data?
    package var headers: [String: String] = [:]

    package init(body: Data?, headers: [String: String] = [:], status: Int? = nil) {
        self.body = body
        self.headers = headers
        self.status = status
    }
}

/// Who makes a request, as the interface needs to know it.
package struct APICaller: Hashable, Sendable {
    /// `api-key:NAME`, as the audit writes it.
    package var name: String
    package var scopes: Set<String>

    package init(name: String, scopes: Set<String>) {
        self.name = name
        self.scopes = scopes
    }
}

/// What a key came to.
package enum APIAccess: Sendable {
    case allowed(APICaller)
    /// No such key, or not valid any more. The answer waits for `after`.
    case unknown(after: Duration)
    /// Too many wrong keys came from there, or for it.
    case locked(String)
    /// It makes more requests than it may.
    case tooFast(retryAfter: Duration)
    case unavailable
}

package enum APILimits {
    package static let bodyBytesMax = 1 << 20
    /// Bodies up to this are not counted as memory.
    static let uncountedBytesMax = 65_536
    /// How often a body is in memory at most while it is read.
    static let copies = 3
    /// For the whole body to arrive.
    static let bodyTimeout = Duration.seconds(60)
    /// For most operations to end: the test of a route connects to other hosts.
    package static let operationTimeout = Duration.seconds(120)
    /// For the head of a request, and between requests.
    static let headTimeoutSeconds: Int64 = 60
    static let connectionsMax = 2000
    static let queryBytesMax = 16_384
    static let headerBytesMax = 16_384
    static let headersMax = 100
    /// Wrong keys whose answer is held back at a time; past it they are answered at once.
    static let delayedMax = 200
}
