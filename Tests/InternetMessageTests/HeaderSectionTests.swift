import Testing

@testable import InternetMessage

@Suite struct HeaderSectionTests {
    private func scan(_ text: String, limits: HeaderLimits = .standard) -> Result<HeaderSection, HeaderDefect> {
        HeaderSection.scan(Array(text.utf8), limits: limits)
    }

    @Test func findsNamesValuesAndBody() throws {
        let content = Array("From: a@b\r\nSubject: one\r\n two\r\nX:\r\n\r\nbody\r\n".utf8)
        let header = try HeaderSection.scan(content).get()
        #expect(header.fields.map { $0.lowercaseName(in: content) } == ["from", "subject", "x"])
        #expect(header.fields.map { String(decoding: content[$0.value], as: UTF8.self) } == [" a@b", " one\r\n two", ""])
        #expect(header.fields[1].text(in: content) == "one two")
        #expect(String(decoding: content[header.bodyStart...], as: UTF8.self) == "body\r\n")
    }

    @Test func rangesOfWholeFieldsJoinWithoutGaps() throws {
        let content = Array("A: 1\r\n\t2\r\nB: 3\r\nC: 4".utf8)
        let header = try HeaderSection.scan(content).get()
        #expect(header.fields.flatMap { content[$0.whole] } == content)
        #expect(header.bodyStart == content.count)
        #expect(header.fields[1].isNamed("b", in: content))
    }

    @Test(arguments: ["", "\r\n", "\r\nbody\r\n", "A: 1", "A: 1\r\n", "A: 1\r\n\r\n", "A:\r\n\r", "A: \r\n \r\n\r\nx"])
    func everyPrefixOfOddInputIsRead(_ text: String) {
        let bytes = Array(text.utf8)
        for end in 0...bytes.count {
            if case .success(let header) = HeaderSection.scan(Array(bytes[..<end])) { #expect(header.bodyStart <= end) }
        }
    }

    @Test(arguments: [
        ("A: 1\r\nno colon here\r\n\r\n", HeaderDefect.lineWithoutColon(line: 2, text: "no colon here")),
        ("bad name: 1\r\n\r\n", .badFieldName(line: 1, text: "bad name: 1")),
        ("From : a@b\r\n\r\n", .badFieldName(line: 1, text: "From : a@b")),
        (": 1\r\n\r\n", .badFieldName(line: 1, text: ": 1")),
        ("N\u{E4}me: 1\r\n\r\n", .badFieldName(line: 1, text: "N\u{E4}me: 1")),
        (" folded: 1\r\n\r\n", .leadingContinuation),
        (">From a@b Mon\r\nA: 1\r\n\r\n", .lineWithoutColon(line: 1, text: ">From a@b Mon")),
    ])
    func namesWhatIsWrong(_ text: String, _ defect: HeaderDefect) {
        #expect(scan(text) == .failure(defect))
    }

    @Test func countsFieldsUpToTheLimit() {
        let limits = HeaderLimits(fieldsMax: 3, bytesMax: 1000)
        #expect(throws: Never.self) { try scan("A: 1\r\nA: 1\r\nA: 1\r\n\r\n", limits: limits).get() }
        #expect(scan("A: 1\r\nA: 1\r\nA: 1\r\nA: 1\r\n\r\n", limits: limits) == .failure(.tooManyFields(max: 3)))
    }

    @Test func countsOctetsUpToTheLimit() {
        #expect(throws: Never.self) { try scan("A: 1\r\n\r\nlong body", limits: HeaderLimits(fieldsMax: 3, bytesMax: 8)).get() }
        #expect(scan("A: 12\r\n\r\n", limits: HeaderLimits(fieldsMax: 3, bytesMax: 8)) == .failure(.tooLarge(bytesMax: 8)))
        #expect(scan("A: 123456789", limits: HeaderLimits(fieldsMax: 3, bytesMax: 8)) == .failure(.tooLarge(bytesMax: 8)))
    }

    @Test func aTrustedFieldThatStandsTwiceIsToldApart() throws {
        let content = Array("X-Sender: a@b\r\nx-SENDER: c@d\r\nX-One: =?utf-8?q?=C3=A4?=\r\n\r\n".utf8)
        let header = try HeaderSection.scan(content).get()
        #expect(header.namedField("X-Sender", in: content) == .several)
        #expect(header.namedField("X-ONE", in: content) == .one("\u{E4}"))
        #expect(header.namedField("X-None", in: content) == .absent)
    }
}
