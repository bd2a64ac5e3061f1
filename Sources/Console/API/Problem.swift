package import Foundation

/// An error as RFC 9457 has it. Its text is for the caller: nothing internal stands in it.
package struct Problem: Error, Hashable, Sendable {
    package var status: Int
    /// The end of the type's URN, such as `invalid-request`.
    package var kind: String
    /// The kind in words, the same each time.
    package var title: String
    /// What went wrong this time, and what to do.
    package var detail: String
    package var errors: [FieldProblem] = []
    /// For the client to try again.
    package var retryAfterSeconds: Int?
    /// Further members.
    package var members: [String: JSONValue] = [:]
    package var headers: [String: String] = [:]

    package init(_ status: Int, _ kind: String, _ title: String, _ detail: String, retryAfterSeconds: Int? = nil) {
        self.status = status
        self.kind = kind
        self.title = title
        self.detail = detail
        self.retryAfterSeconds = retryAfterSeconds
    }

    package static let contentType = "application/problem+json"

    /// `instance`: names this one request, as the log does.
    package func document(instance: String) -> Data {
        var fields: [String: JSONValue] = members
        fields["type"] = .string("urn:postern:problem:\(kind)")
        fields["title"] = .string(title)
        fields["status"] = .integer(Int64(status))
        fields["detail"] = .string(detail)
        fields["instance"] = .string("urn:postern:request:\(instance)")
        if !errors.isEmpty {
            fields["errors"] = .array(
                errors.map { error in
                    let name = error.place == .body ? "pointer" : "field"
                    return .object([
                        "in": .string(error.place.rawValue), name: .string(error.field), "detail": .string(error.detail),
                    ])
                })
        }
        return JSONValue.object(fields).json
    }

    static let schema: JSONValue = [
        "type": "object",
        "properties": [
            "type": ["type": "string", "format": "uri"],
            "title": ["type": "string"],
            "status": ["type": "integer", "minimum": 400, "maximum": 599],
            "detail": ["type": "string"],
            "instance": ["type": "string", "format": "uri"],
            "errors": [
                "type": "array",
                "items": [
                    "type": "object",
                    "properties": [
                        "in": ["type": "string", "enum": ["body", "query", "path", "header"]],
                        "pointer": ["type": "string", "description": "JSON pointer to the field of the body"],
                        "field": ["type": "string", "description": "Name of the parameter or header field"],
                        "detail": ["type": "string"],
                    ],
                    "required": ["in", "detail"],
                ],
            ],
            "reply": ["type": "string", "description": "The SMTP reply that the same message would have got"],
            "findings": ["type": "array", "items": ["type": "object"]],
        ],
        "required": ["type", "title", "status", "detail", "instance"],
    ]
}

extension Problem {
    package static func invalid(_ detail: String, _ errors: [FieldProblem] = []) -> Problem {
        var problem = Problem(400, "invalid-request", "The request is not well formed", detail)
        problem.errors = errors
        return problem
    }

    /// The first of the problems is told in the detail too.
    package static func invalid(_ errors: [FieldProblem]) -> Problem {
        let first = errors.first.map { "\($0.field.isEmpty ? "the \($0.place.rawValue)" : $0.field) \($0.detail)" } ?? ""
        return invalid(errors.count > 1 ? "\(first); and \(errors.count - 1) more" : first, errors)
    }

    package static func unprocessable(_ detail: String, _ errors: [FieldProblem] = []) -> Problem {
        var problem = Problem(422, "refused", "The request was understood and refused", detail)
        problem.errors = errors
        return problem
    }

    package static func notFound(_ detail: String) -> Problem { Problem(404, "not-found", "There is no such thing", detail) }
    package static func conflict(_ detail: String) -> Problem { Problem(409, "conflict", "It conflicts with what is there", detail) }
    package static func forbidden(_ detail: String) -> Problem { Problem(403, "forbidden", "Not allowed", detail) }

    package static func unavailable(_ detail: String, retryAfterSeconds: Int = 10) -> Problem {
        Problem(503, "unavailable", "Not possible at this moment", detail, retryAfterSeconds: retryAfterSeconds)
    }

    static func unauthenticated(_ detail: String) -> Problem {
        var problem = Problem(401, "unauthenticated", "A valid key is needed", detail)
        problem.headers["WWW-Authenticate"] = "Bearer realm=\"postern\""
        return problem
    }

    static func tooMany(_ detail: String, seconds: Int) -> Problem {
        Problem(429, "too-many-requests", "Too many requests", detail, retryAfterSeconds: max(1, seconds))
    }

    static func tooLarge(_ limit: Int) -> Problem {
        Problem(413, "too-large", "The request is too large", "The body is larger than \(limit) octets.")
    }

    static let internalError = Problem(500, "internal", "The gate failed", "The gate's log tells more under this request's number.")
}
