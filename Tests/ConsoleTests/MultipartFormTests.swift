import Testing

@testable import Console

@Suite struct MultipartFormTests {
    private let type = "multipart/form-data; boundary=\"XX\""

    private func form(_ text: String, _ type: String? = nil) -> MultipartForm? {
        MultipartForm(Array(text.utf8), contentType: type ?? self.type)
    }

    private let whole =
        "--XX\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\nT\r\n--XX\r\nContent-Disposition: form-data; name=\"file\"; "
        + "filename=\"people.csv\"\r\nContent-Type: text/csv\r\n\r\nemail\r\na@example.org\r\n--X\r\n--XX--\r\n"

    @Test func `fields and files are what was sent`() throws {
        let read = try #require(form(whole))
        #expect(read.fields.map(\.name) == ["token"] && read.fields.first?.value == "T")
        #expect(read.files.first?.file.name == "people.csv")
        #expect(read.files.first.map { String(decoding: $0.file.octets, as: UTF8.self) } == "email\r\na@example.org\r\n--X")
        let values = try #require(FormValues(multipart: Array(whole.utf8), contentType: type))
        #expect(values["token"] == "T" && values.file("file")?.octets.count == 25 && values.file("token") == nil)
    }

    @Test func `what is cut off anywhere is no form`() {
        let end = whole.utf8.count - 4
        for count in 0..<end { #expect(MultipartForm(Array(whole.utf8.prefix(count)), contentType: type) == nil, "\(count)") }
        #expect(form(whole, "multipart/form-data") == nil && form(whole, "multipart/form-data; boundary=YY") == nil)
        let many = String(repeating: "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n", count: 101) + "--XX--"
        #expect(form(many) == nil)
    }
}
