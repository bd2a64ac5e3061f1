package import MailModel

/// A row that may go on the list.
package struct ImportRow: Hashable, Sendable, Codable {
    package var line: Int
    package var address: EmailAddress
    package var attributes: [String: String]
}

/// Checks the records of a file one after the other. Bounded: it keeps 12 octets of each address, and the first findings.
package struct ImportCheck: Sendable {
    package static let attributeBytesMax = 2000
    /// Addresses in one file.
    package static let rowsMax = 5_000_000

    package private(set) var report = ImportReport()
    package private(set) var mapping: ColumnMapping?
    private var rules: AddressRules
    private let chosen: [String: String]
    private let leftOut: Set<DoubtfulAddress>
    /// The line that an address came in first, by its hash.
    private var firstLines: [UInt64: UInt32] = [:]

    /// `leftOut`: what of the doubtful does not go on the list.
    package init(rules: AddressRules, chosen: [String: String] = [:], leftOut: Set<DoubtfulAddress> = []) {
        self.rules = rules
        self.chosen = chosen
        self.leftOut = leftOut
    }

    /// Nil where the record is the first line, or is not to go on the list. Throws `ColumnProblem` at the first record.
    package mutating func check(_ record: CSVRecord) throws -> ImportRow? {
        guard let mapping else {
            let mapping = try ColumnMapping(first: record.fields, chosen: chosen)
            self.mapping = mapping
            return mapping.hasHeader ? nil : check(record, mapping)
        }
        return check(record, mapping)
    }

    private mutating func check(_ record: CSVRecord, _ mapping: ColumnMapping) -> ImportRow? {
        report.rows += 1
        if let problem = record.problem {
            note(.brokenRow, record, record.fields.count, mapping, ImportCheck.text(problem))
            return nil
        }
        let cell = mapping.address < record.fields.count ? record.fields[mapping.address] : ""
        guard let address = address(cell, record, mapping) else { return nil }
        guard isFirst(address, record, mapping) else { return nil }
        guard let attributes = attributes(of: record, mapping) else { return nil }
        let verdicts = rules.verdicts(of: address)
        for verdict in verdicts { note(verdict, address, record, mapping) }
        guard !verdicts.contains(where: { leftOut.contains($0.doubt) }) else {
            report.leftOut = (report.leftOut ?? 0) + 1
            return nil
        }
        report.taken += 1
        return ImportRow(line: record.line, address: address, attributes: attributes)
    }

    private mutating func address(_ cell: String, _ record: CSVRecord, _ mapping: ColumnMapping) -> EmailAddress? {
        guard !cell.isEmpty else {
            note(.noAddress, record, mapping.address, mapping, ("has no address", "Fill it in, or leave the line out."))
            return nil
        }
        guard let address = EmailAddress(AddressCell.bare(cell)) else {
            note(.badAddress, record, mapping.address, mapping, AddressCell.problem(of: cell))
            return nil
        }
        guard let domain = address.domain, domain.text.utf8.contains(0x2E) else {
            note(.literal, record, mapping.address, mapping, ("has no domain that mail can be sent to", "Write it as name@example.org."))
            return nil
        }
        return address
    }

    private mutating func isFirst(_ address: EmailAddress, _ record: CSVRecord, _ mapping: ColumnMapping) -> Bool {
        var hash = StableHash()
        hash.add(address.key)
        guard let first = firstLines[hash.value] else {
            if firstLines.count < ImportCheck.rowsMax { firstLines[hash.value] = UInt32(clamping: record.line) }
            return true
        }
        note(.duplicate, record, mapping.address, mapping, ("is the same as in line \(first)", "Nothing to do: it is taken once."))
        return false
    }

    private mutating func attributes(of record: CSVRecord, _ mapping: ColumnMapping) -> [String: String]? {
        var attributes: [String: String] = [:]
        attributes.reserveCapacity(mapping.attributes.count)
        for attribute in mapping.attributes where attribute.column < record.fields.count {
            let value = record.fields[attribute.column]
            guard !value.isEmpty else { continue }
            guard value.utf8.count <= ImportCheck.attributeBytesMax else {
                let text = ("is longer than \(ImportCheck.attributeBytesMax) octets", "Shorten it, or leave the column out.")
                note(.valueTooLong, record, attribute.column, mapping, text)
                return nil
            }
            attributes[attribute.name] = ImportCheck.line(value)
        }
        return attributes
    }

    /// A cell of several lines as one.
    private static func line(_ value: String) -> String {
        guard value.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else { return value }
        return value.split(whereSeparator: {
            $0.isNewline || $0 == "\t" || $0.unicodeScalars.allSatisfy { $0.value < 0x20 || $0.value == 0x7F }
        })
        .joined(separator: " ")
    }

    /// Somebody who is not to be written to was taken off the row's batch.
    package mutating func wasSuppressed(_ row: ImportRow) {
        guard let mapping else { return }
        report.taken -= 1
        let record = CSVRecord(line: row.line, fields: [], problem: nil)
        let text = ("is on the suppression list", "Nothing to do: it is not written to. `postern suppressions check` says why.")
        note(.suppressed, record, mapping.address, mapping, text, value: row.address.description)
    }

    private mutating func note(_ verdict: AddressRules.Verdict, _ address: EmailAddress, _ record: CSVRecord, _ mapping: ColumnMapping) {
        let isLeftOut = leftOut.contains(verdict.doubt)
        let text =
            switch verdict {
            case .typo(let meant):
                ("looks like a slip for \(meant)", "If so, write \(address.localPart)@\(meant) and import the file again.")
            case .role(let list):
                ("belongs to a function, not to a person, says \(list)", "Keep it only where its readers asked for the mail.")
            case .disposable(let list): ("is a mailbox that is thrown away, says \(list)", "Expect it to bounce soon.")
            }
        let advice = isLeftOut ? "Left out, as you chose." : text.1
        note(verdict.doubt.rule, record, mapping.address, mapping, (text.0, advice))
    }

    private mutating func note(
        _ rule: ImportRule, _ record: CSVRecord, _ column: Int, _ mapping: ColumnMapping, _ text: (problem: String, advice: String),
        value: String? = nil
    ) {
        report.count(rule, 1)
        guard report.findings.count < ImportReport.findingsMax else { return }
        let title = column < mapping.titles.count ? mapping.titles[column] : "column \(column + 1)"
        let cell = value ?? (column < record.fields.count ? record.fields[column] : "")
        report.findings.append(
            ImportFinding(
                line: record.line, column: column + 1, title: title, value: cell, rule: rule, problem: text.problem, advice: text.advice))
    }

    package mutating func wereOnList(_ count: Int) { report.alreadyOnList += count }

    package mutating func fieldsNotUTF8(_ count: Int) { report.fieldsNotUTF8 = count }

    private static func text(_ problem: CSVProblem) -> (String, String) {
        switch problem {
        case .openQuote(let line):
            ("opens a quote that is not closed; lines up to \(line) could not be read", "Close the quote, or take it out.")
        case .tooLong: ("is longer than \(CSVReader.recordBytesMax) octets", "Shorten its longest cell.")
        case .tooManyFields: ("has more than \(CSVReader.fieldsMax) cells", "Leave columns out.")
        }
    }
}

