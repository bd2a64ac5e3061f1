/// Tables for other programs (RFC 4180).
package enum CSVText {
    /// Without titles it goes on with a table.
    package static func table(_ titles: [String], _ rows: [[String]]) -> String {
        ((titles.isEmpty ? [] : [titles]) + rows).map { line($0) + "\r\n" }.joined()
    }

    package static func line(_ cells: [String]) -> String { cells.map(cell).joined(separator: ",") }

    /// What a spreadsheet would take for a formula is a text.
    private static func cell(_ text: String) -> String {
        let text = text.first.map { "=+-@\t\r".contains($0) } ?? false ? "'\(text)" : text
        guard text.contains(where: { ",\"\n\r".contains($0) || $0 == "\r\n" }) else { return text }
        return "\"\(text.replacing("\"", with: "\"\""))\""
    }
}
