import Testing

@testable import InternetMessage

@Suite struct EncodedWordTests {
    @Test(arguments: [
        ("plain", "plain"),
        ("=?utf-8?q?=C3=A4_b?=", "\u{E4} b"),
        ("=?UTF-8?B?w6Q=?= x", "\u{E4} x"),
        ("=?iso-8859-1?Q?J=F6rg?= M", "J\u{F6}rg M"),
        ("=?iso-8859-15?Q?=A4?=", "\u{20AC}"),
        ("=?windows-1252?Q?=80=93?=", "\u{20AC}\u{201C}"),
        ("=?us-ascii*en?q?x?=", "x"),
        ("=?utf-8?q?a?= =?utf-8?q?b?=", "ab"),
        ("=?utf-8?q?a?=  \t=?iso-8859-1?q?b?= c", "ab c"),
        ("=?utf-8?b?w?= =?utf-8?q?=C3?= =?utf-8?q?=A4?=", "=?utf-8?b?w?= \u{E4}"),
        ("=?koi8-r?q?=C1?=", "=?koi8-r?q?=C1?="),
        ("=?utf-8?x?a?=", "=?utf-8?x?a?="),
        ("=?utf-8?q?no end", "=?utf-8?q?no end"),
        ("=?", "=?"), ("=?utf-8?", "=?utf-8?"), ("=?utf-8?q", "=?utf-8?q"), ("=?utf-8?q?", "=?utf-8?q?"), ("=?utf-8?q??=", ""),
        ("=?utf-8?q?a=0D=0ABcc:_x?=", "a  Bcc: x"),
        ("=?utf-8?q?a=ZZ?=", "a=ZZ"),
        ("a=?utf-8?q?b?=c", "abc"),
    ])
    func decodes(_ text: String, _ expected: String) {
        #expect(EncodedWord.decode(text) == expected)
    }

    @Test func whatIsEncodedDecodesToItself() {
        for text in ["\u{E4}", String(repeating: "\u{1F600}e", count: 60), "=?utf-8?q?literal?=", "abc \u{FC}\u{FC} def"] {
            let encoded = EncodedWord.encode(text)
            #expect(encoded.utf8.allSatisfy { $0 < 0x80 })
            #expect(encoded.split(separator: " ").allSatisfy { $0.count <= 75 })
            #expect(EncodedWord.decode(encoded) == text)
        }
        #expect(EncodedWord.encode("plain text") == "plain text")
    }

    @Test func base64RoundTripsAndRefusesBadForms() {
        for count in 0..<50 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 37) }
            #expect(Base64.decode(Base64.encode(bytes)) == bytes)
        }
        #expect(Base64.decode(Array("TWFu".utf8)) == Array("Man".utf8))
        #expect(Base64.decode(Array("TWE".utf8)) == Array("Ma".utf8))
        for bad in ["A", "TWE=x", "T*==", "TW===="] { #expect(Base64.decode(Array(bad.utf8)) == nil) }
    }
}