extension AddressRules.Verdict {
    fileprivate var doubt: DoubtfulAddress {
        switch self {
        case .typo: .typo
        case .role: .role
        case .disposable: .disposable
        }
    }
}

/// What people write into a cell for an address.
package enum AddressCell {
    /// Without `mailto:`, and of `Ada <ada@example.org>` what stands between the brackets.
    package static func bare(_ cell: String) -> Substring {
        var text = cell[...]
        if let open = text.lastIndex(of: "<"), text.hasSuffix(">") { text = text[text.index(after: open)...].dropLast() }
        if text.lowercased().hasPrefix("mailto:") { text = text.dropFirst(7) }
        return text
    }

    static func problem(of cell: String) -> (String, String) {
        let count = cell.filter { $0 == "@" }.count
        if count == 0 { return ("is no address: the @ is missing", "Write it as name@example.org.") }
        if count > 1 && (cell.contains(",") || cell.contains(";")) {
            return ("holds more than one address", "Give each its own line.")
        }
        if cell.contains(where: \.isWhitespace) { return ("is no address: it holds a space", "Take the space out.") }
        if cell.contains("..") { return ("is no address: two dots follow each other", "Take one out.") }
        if cell.hasSuffix(".") || cell.hasSuffix(",") { return ("is no address: it ends with \"\(cell.last ?? ".")\"", "Take it out.") }
        return ("is no address", "Write it as name@example.org.")
    }
}
