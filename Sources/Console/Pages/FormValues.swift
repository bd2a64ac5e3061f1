/// Fields as forms and queries have them; a name may stand more than once.
package struct FormValues: Sendable, CustomStringConvertible {
    private var fields: [String: [String]] = [:]
    private var files: [String: FormFile] = [:]
    /// In an order of its own: the same for the same fields.
    package var description: String { fields.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "&") }
    private static let fieldsMax = 5000

    package init() {}

    /// Nil for what is no `application/x-www-form-urlencoded` UTF-8.
    init?(_ text: some StringProtocol) {
        let pairs = text.split(separator: "&")
        guard pairs.count <= FormValues.fieldsMax else { return nil }
        for pair in pairs {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentText.decode(Substring(parts[0]), plusIsSpace: true),
                let value = PercentText.decode(parts.count > 1 ? Substring(parts[1]) : "", plusIsSpace: true)
            else { return nil }
            fields[name, default: []].append(value.replacing("\r\n", with: "\n"))
        }
    }

    /// What a form with files sent; nil for what is none.
    init?(multipart octets: [UInt8], contentType: String) {
        guard let form = MultipartForm(octets, contentType: contentType) else { return nil }
        for field in form.fields { fields[field.name, default: []].append(field.value.replacing("\r\n", with: "\n")) }
        files = Dictionary(form.files.map { ($0.name, $0.file) }) { first, _ in first }
    }

    /// Nil where none was sent.
    package func file(_ name: String) -> FormFile? { files[name] }

    /// Without white space around it; empty where it is not there.
    package subscript(name: String) -> String {
        var text = Substring(fields[name]?.first ?? "")
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }

    /// All fields but these, in order of their names.
    func others(than names: Set<String>) -> [(name: String, value: String)] {
        fields.filter { !names.contains($0.key) }.sorted { $0.key < $1.key }.flatMap { field in field.value.map { (field.key, $0) } }
    }

    /// As it was typed: for passwords.
    package func exactly(_ name: String) -> String { fields[name]?.first ?? "" }
    package func all(_ name: String) -> [String] { fields[name] ?? [] }
    package func isOn(_ name: String) -> Bool { fields[name]?.first == "yes" }
    package func holds(_ name: String) -> Bool { fields[name] != nil }
    /// Lines with something on them, without white space around it.
    package func lines(_ name: String) -> [String] {
        (fields[name]?.first ?? "").split(whereSeparator: \.isNewline).compactMap { line in
            var line = line
            while line.first?.isWhitespace == true { line.removeFirst() }
            while line.last?.isWhitespace == true { line.removeLast() }
            return line.isEmpty ? nil : String(line)
        }
    }
    /// Pieces between commas, white space and line ends.
    package func list(_ name: String) -> [String] {
        (fields[name]?.first ?? "").split { $0 == "," || $0.isWhitespace }.map(String.init)
    }
}
