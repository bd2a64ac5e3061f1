/// Finds the route of a path, by whole segments.
struct PathRouter<Route: Sendable>: Sendable {
    private struct Entry {
        var segments: [Substring]
        var route: Route
    }

    private let entries: [Entry]

    /// `path`: `/v1/things/{name}`.
    init(_ routes: [(path: String, route: Route)]) {
        entries = routes.map { Entry(segments: $0.path.split(separator: "/"), route: $0.route) }
    }

    /// Those whose path it is, with the path's fields, decoded. `path`: as it came, with its percent signs.
    func all(_ path: String) -> [(route: Route, fields: [String: String])] {
        let segments = path == "/" ? [] : path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        return entries.compactMap { entry in PathRouter.fields(entry.segments, segments).map { (entry.route, $0) } }
    }

    /// The first of them; one without fields in its path goes first.
    func find(_ path: String) -> (route: Route, fields: [String: String])? {
        let found = all(path)
        return found.first { $0.fields.isEmpty } ?? found.first
    }

    private static func fields(_ wanted: [Substring], _ segments: ArraySlice<Substring>) -> [String: String]? {
        guard wanted.count == segments.count else { return nil }
        var fields: [String: String] = [:]
        for (name, segment) in zip(wanted, segments) {
            if name.hasPrefix("{") {
                guard let value = PercentText.decode(segment, plusIsSpace: false), !value.isEmpty else { return nil }
                fields[String(name.dropFirst().dropLast())] = value
            } else if name != segment {
                return nil
            }
        }
        return fields
    }
}

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

enum PercentText {
    /// Nil for a sign without two digits, and for what is no UTF-8 then.
    static func decode(_ text: Substring, plusIsSpace: Bool) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case 0x25:
                guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else { return nil }
                bytes.append(high << 4 | low)
            case 0x2B where plusIsSpace: bytes.append(0x20)
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
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
