package import MailModel

/// A CSV file of addresses: those of the column `address`, `email`, `e-mail` or `mail` where the first line names one, else of the first.
package enum AddressFile {
    /// Lines that are wrong, named in one error.
    private static let problemsMax = 20
    /// Octets of addresses in one request: well below what a control socket or the HTTP interface takes.
    private static let batchBytesMax = 524_288

    /// Each address once, in the file's order. Throws with the numbers of the lines that hold none.
    package static func addresses(_ text: String, name: String) throws -> [EmailAddress] {
        let text = text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text
        let rows = try CSVRows.read(text, name: name)
        let named = rows.first.flatMap { row in row.cells.firstIndex { columnNames.contains($0.lowercased()) } }
        var addresses: [EmailAddress] = []
        var seen: Set<EmailAddress> = []
        var problems: [String] = []
        for row in named == nil ? rows[...] : rows.dropFirst() {
            let cell = row.cells.indices.contains(named ?? 0) ? row.cells[named ?? 0] : ""
            guard let address = EmailAddress(cell), address.domain != nil else {
                problems.append("line \(row.line): \"\(cell.prefix(100))\" is no mail address")
                continue
            }
            if seen.insert(address).inserted { addresses.append(address) }
        }
        guard problems.isEmpty else {
            let more = problems.count > problemsMax ? "; and \(problems.count - problemsMax) more" : ""
            throw AdministrationError(
                .invalid, "\(name): \(problems.prefix(problemsMax).joined(separator: "; "))\(more)", "Nothing was imported.")
        }
        guard !addresses.isEmpty else { throw AdministrationError(.invalid, "\(name) holds no address") }
        return addresses
    }

    private static let columnNames: Set<String> = ["address", "email", "e-mail", "mail"]

    /// The same addresses in parts that one request can carry.
    package static func batches(_ addresses: [EmailAddress]) -> [[EmailAddress]] {
        var batches: [[EmailAddress]] = [[]]
        var bytes = 0
        for address in addresses {
            let size = address.description.utf8.count + 3
            if bytes + size > batchBytesMax {
                batches.append([])
                bytes = 0
            }
            batches[batches.count - 1].append(address)
            bytes += size
        }
        return batches
    }
}

/// Rows of a CSV file (RFC 4180), separated by comma, semicolon or tab, whichever its first line has.
private struct CSVRows {
    struct Row {
        /// From 1 on; of its first line where a quoted cell has several.
        var line: Int
        var cells: [String]
    }

    /// Empty lines are left out. Throws where a quote is not closed.
    static func read(_ text: String, name: String) throws -> [Row] {
        let first = text.prefix { !$0.isNewline }
        let separator: Character = [",", ";", "\t"].first { first.contains($0) } ?? ","
        var rows: [Row] = []
        var (row, cell) = (Row(line: 1, cells: []), "")
        var (line, isQuoted) = (1, false)
        func end() {
            row.cells.append(cell.trimming(" "))
            if row.cells != [""] { rows.append(row) }
        }
        for character in text {
            if character == "\"" {
                // A doubled quote is left out too: no address that is asked for here has one.
                isQuoted.toggle()
            } else if character.isNewline {
                line += 1
                if isQuoted { continue }
                end()
                (row, cell) = (Row(line: line, cells: []), "")
            } else if !isQuoted, character == separator {
                row.cells.append(cell.trimming(" "))
                cell = ""
            } else {
                cell.append(character)
            }
        }
        guard !isQuoted else { throw AdministrationError(.invalid, "\(name): line \(row.line): a quote is not closed") }
        end()
        return rows
    }
}

extension String {
    fileprivate func trimming(_ character: Character) -> String {
        var text = self[...]
        while text.first == character { text.removeFirst() }
        while text.last == character { text.removeLast() }
        return String(text)
    }
}
