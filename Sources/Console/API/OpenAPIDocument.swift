import Foundation

/// The description of the interface, made from its table of routes.
enum OpenAPIDocument {
    /// The route that answers with it.
    static func route(_ routes: [APIRoute], version: String) -> APIRoute {
        func route(_ text: Data) -> APIRoute {
            var output = JSONSchema(.object([:], isOpen: true))
            output.description = "An OpenAPI 3.1 document"
            return APIRoute(
                .get, "/v1/openapi.json", operation: "openapi", summary: "This description", scopes: [],
                input: JSONSchema(.object([:], isOpen: false)), status: 200, output: output, problems: [], isAct: false
            ) { _ in APIResponse(body: text) }
        }
        return route(document([route(Data())] + routes, version: version).json)
    }

    static func document(_ routes: [APIRoute], version: String) -> JSONValue {
        var paths: [String: [String: JSONValue]] = [:]
        for route in routes { paths[route.path, default: [:]][route.method.rawValue.lowercased()] = operation(route) }
        return [
            "openapi": "3.1.0",
            "info": [
                "title": "Postern", "version": .string(version),
                "description": "Submits messages to the gate and administers it. Errors are problem details (RFC 9457).",
                "license": ["name": "Apache-2.0", "identifier": "Apache-2.0"],
            ],
            "servers": [["url": "/"]],
            "security": [["key": []]],
            "paths": .object(paths.mapValues(JSONValue.object)),
            "components": [
                "securitySchemes": [
                    "key": ["type": "http", "scheme": "bearer", "description": "A key that `postern api-keys add` made."]
                ],
                "schemas": ["Problem": Problem.schema],
            ],
        ]
    }

    private static func operation(_ route: APIRoute) -> JSONValue {
        var fields: [String: JSONValue] = [
            "operationId": .string(route.operation), "summary": .string(route.summary),
            "tags": [.string(String(route.path.split(separator: "/").dropFirst().first ?? ""))],
            "responses": .object(responses(route)),
        ]
        var details = route.details
        if route.isPublic {
            fields["security"] = []
        } else {
            details += (details.isEmpty ? "" : " ") + "Needs \(route.scopes.sorted().joined(separator: " or "))."
        }
        if !details.isEmpty { fields["description"] = .string(details) }
        let parameters = parameters(route)
        if !parameters.isEmpty { fields["parameters"] = .array(parameters) }
        if let body = body(route) { fields["requestBody"] = body }
        return .object(fields)
    }

    private static func parameters(_ route: APIRoute) -> [JSONValue] {
        var parameters = route.pathFields.map { name in
            parameter(name, in: "path", JSONSchema.Property(route.input.properties[name]?.schema ?? JSONSchema(.string)))
        }
        let query = route.method.hasBody ? route.rawBody?.query.properties ?? [:] : route.otherFields
        for (name, property) in query.sorted(by: { $0.key < $1.key }) {
            // With a JSON body there is no query: what is required there is so for the raw body alone.
            let isRequired = property.isRequired && !route.method.hasBody
            parameters.append(parameter(name, in: "query", JSONSchema.Property(property.schema, isRequired: isRequired)))
        }
        for (name, schema) in route.headers.sorted(by: { $0.key < $1.key }) {
            parameters.append(parameter(name, in: "header", JSONSchema.Property(schema, isRequired: false)))
        }
        return parameters
    }

    private static func parameter(_ name: String, in place: String, _ property: JSONSchema.Property) -> JSONValue {
        var fields: [String: JSONValue] = [
            "name": .string(name), "in": .string(place), "schema": property.schema.document,
        ]
        if property.isRequired { fields["required"] = true }
        if let description = property.schema.description { fields["description"] = .string(description) }
        return .object(fields)
    }

    private static func body(_ route: APIRoute) -> JSONValue? {
        guard route.method.hasBody else { return nil }
        let schema = JSONSchema(.object(route.otherFields, isOpen: false))
        var content: [String: JSONValue] = ["application/json": ["schema": schema.document]]
        if let raw = route.rawBody { content[raw.contentType] = ["schema": ["type": "string"]] }
        let isRequired = route.otherFields.contains { $0.value.isRequired }
        return ["content": .object(content), "required": .bool(isRequired)]
    }

    private static func responses(_ route: APIRoute) -> [String: JSONValue] {
        var success: [String: JSONValue] = ["description": .string(words[route.status] ?? "Done")]
        if let output = route.output { success["content"] = ["application/json": ["schema": output.document]] }
        if route.status == 201 || route.status == 202 {
            success["headers"] = ["Location": ["schema": ["type": "string"], "description": "Where it can be seen"]]
        }
        var responses = ["\(route.status)": JSONValue.object(success)]
        for status in route.allProblems {
            var response: [String: JSONValue] = [
                "description": .string(words[status] ?? "A problem"),
                "content": .object([Problem.contentType: ["schema": ["$ref": "#/components/schemas/Problem"]]]),
            ]
            if status == 429 || status == 503 {
                response["headers"] = ["Retry-After": ["schema": ["type": "integer"], "description": "Seconds"]]
            }
            responses["\(status)"] = .object(response)
        }
        return responses
    }

    private static let words = [
        200: "Done", 201: "Made", 202: "Accepted: it is on disk", 204: "Done", 400: "The request is not well formed",
        401: "A valid key is needed", 403: "Not allowed", 404: "There is no such thing", 408: "The request took too long",
        409: "It conflicts with what is there", 413: "The request is too large", 415: "Not with this content type",
        422: "Understood and refused", 429: "Too many requests", 500: "The gate failed", 503: "Not possible at this moment",
    ]
}
