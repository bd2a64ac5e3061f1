/// Finds the route of a request to the interface.
struct APIRouter: Sendable {
    enum Match {
        /// With the path's fields, decoded.
        case route(APIRoute, [String: String])
        /// The path is there, with these methods.
        case otherMethods([String])
        case nothing
    }

    private let paths: PathRouter<APIRoute>

    init(_ routes: [APIRoute]) { paths = PathRouter(routes.map { (path: $0.path, route: $0) }) }

    func match(method: String, path: String) -> Match {
        let found = paths.all(path)
        if let match = found.first(where: { $0.route.method.rawValue == method }) { return .route(match.route, match.fields) }
        let methods = Set(found.map(\.route.method.rawValue)).sorted()
        return methods.isEmpty ? .nothing : .otherMethods(methods)
    }
}

/// Query parameters as the value that their schema wants.
enum QueryFields {
    /// Throws a problem for a parameter that is not known, stands too often, or has not the form of its type.
    static func read(_ query: String?, _ fields: [String: JSONSchema.Property]) throws -> [String: JSONValue] {
        var values: [String: JSONValue] = [:]
        var problems: [FieldProblem] = []
        for pair in (query ?? "").split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentText.decode(parts[0], plusIsSpace: true),
                let text = PercentText.decode(parts.count > 1 ? parts[1] : "", plusIsSpace: true)
            else { throw Problem.invalid("the query is not percent-encoded UTF-8") }
            guard let property = fields[name] else {
                let known = fields.keys.sorted().joined(separator: ", ")
                problems.append(
                    FieldProblem(.query, String(name.prefix(100)), "is no parameter here; there are \(known.isEmpty ? "none" : known)"))
                continue
            }
            if case .array(let element) = property.schema.kind {
                guard let value = value(text, element) else {
                    problems.append(FieldProblem(.query, name, "cannot be read"))
                    continue
                }
                if case .array(let before)? = values[name] {
                    values[name] = .array(before + [value])
                } else {
                    values[name] = .array([value])
                }
                continue
            }
            guard values[name] == nil else {
                problems.append(FieldProblem(.query, name, "stands more than once"))
                continue
            }
            guard let value = value(text, property.schema) else {
                problems.append(FieldProblem(.query, name, "is not of its type"))
                continue
            }
            values[name] = value
        }
        guard problems.isEmpty else { throw Problem.invalid(problems) }
        return values
    }

    static func value(_ text: String, _ schema: JSONSchema) -> JSONValue? {
        switch schema.kind {
        case .string, .anything: .string(text)
        case .integer: Int64(text).map(JSONValue.integer)
        case .number: Double(text).map(JSONValue.number)
        case .boolean: text == "true" ? true : text == "false" ? false : nil
        case .array, .object, .map: nil
        }
    }
}
