import OwnThreads
import Testing

@testable import Storage

@Suite(.ownThreads) struct AttributeTextTests {
    @Test(
        arguments: [
            [:], ["city": "Köln"], ["first name": "Ann \"Annie\" O'Hara", "note": "a\\b\nc\u{1}"],
            ["a": "", "b": "{\"c\":\"d\"}", "ü": "😀"],
        ] as [[String: String]])
    func whatWasWrittenIsReadAgain(_ attributes: [String: String]) throws {
        #expect(try AttributeText.attributes(AttributeText.text(attributes)) == attributes)
    }

    @Test func otherFormsOfTheSameAreRead() throws {
        #expect(try AttributeText.attributes("{ \"a\" : \"b\" }") == ["a": "b"])
        #expect(try AttributeText.attributes(#"{"a":"\u00fc","b":"c"}"#) == ["a": "ü", "b": "c"])
    }

    @Test(arguments: ["", "{", "{\"a\"", "{\"a\":\"b\"", "{\"a\":\"b\"}x", "{\"a\":1}", "[]", "{\"a\":\"b\" \"c\"}"])
    func whatIsNoneIsRefused(_ text: String) {
        #expect(throws: (any Error).self) { try AttributeText.attributes(text) }
    }
}
