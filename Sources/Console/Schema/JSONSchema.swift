/// What a JSON value must look like: the part of JSON Schema (2020-12) that this interface uses, for its description and for its checks.
package struct JSONSchema: Hashable, Sendable {
    package indirect enum Kind: Hashable, Sendable {
        case string
        case integer
        case number
        case boolean
        case array(JSONSchema)
        /// By name. `isOpen`: others may stand beside them.
        case object([String: Property], isOpen: Bool)
        /// Any names, values alike.
        case map(JSONSchema)
        case anything
    }

    package struct Property: Hashable, Sendable {
        package var schema: JSONSchema
        package var isRequired: Bool

        package init(_ schema: JSONSchema, isRequired: Bool = true) {
            self.schema = schema
            self.isRequired = isRequired
        }
    }

    package var kind: Kind
    package var description: String?
    /// `email`, `date-time`; told to readers, checked where the value is read.
    package var format: String?
    /// As `format`.
    package var pattern: String?
    /// The only values; nil for any.
    package var values: [JSONValue]?
    package var minimum: Int64?
    package var maximum: Int64?
    /// Of strings in code points, of arrays in elements.
    package var lengthMin: Int?
    package var lengthMax: Int?
    package var example: JSONValue?

    package init(_ kind: Kind) { self.kind = kind }

    /// Text of a form that its reader checks.
    package static func text(
        _ description: String, format: String? = nil, pattern: String? = nil, lengths: ClosedRange<Int> = 1...1000, example: String
    ) -> JSONSchema {
        var schema = JSONSchema(.string)
        schema.description = description
        schema.format = format
        schema.pattern = pattern
        schema.lengthMin = lengths.lowerBound
        schema.lengthMax = lengths.upperBound
        schema.example = .string(example)
        return schema
    }

    package static func integer(_ range: ClosedRange<Int64>, _ description: String? = nil) -> JSONSchema {
        var schema = JSONSchema(.integer)
        schema.minimum = range.lowerBound
        schema.maximum = range.upperBound
        schema.description = description
        return schema
    }

    /// The properties of an object; empty for anything else.
    package var properties: [String: Property] {
        if case .object(let properties, _) = kind { properties } else { [:] }
    }

    /// As OpenAPI 3.1 writes it.
    package var document: JSONValue {
        var fields: [String: JSONValue] = [:]
        switch kind {
        case .string: fields["type"] = "string"
        case .integer: fields["type"] = "integer"
        case .number: fields["type"] = "number"
        case .boolean: fields["type"] = "boolean"
        case .anything: break
        case .array(let element):
            fields["type"] = "array"
            fields["items"] = element.document
        case .map(let element):
            fields["type"] = "object"
            fields["additionalProperties"] = element.document
        case .object(let properties, let isOpen):
            fields["type"] = "object"
            fields["properties"] = .object(properties.mapValues(\.schema.document))
            let required = properties.filter(\.value.isRequired).keys.sorted()
            if !required.isEmpty { fields["required"] = .array(required.map(JSONValue.string)) }
            if !isOpen { fields["additionalProperties"] = false }
        }
        if let description { fields["description"] = .string(description) }
        if let format { fields["format"] = .string(format) }
        if let pattern { fields["pattern"] = .string(pattern) }
        if let values { fields["enum"] = .array(values) }
        if let minimum { fields["minimum"] = .integer(minimum) }
        if let maximum { fields["maximum"] = .integer(maximum) }
        let isArray = if case .array = kind { true } else { false }
        if let lengthMin { fields[isArray ? "minItems" : "minLength"] = .integer(Int64(lengthMin)) }
        if let lengthMax { fields[isArray ? "maxItems" : "maxLength"] = .integer(Int64(lengthMax)) }
        if let example { fields["examples"] = [example] }
        return .object(fields)
    }
}
