import Foundation
import PosternRuntime

/// What commands print.
enum Output {
    static func line(_ text: String = "") { part("\(text)\n") }

    /// Without a line end. Where nobody reads on (`postern trace | head`), the command is over, and nothing is wrong.
    static func part(_ text: String) { part(Array(text.utf8)) }

    static func part(_ octets: [UInt8]) {
        var rest = octets[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno == EPIPE {
                exit(0)
            } else if errno != EINTR {
                error("postern: standard output cannot be written: \(String(cString: strerror(errno)))")
                exit(CommandExit.failed.rawValue)
            }
        }
    }

    static func error(_ text: String) { FileHandle.standardError.write(Data("\(text)\n".utf8)) }

    /// One object a line.
    static func json(_ rows: [some Encodable]) throws {
        for row in rows { line(try JSONText.encode(row)) }
    }

    static var isTerminal: Bool { isatty(1) == 1 }

    /// True where a person watches, and standard output goes elsewhere or waits for the end.
    static var showsProgress: Bool { isatty(2) == 1 }

    /// Takes the place of the line before; empty clears it.
    static func progress(_ text: String) { FileHandle.standardError.write(Data("\r\u{1B}[K\(text)".utf8)) }

    /// Columns as wide as their widest cell, two spaces between them. Says `empty` where there is no row.
    static func table(_ titles: [String], _ rows: [[String]], empty: String) {
        guard !rows.isEmpty else { return line(empty) }
        for text in tableLines(titles, rows) { line(text) }
    }

    static func tableLines(_ titles: [String], _ rows: [[String]]) -> [String] {
        let cells = ([titles] + rows).map { $0.map(printable) }
        let widths = titles.indices.map { column in cells.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
        return cells.map { row in
            var text = ""
            for (column, cell) in row.enumerated() {
                text += cell
                if column < row.count - 1 { text += String(repeating: " ", count: widths[column] - cell.count + 2) }
            }
            while text.hasSuffix(" ") { text.removeLast() }
            return text
        }
    }

    /// Text of a peer or a sender must not drive the terminal: control characters become `?`. An empty cell shows as `-`.
    static func printable(_ text: String) -> String {
        guard !text.isEmpty else { return "-" }
        return String(text.map { $0.unicodeScalars.contains { $0.properties.generalCategory == .control } ? "?" : $0 })
    }

    /// At most `count` characters, with an ellipsis where something was cut.
    static func cut(_ text: String, _ count: Int) -> String {
        text.count <= count ? text : text.prefix(count - 1) + "…"
    }

    /// `2026-11-22 01:43:51`, from RFC 3339 with milliseconds.
    static func time(_ rfc3339: String) -> String {
        String(rfc3339.prefix(19)).replacing("T", with: " ")
    }
}
