import Foundation

/// A type whose JSON form is more special than its coding shows.
package protocol SchemaDescribed {
    static var schema: JSONSchema { get }
    /// Any value: only there so that types around it can be looked at.
    static var schemaSample: Self { get }
}

extension JSONSchema {
    /// The schema of what a type is decoded from, found out by watching it decode: a description that cannot drift from the code.
    ///
    /// - Parameter isOpen: whether its objects may hold fields that the type does not know: true for answers, false for requests.
    package static func of<Value: Decodable>(_ type: Value.Type, isOpen: Bool) -> JSONSchema {
        let node = SchemaNode(isOpen: isOpen)
        do {
            _ = try node.sample(type)
        } catch {
            preconditionFailure("\(type) cannot be watched decoding; make it SchemaDescribed: \(error)")
        }
        return node.schema
    }
}

/// What is seen of one value.
private final class SchemaNode {
    let isOpen: Bool
    var leaf: JSONSchema?
    var element: SchemaNode?
    var properties: [String: (node: SchemaNode, isRequired: Bool)]?

    init(isOpen: Bool) { self.isOpen = isOpen }

    var schema: JSONSchema {
        if let leaf { return leaf }
        if let element { return JSONSchema(.array(element.schema)) }
        let fields = (properties ?? [:]).mapValues { JSONSchema.Property($0.node.schema, isRequired: $0.isRequired) }
        return JSONSchema(.object(fields, isOpen: isOpen))
    }

    func child(_ name: String, isRequired: Bool) -> SchemaNode {
        let node = SchemaNode(isOpen: isOpen)
        properties?[name] = (node, isRequired)
        return node
    }

    func sample<Value: Decodable>(_ type: Value.Type) throws -> Value {
        func value(_ sample: Any, _ schema: JSONSchema) throws -> Value {
            leaf = schema
            guard let value = sample as? Value else { throw CocoaError(.coderInvalidValue) }
            return value
        }
        if let described = type as? any SchemaDescribed.Type { return try value(described.schemaSample, described.schema) }
        if let cases = type as? any CaseIterable.Type, let (sample, schema) = try SchemaNode.enumeration(cases) {
            return try value(sample, schema)
        }
        switch type {
        case is String.Type: return try value("", JSONSchema(.string))
        case is Bool.Type: return try value(false, JSONSchema(.boolean))
        case is Int.Type: return try value(0, JSONSchema(.integer))
        case is Int32.Type: return try value(0 as Int32, .integer(Int64(Int32.min)...Int64(Int32.max)))
        case is Int64.Type: return try value(0 as Int64, JSONSchema(.integer))
        case is Double.Type: return try value(0.0, JSONSchema(.number))
        case is [String: String].Type: return try value([String: String](), JSONSchema(.map(JSONSchema(.string))))
        case is JSONValue.Type: return try value(JSONValue.null, JSONSchema(.anything))
        default: return try Value(from: WatchedDecoder(node: self))
        }
    }

    /// Nil where the cases are not written as they stand.
    private static func enumeration<Cases: CaseIterable>(_ type: Cases.Type) throws -> (sample: Any, schema: JSONSchema)? {
        guard let first = type.allCases.first, first is any Encodable else { return nil }
        let values = try type.allCases.compactMap { try ($0 as? any Encodable).map { try JSONValue($0) } }
        var schema = JSONSchema(values.allSatisfy { $0.string != nil } ? .string : .integer)
        schema.values = values
        return (first, schema)
    }
}

private struct WatchedDecoder: Decoder {
    let node: SchemaNode
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        node.properties = node.properties ?? [:]
        return KeyedDecodingContainer(WatchedFields<Key>(node: node))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        let element = SchemaNode(isOpen: node.isOpen)
        node.element = element
        return WatchedElements(node: element)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { WatchedValue(node: node) }
}

/// A field that is asked for after `contains` is one that may be missing.
private final class WatchedFields<Key: CodingKey>: KeyedDecodingContainerProtocol {
    private let node: SchemaNode
    private var askedFor: String?
    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] { [] }

    init(node: SchemaNode) { self.node = node }

    func contains(_ key: Key) -> Bool {
        askedFor = key.stringValue
        return true
    }

    func decodeNil(forKey key: Key) throws -> Bool { false }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        let isRequired = askedFor != key.stringValue
        askedFor = nil
        return try node.child(key.stringValue, isRequired: isRequired).sample(type)
    }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key) throws -> KeyedDecodingContainer<Nested> {
        throw CocoaError(.coderInvalidValue)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer { throw CocoaError(.coderInvalidValue) }
    func superDecoder() throws -> any Decoder { throw CocoaError(.coderInvalidValue) }
    func superDecoder(forKey key: Key) throws -> any Decoder { throw CocoaError(.coderInvalidValue) }
}

/// One element, so that its type is seen.
private struct WatchedElements: UnkeyedDecodingContainer {
    let node: SchemaNode
    var codingPath: [any CodingKey] { [] }
    var count: Int? { 1 }
    var currentIndex = 0
    var isAtEnd: Bool { currentIndex > 0 }

    init(node: SchemaNode) { self.node = node }

    mutating func decodeNil() throws -> Bool { false }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        currentIndex += 1
        return try node.sample(type)
    }

    mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) throws -> KeyedDecodingContainer<Nested> {
        throw CocoaError(.coderInvalidValue)
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { throw CocoaError(.coderInvalidValue) }
    mutating func superDecoder() throws -> any Decoder { throw CocoaError(.coderInvalidValue) }
}

private struct WatchedValue: SingleValueDecodingContainer {
    let node: SchemaNode
    var codingPath: [any CodingKey] { [] }

    func decodeNil() -> Bool { false }
    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try node.sample(type) }
}
