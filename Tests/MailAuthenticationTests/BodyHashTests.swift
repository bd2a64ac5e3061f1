import Testing

@testable import InternetMessage
@testable import MailAuthentication

@Suite struct BodyHashTests {
    /// The forms of RFC 6376 §3.4.3 and §3.4.4, written down line by line.
    private func reference(_ body: String, _ form: Canonicalization) -> String {
        guard !body.isEmpty else { return form == .simple ? "\n" : "" }
        var lines = body.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last == "" { lines.removeLast() }
        if form == .relaxed {
            lines = lines.map { line in
                var reduced = ""
                for character in line.map({ $0 == "\t" ? " " : $0 }) where !(character == " " && reduced.last == " ") {
                    reduced.append(character)
                }
                return reduced.last == " " ? String(reduced.dropLast()) : reduced
            }
        }
        while lines.last == "" { lines.removeLast() }
        if lines.isEmpty { return form == .simple ? "\n" : "" }
        return lines.joined(separator: "\n") + "\n"
    }

    private func onWire(_ text: String) -> [UInt8] { text.utf8.flatMap { $0 == 0x0A ? [0x0D, 0x0A] : [$0] } }

    @Test(arguments: [Canonicalization.simple, .relaxed])
    func everySmallBodyHashesAsTheStandardSays(_ form: Canonicalization) throws {
        var bodies = [""]
        var all = bodies
        for _ in 0..<6 {
            bodies = bodies.flatMap { body in ["a", " ", "\t", "\n"].map { body + $0 } }
            all += bodies
        }
        for body in all {
            let expected = onWire(reference(body, form))
            let hash = try BodyHash(onWire("X: y\n\n" + body), from: 8, form: form)
            #expect(hash.canonicalBytes == expected.count, "\(body.debugDescription)")
            let isEqual = try hash.digest == SHA256Digest.hash(expected)
            #expect(isEqual, "\(body.debugDescription)")
        }
    }

    /// RFC 6376 §3.4.5.
    @Test func theExampleOfTheStandard() throws {
        let content = Array("A: X\r\nB : Y\t\r\n\tZ  \r\n\r\n C \r\nD \t E\r\n\r\n\r\n".utf8)
        let fields = [
            HeaderField(start: 0, nameEnd: 1, valueStart: 2, valueEnd: 4, end: 6),
            HeaderField(start: 6, nameEnd: 7, valueStart: 9, valueEnd: 18, end: 20),
        ]
        var relaxed: [UInt8] = []
        var simple: [UInt8] = []
        for field in fields {
            Canonicalization.relaxed.appendField(field, in: content, to: &relaxed)
            Canonicalization.simple.appendField(field, in: content, to: &simple)
        }
        #expect(String(decoding: relaxed, as: UTF8.self) == "a:X\r\nb:Y Z\r\n")
        #expect(simple == Array(content[..<20]))
        let relaxedBody = try BodyHash(content, from: 22, form: .relaxed).digest
        let simpleBody = try BodyHash(content, from: 22, form: .simple).digest
        #expect(relaxedBody == (try SHA256Digest.hash(Array(" C\r\nD E\r\n".utf8))))
        #expect(simpleBody == (try SHA256Digest.hash(Array(" C \r\nD \t E\r\n".utf8))))
    }

    @Test func aLimitCutsTheCanonicalBody() throws {
        let content = Array("a  b\r\n\r\nc\r\n".utf8)
        let hash = try BodyHash(content, from: 0, form: .relaxed, bytesMax: 6)
        #expect(hash.canonicalBytes == 10)
        #expect(hash.digest == (try SHA256Digest.hash(Array("a b\r\n\r".utf8))))
    }
}
