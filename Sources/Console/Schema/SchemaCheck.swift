/// What is wrong with one field of a request.
package struct FieldProblem: Hashable, Sendable {
    /// Where the field came from.
    package enum Place: String, Hashable, Sendable {
        case body, query, path, header
    }

    package var place: Place
    /// A JSON pointer in a body (`/to/0`; empty for the whole), a name elsewhere.
    package var field: String
    /// One clause.
    package var detail: String

    package init(_ place: Place, _ field: String, _ detail: String) {
        self.place = place
        self.field = field
        self.detail = detail
    }
}

extension JSONSchema {
    /// Problems that are named in one answer.
    private static let problemsMax = 20

    /// All that is wrong with a value, as far as the schema can tell; at most twenty problems.
    package func problems(with value: JSONValue, in place: FieldProblem.Place) -> [FieldProblem] {
        var found: [FieldProblem] = []
        check(value, "", place, &found)
        return Array(found.prefix(JSONSchema.problemsMax))
    }

    private func check(_ value: JSONValue, _ pointer: String, _ place: FieldProblem.Place, _ found: inout [FieldProblem]) {
        guard found.count < JSONSchema.problemsMax else { return }
        func add(_ detail: String) { found.append(FieldProblem(place, pointer, detail)) }
        if let values, !values.contains(value) {
            return add("is none of \(values.map { $0.string ?? String(decoding: $0.json, as: UTF8.self) }.joined(separator: ", "))")
        }
        switch (kind, value) {
        case (.string, .string(let text)):
            let count = text.unicodeScalars.count
            if count < lengthMin ?? 0 { add("has \(count) characters, at least \(lengthMin ?? 0) are needed") }
            if count > lengthMax ?? .max { add("has \(count) characters, at most \(lengthMax ?? 0) are allowed") }
        case (.integer, .integer(let number)):
            if number < minimum ?? .min { add("is below \(minimum ?? 0)") }
            if number > maximum ?? .max { add("is above \(maximum ?? 0)") }
        case (.number, .integer), (.number, .number), (.boolean, .bool), (.anything, _): break
        case (.array(let element), .array(let elements)):
            if elements.count < lengthMin ?? 0 { add("has \(elements.count) elements, at least \(lengthMin ?? 0) are needed") }
            if elements.count > lengthMax ?? .max { return add("has \(elements.count) elements, at most \(lengthMax ?? 0) are allowed") }
            for (index, value) in elements.enumerated() { element.check(value, "\(pointer)/\(index)", place, &found) }
        case (.map(let element), .object(let object)):
            for (name, value) in object.sorted(by: { $0.key < $1.key }) {
                element.check(value, "\(pointer)/\(JSONSchema.escaped(name))", place, &found)
            }
        case (.object(let properties, let isOpen), .object(let object)):
            checkFields(properties, isOpen, object, pointer, place, &found)
        default: add("is \(JSONSchema.typeName(value)), not \(typeName)")
        }
    }

    private func checkFields(
        _ properties: [String: Property], _ isOpen: Bool, _ object: [String: JSONValue], _ pointer: String, _ place: FieldProblem.Place,
        _ found: inout [FieldProblem]
    ) {
        for (name, property) in properties.sorted(by: { $0.key < $1.key }) {
            let path = "\(pointer)/\(JSONSchema.escaped(name))"
            if let value = object[name] {
                property.schema.check(value, path, place, &found)
            } else if property.isRequired {
                found.append(FieldProblem(place, path, "is missing"))
            }
        }
        guard !isOpen else { return }
        for name in object.keys.sorted() where properties[name] == nil {
            let known = properties.keys.sorted().joined(separator: ", ")
            found.append(
                FieldProblem(place, "\(pointer)/\(JSONSchema.escaped(String(name.prefix(100))))", "is no field here; there are \(known)"))
        }
    }

    /// RFC 6901 §3.
    private static func escaped(_ name: String) -> String { name.replacing("~", with: "~0").replacing("/", with: "~1") }

    private var typeName: String {
        switch kind {
        case .string: "a string"
        case .integer: "a whole number"
        case .number: "a number"
        case .boolean: "true or false"
        case .array: "an array"
        case .object, .map: "an object"
        case .anything: "a value"
        }
    }

    private static func typeName(_ value: JSONValue) -> String {
        switch value {
        case .null: "null"
        case .bool: "true or false"
        case .integer, .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}
