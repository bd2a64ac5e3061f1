/// A record of a CSV file.
package struct CSVRecord: Hashable, Sendable {
    /// From 1 on: that of its first octet, where a quoted field holds several lines.
    package var line: Int
    package var fields: [String]
    /// What is wrong with its form; nil where it can be used.
    package var problem: CSVProblem?
}

package enum CSVProblem: Hashable, Sendable {
    /// A quote was opened in this field and not closed in `CSVReader.linesPerRecordMax` lines. The lines up to this one are lost.
    case openQuote(lostUpTo: Int)
    case tooLong
    case tooManyFields
}

/// Reads CSV (RFC 4180) as people send it, piece by piece: with or without a byte order mark, separated by comma, semicolon, tab or bar
/// (whichever the first line has most of), with any line end, and in UTF-8 or Windows-1252.
package struct CSVReader: Sendable {
    package static let recordBytesMax = 65_536
    package static let fieldsMax = 256
    package static let linesPerRecordMax = 100

    private enum State: Sendable {
        case fieldStart, plain, quoted, quoteInQuoted
    }

    /// Nil until the first line is read.
    package private(set) var separator: UInt8?
    /// Fields that were no UTF-8 and were read as Windows-1252.
    package private(set) var fieldsNotUTF8 = 0
    private var state = State.fieldStart
    private var line = 1
    private var recordLine = 1
    private var field: [UInt8] = []
    private var fields: [String] = []
    private var recordBytes = 0
    private var problem: CSVProblem?
    private var lastWasCR = false
    /// The beginning of the file until its first line is there.
    private var head: [UInt8] = []

    package init() {}

    /// True where the octets are the beginning of a file in UTF-16 or of a spreadsheet, which are read by no guess.
    package static func isOtherFormat(_ head: some Collection<UInt8>) -> Bool {
        let four = Array(head.prefix(4))
        return four.starts(with: [0xFF, 0xFE]) || four.starts(with: [0xFE, 0xFF]) || four == [0x50, 0x4B, 3, 4] || four.contains(0)
    }

    /// Reads on. `isLast`: nothing follows, and what is there ends the last record.
    package mutating func read(_ octets: UnsafeRawBufferPointer, isLast: Bool, _ body: (CSVRecord) throws -> Void) rethrows {
        guard separator == nil else {
            try take(octets, body)
            if isLast { try finish(body) }
            return
        }
        head.append(contentsOf: octets)
        guard isLast || head.count > CSVReader.recordBytesMax || head.contains(where: { $0 == 0x0A || $0 == 0x0D }) else { return }
        if head.starts(with: [0xEF, 0xBB, 0xBF]) { head.removeFirst(3) }
        separator = CSVReader.separator(of: head)
        let begin = head
        head = []
        try begin.withUnsafeBytes { try take($0, body) }
        if isLast { try finish(body) }
    }

    private static func separator(of head: [UInt8]) -> UInt8 {
        var counts: [UInt8: Int] = [0x2C: 0, 0x3B: 0, 0x09: 0, 0x7C: 0]
        var isQuoted = false
        for octet in head {
            if octet == 0x22 { isQuoted.toggle() }
            if isQuoted { continue }
            if octet == 0x0A || octet == 0x0D { break }
            if let count = counts[octet] { counts[octet] = count + 1 }
        }
        let most = counts.values.max() ?? 0
        // Of equals the one that the standard names comes first.
        return [0x2C, 0x3B, 0x09, 0x7C].first { counts[$0] == most } ?? 0x2C
    }

    private mutating func take(_ octets: UnsafeRawBufferPointer, _ body: (CSVRecord) throws -> Void) rethrows {
        let separator = separator ?? 0x2C
        for octet in octets {
            if octet == 0x0A, lastWasCR {
                lastWasCR = false
                if state == .quoted { field.append(octet) }
                continue
            }
            lastWasCR = octet == 0x0D
            recordBytes += 1
            switch state {
            case .fieldStart, .plain:
                if octet == separator {
                    endField()
                } else if octet == 0x0A || octet == 0x0D {
                    try endRecord(body)
                } else if octet == 0x22, state == .fieldStart, field.isEmpty {
                    state = .quoted
                } else {
                    if field.count < CSVReader.recordBytesMax { field.append(octet) }
                    // Spaces before a quote are no part of the field.
                    state = state == .fieldStart && octet == 0x20 ? .fieldStart : .plain
                    if state == .fieldStart { field.removeLast() }
                }
            case .quoted:
                if octet == 0x22 {
                    state = .quoteInQuoted
                } else if octet == 0x0A || octet == 0x0D {
                    try endLineInQuotes(octet, body)
                } else if field.count < CSVReader.recordBytesMax {
                    field.append(octet)
                }
            case .quoteInQuoted:
                if octet == 0x22 {
                    field.append(octet)
                    state = .quoted
                } else if octet == separator {
                    endField()
                } else if octet == 0x0A || octet == 0x0D {
                    try endRecord(body)
                } else {
                    field.append(octet)
                    state = .plain
                }
            }
        }
    }

    private mutating func endLineInQuotes(_ octet: UInt8, _ body: (CSVRecord) throws -> Void) rethrows {
        line += 1
        guard line - recordLine >= CSVReader.linesPerRecordMax || recordBytes > CSVReader.recordBytesMax else { return field.append(octet) }
        problem = .openQuote(lostUpTo: line - 1)
        line -= 1
        try endRecord(body)
    }

    private mutating func endField() {
        state = .fieldStart
        if fields.count < CSVReader.fieldsMax {
            fields.append(text(field))
        } else if problem == nil {
            problem = .tooManyFields
        }
        field.removeAll(keepingCapacity: true)
    }

    private mutating func endRecord(_ body: (CSVRecord) throws -> Void) rethrows {
        endField()
        if problem == nil, recordBytes > CSVReader.recordBytesMax { problem = .tooLong }
        let record = CSVRecord(line: recordLine, fields: fields, problem: problem)
        line += 1
        recordLine = line
        recordBytes = 0
        problem = nil
        fields.removeAll(keepingCapacity: true)
        // A line with nothing on it is no record.
        if record.problem != nil || record.fields.contains(where: { !$0.isEmpty }) { try body(record) }
    }

    private mutating func finish(_ body: (CSVRecord) throws -> Void) rethrows {
        if state == .quoted { problem = .openQuote(lostUpTo: line) }
        if recordBytes > 0 { try endRecord(body) }
    }

    /// Without white space at its ends.
    private mutating func text(_ octets: [UInt8]) -> String {
        func isBlank(_ octet: UInt8) -> Bool { octet == 0x20 || octet == 0x09 }
        var trimmed = octets[...]
        while let first = trimmed.first, isBlank(first) { trimmed.removeFirst() }
        while let last = trimmed.last, isBlank(last) { trimmed.removeLast() }
        if let text = String(validating: trimmed, as: UTF8.self) { return text }
        fieldsNotUTF8 += 1
        return Windows1252.text(trimmed)
    }
}

/// The character set of most files that are not in UTF-8. Octets that it leaves open stand for themselves, as in HTML.
package enum Windows1252 {
    private static let upper: [Unicode.Scalar] = Array(
        "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8D}Ž\u{8F}\u{90}‘’“”•–—˜™š›œ\u{9D}žŸ".unicodeScalars)

    package static func text(_ octets: some Sequence<UInt8>) -> String {
        var text = String.UnicodeScalarView()
        for octet in octets { text.append((0x80...0x9F).contains(octet) ? upper[Int(octet) - 0x80] : Unicode.Scalar(octet)) }
        return String(text)
    }
}
