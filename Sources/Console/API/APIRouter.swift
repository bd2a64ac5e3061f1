/// Finds the route of a path, by whole segments.
struct APIRouter: Sendable {
    enum Match {
        /// With the path's fields, decoded.
        case route(APIRoute, [String: String])
        /// The path is there, with these methods.
        case otherMethods([String])
        case nothing
    }

    private struct Entry {
        var segments: [Substring]
        var route: APIRoute
    }

    private let entries: [Entry]

    init(_ routes: [APIRoute]) { entries = routes.map { Entry(segments: $0.path.split(separator: "/"), route: $0) } }

    /// `path`: as it came, with its percent signs.
    func match(method: String, path: String) -> Match {
        let segments = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        var methods: [String] = []
        for entry in entries {
            guard let fields = APIRouter.fields(entry.segments, segments) else { continue }
            if entry.route.method.rawValue == method { return .route(entry.route, fields) }
            methods.append(entry.route.method.rawValue)
        }
        return methods.isEmpty ? .nothing : .otherMethods(Array(Set(methods)).sorted())
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
