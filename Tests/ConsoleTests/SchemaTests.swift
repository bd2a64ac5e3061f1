import Foundation
import Testing

@testable import Console

private enum Colour: String, Codable, CaseIterable { case red, green }

private struct Inner: Codable {
    var number: Int
}

private struct Outer: Codable {
    var text: String
    var flag: Bool?
    var colour: Colour
    var inner: Inner
    var list: [Inner]?
    var names: [String: String]
}

struct SchemaTests {
    @Test func aTypeIsDescribedByItsOwnDecoding() {
        let schema = JSONSchema.of(Outer.self, isOpen: false)
        #expect(schema.properties.filter(\.value.isRequired).keys.sorted() == ["colour", "inner", "names", "text"])
        #expect(schema.properties["colour"]?.schema.values == ["red", "green"])
        #expect(schema.properties["list"]?.schema.kind == .array(JSONSchema.of(Inner.self, isOpen: false)))
        #expect(schema.properties["names"]?.schema.kind == .map(JSONSchema(.string)))
    }

    @Test(
        arguments: [
            (#"{"text":"","colour":"red","inner":{"number":1},"names":{}}"#, []),
            (#"{"colour":"red","inner":{"number":1},"names":{}}"#, ["/text"]),
            (#"{"text":1,"colour":"red","inner":{"number":1},"names":{}}"#, ["/text"]),
            (#"{"text":"","colour":"blue","inner":{"number":1},"names":{}}"#, ["/colour"]),
            (#"{"text":"","colour":"red","inner":{"number":1.5},"names":{}}"#, ["/inner/number"]),
            (#"{"text":"","colour":"red","inner":{"number":1},"names":{},"list":[{"number":1},{}]}"#, ["/list/1/number"]),
            (#"{"text":"","colour":"red","inner":{"number":1},"names":{"a/b":1}}"#, ["/names/a~1b"]),
            (#"{"text":"","colour":"red","inner":{"number":1},"names":{},"flag":null,"x":1}"#, ["/flag", "/x"]),
            ("[]", [""]), ("null", [""]),
        ])
    func problemsAreNamedWhereTheyAre(_ text: String, _ fields: [String]) throws {
        let problems = JSONSchema.of(Outer.self, isOpen: false).problems(with: try JSONValue(json: Data(text.utf8)), in: .body)
        #expect(problems.map(\.field) == fields)
    }

    @Test func problemsAreBounded() {
        let value = JSONValue.array(Array(repeating: 1, count: 1000))
        #expect(JSONSchema(.array(JSONSchema(.string))).problems(with: value, in: .body).count == 20)
    }

    @Test(arguments: ["null", "true", "1", "-1.5", "\"ü\\n\"", "[]", "{\"a\":[1,{\"b\":null}]}"])
    func jsonComesBackAsItWas(_ text: String) throws {
        let value = try JSONValue(json: Data(text.utf8))
        #expect(try JSONValue(json: value.json) == value)
    }

    @Test func deepJSONIsRefusedNotFollowed() {
        let text = String(repeating: "[", count: 100_000)
        #expect(throws: (any Error).self) { try JSONValue(json: Data(text.utf8)) }
        let closed = text + String(repeating: "]", count: 100_000)
        #expect(throws: (any Error).self) { try JSONValue(json: Data(closed.utf8)) }
    }
}
