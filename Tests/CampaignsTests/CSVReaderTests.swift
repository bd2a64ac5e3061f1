import Campaigns
import Testing

struct CSVReaderTests {
    private static func read(_ octets: [UInt8], part: Int = .max) -> (records: [CSVRecord], reader: CSVReader) {
        var reader = CSVReader()
        var records: [CSVRecord] = []
        var start = 0
        repeat {
            let end = part < octets.count - start ? start + part : octets.count
            octets[start..<end].withUnsafeBytes { bytes in reader.read(bytes, isLast: end == octets.count) { records.append($0) } }
            start = end
        } while start < octets.count
        return (records, reader)
    }

    private static func fields(_ text: String) -> [[String]] { read(Array(text.utf8)).records.map(\.fields) }

    @Test(arguments: [
        ("a,b\r\n1,2\r\n", [["a", "b"], ["1", "2"]]),
        ("a;b\n1;2", [["a", "b"], ["1", "2"]]),
        ("a\tb\r1\t2\r", [["a", "b"], ["1", "2"]]),
        ("a|b\n1|2\n", [["a", "b"], ["1", "2"]]),
        ("\u{FEFF}a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
        ("a,b\n\"x, y\",\"he said \"\"no\"\"\"\n", [["a", "b"], ["x, y", "he said \"no\""]]),
        ("a,b\n\"two\r\nlines\",2\n", [["a", "b"], ["two\r\nlines", "2"]]),
        ("a,b\n\n\n1,2\n,\n", [["a", "b"], ["1", "2"]]),
        ("a,b\n 1 ,  \"2\"  \n", [["a", "b"], ["1", "2"]]),
        ("\"a;b\",c\n1,2\n", [["a;b", "c"], ["1", "2"]]),
        ("a,b\n5\" pipe,2\n", [["a", "b"], ["5\" pipe", "2"]]),
    ])
    func `files as people send them`(_ text: String, _ expected: [[String]]) {
        #expect(CSVReaderTests.fields(text) == expected)
    }

    @Test
    func `the pieces that a file comes in do not matter`() {
        let text = "\u{FEFF}email;name\r\na@example.org;\"Zoë; \"\"Z\"\"\"\r\n\"two\nlines\";x\r\n"
        let whole = CSVReaderTests.read(Array(text.utf8)).records
        for part in 1...20 { #expect(CSVReaderTests.read(Array(text.utf8), part: part).records == whole) }
        #expect(whole.map(\.line) == [1, 2, 3])
    }

    @Test
    func `lines are counted through cells of several lines`() {
        let records = CSVReaderTests.read(Array("a,b\n\"x\ny\nz\",1\nlast,2\n".utf8)).records
        #expect(records.map(\.line) == [1, 2, 5])
    }

    @Test
    func `Windows-1252 is read, and said`() {
        let (records, reader) = CSVReaderTests.read(
            [0x61, 0x2C, 0x62, 0x0A] + Array("M".utf8) + [0xFC] + Array("ller,".utf8) + [0x80, 0x35, 0x0A])
        #expect(records[1].fields == ["Müller", "€5"])
        #expect(reader.fieldsNotUTF8 == 2)
    }

    @Test
    func `a quote that is not closed costs some lines, not the file`() {
        var text = "email,name\na@example.org,\"open\n"
        for number in 0..<200 { text += "p\(number)@example.org,x\n" }
        let records = CSVReaderTests.read(Array(text.utf8)).records
        #expect(records[1].problem == .openQuote(lostUpTo: 101))
        #expect(records[1].line == 2)
        #expect(records[2].line == 102)
        #expect(records.last?.fields == ["p199@example.org", "x"])
    }

    @Test
    func `what is too long is said`() {
        let records = CSVReaderTests.read(Array(("a,b\n" + String(repeating: "x", count: 70_000) + ",1\nc,2\n").utf8)).records
        #expect(records[1].problem == .tooLong)
        #expect(records[2].fields == ["c", "2"])
        let wide = CSVReaderTests.read(Array(("a,b\n" + String(repeating: ",", count: 400) + "\nc,2\n").utf8)).records
        #expect(wide[1].problem == .tooManyFields)
    }

    @Test
    func `spreadsheets and UTF-16 are told apart`() {
        #expect(CSVReader.isOtherFormat([0x50, 0x4B, 3, 4]))
        #expect(CSVReader.isOtherFormat([0xFF, 0xFE, 0x61, 0]))
        #expect(!CSVReader.isOtherFormat(Array("email".utf8)))
    }
}
