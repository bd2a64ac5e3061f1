import MailModel

/// A CSV file (RFC 4180) of addresses that are not to be written to, read part by part: what is wrong with a line is said with its number,
/// and the others are taken.
///
/// Its first line may name columns: `address`, `hash`, `scope`, `reason`, `note`, `since`, `until`, in any order, beside others. Else the
/// first column is the address, and there are no others.
package struct SuppressionFile {
    package struct Problem: Hashable, Sendable, CustomStringConvertible {
        package var line: Int
        package var text: String
        package var description: String { "line \(line): \(text)" }
    }

    /// Octets of one row, and cells of it.
    static let rowBytesMax = 16_384
    static let cellsMax = 100

    /// Lines that were begun.
    package private(set) var line = 1
    private var rowLine = 1
    private var cells: [[UInt8]] = [[]]
    private var rowBytes = 0
    private var isQuoted = false
    private var afterQuote = false
    private var isTooLong = false
    private var columns: [Column]?

    private enum Column { case address, hash, scope, reason, note, since, until, other }

    package init() {}

    /// The rows that end in these octets.
    package mutating func take(_ octets: some Sequence<UInt8>) -> (rows: [ImportSuppressions.Row], problems: [Problem]) {
        var rows: [ImportSuppressions.Row] = []
        var problems: [Problem] = []
        for octet in octets where take(octet) { endRow(&rows, &problems) }
        return (rows, problems)
    }

    /// The last row, where its line has no end.
    package mutating func finish() -> (rows: [ImportSuppressions.Row], problems: [Problem]) {
        var rows: [ImportSuppressions.Row] = []
        var problems: [Problem] = []
        if isQuoted {
            problems.append(Problem(line: rowLine, text: "a quote is not closed"))
        } else if rowBytes > 0 {
            endRow(&rows, &problems)
        }
        return (rows, problems)
    }

    /// True at the end of a row.
    private mutating func take(_ octet: UInt8) -> Bool {
        if octet == 0x0A {
            line += 1
            if !isQuoted { return true }
        }
        rowBytes += 1
        guard rowBytes <= SuppressionFile.rowBytesMax, cells.count <= SuppressionFile.cellsMax else {
            isTooLong = true
            // A quote that is never closed must not swallow the rest of the file.
            if octet == 0x0A { return true }
            return false
        }
        switch octet {
        case 0x22 where isQuoted:
            isQuoted = false
            afterQuote = true
            return false
        case 0x22 where afterQuote:
            cells[cells.count - 1].append(octet)
            isQuoted = true
        case 0x22 where cells[cells.count - 1].isEmpty: isQuoted = true
        case 0x2C where !isQuoted, 0x3B where !isQuoted, 0x09 where !isQuoted: cells.append([])
        case 0x0D where !isQuoted: break
        default: cells[cells.count - 1].append(octet)
        }
        afterQuote = false
        return false
    }

    private mutating func endRow(_ rows: inout [ImportSuppressions.Row], _ problems: inout [Problem]) {
        let texts = cells.map { SuppressionFile.text($0) }
        let (number, wasTooLong) = (rowLine, isTooLong)
        (cells, rowBytes, isQuoted, afterQuote, isTooLong, rowLine) = ([[]], 0, false, false, false, line)
        if wasTooLong {
            problems.append(Problem(line: number, text: "it is longer than \(SuppressionFile.rowBytesMax) octets"))
            return
        }
        guard texts.contains(where: { $0 != "" }) else { return }
        guard let columns else {
            let named = texts.map { SuppressionFile.column($0 ?? "") }
            guard named.contains(.address) || named.contains(.hash) else {
                self.columns = [.address]
                return read(texts, [.address], number, &rows, &problems)
            }
            self.columns = named
            return
        }
        read(texts, columns, number, &rows, &problems)
    }

    private func read(
        _ texts: [String?], _ columns: [Column], _ number: Int, _ rows: inout [ImportSuppressions.Row], _ problems: inout [Problem]
    ) {
        var row = ImportSuppressions.Row()
        for (column, text) in zip(columns, texts) where text != "" {
            guard let text else {
                problems.append(Problem(line: number, text: "it is not UTF-8"))
                return
            }
            if let problem = SuppressionFile.set(column, text, &row) {
                problems.append(Problem(line: number, text: problem))
                return
            }
        }
        guard row.address != nil || row.hash != nil else {
            problems.append(Problem(line: number, text: "it has neither an address nor a hash"))
            return
        }
        rows.append(row)
    }

    /// What is wrong; nil where nothing is.
    private static func set(_ column: Column, _ text: String, _ row: inout ImportSuppressions.Row) -> String? {
        switch column {
        case .address:
            guard let address = EmailAddress(text), address.domain != nil else { return "\"\(text.prefix(100))\" is no mail address" }
            row.address = address
        case .hash:
            guard AddressDigest(text) != nil else { return "\"\(text.prefix(100))\" is no hash of 32 hexadecimal digits" }
            row.hash = text
        case .scope:
            guard let scope = SuppressionScope(text) else { return "\"\(text.prefix(100))\" is no scope" }
            row.place = scope
        case .reason:
            guard let reason = reason(text) else { return "\"\(text.prefix(100))\" is no reason" }
            row.cause = reason
        case .note: row.note = String(text.prefix(Suppression.noteCharactersMax))
        case .since:
            guard let time = time(text) else { return "\"\(text.prefix(100))\" is no time" }
            row.since = time
        case .until:
            guard let time = time(text) else { return "\"\(text.prefix(100))\" is no time" }
            row.until = time
        case .other: break
        }
        return nil
    }

    /// As Postern writes them, and the words of other programs' exports.
    static func reason(_ text: String) -> SuppressionReason? {
        let word = text.lowercased().replacing("_", with: "-").replacing(" ", with: "-")
        if let reason = SuppressionReason(rawValue: word) { return reason }
        switch word {
        case "bounce", "bounced", "hard", "hard-bounce", "hardbounce", "permanent", "invalid": return .addressDead
        case "spam", "spam-report", "spam-complaint", "spamcomplaint", "abuse", "complained": return .complaint
        case "unsubscribed", "opt-out", "optout", "manualsuppression-unsubscribe": return .unsubscribe
        case "manualsuppression", "blocklist", "blacklist", "blocked": return .manual
        default: return nil
        }
    }

    /// RFC 3339, a date, or seconds since 1970.
    private static func time(_ text: String) -> Timestamp? {
        if text.utf8.count <= 10, let seconds = Int64(text), seconds > 0 { return Timestamp(seconds: seconds) }
        return Timestamp(rfc3339: text.utf8.count == 10 ? "\(text)T00:00:00Z" : text)
    }

    private static func column(_ name: String) -> Column {
        switch name.lowercased() {
        case "address", "email", "e-mail", "mail", "emailaddress", "email-address", "email_address": .address
        case "hash": .hash
        case "scope", "place": .scope
        case "reason", "cause", "type": .reason
        case "note", "notes": .note
        case "since", "created", "created_at", "createdat", "lastupdatetime": .since
        case "until", "expires", "expires_at": .until
        default: .other
        }
    }

    /// Without white space around it; nil where it is not UTF-8.
    private static func text(_ octets: [UInt8]) -> String? {
        let isMarked = octets.starts(with: [0xEF, 0xBB, 0xBF])
        var rest = octets[(isMarked ? 3 : 0)...]
        while let first = rest.first, first == 0x20 || first == 0x09 { rest.removeFirst() }
        while let last = rest.last, last == 0x20 || last == 0x09 { rest.removeLast() }
        return String(validating: rest, as: UTF8.self)
    }

    // MARK: Writing

    package static let heading = "address,hash,scope,reason,source,note,since,until\r\n"

    package static func line(_ view: SuppressionView) -> String {
        let cells = [view.address, view.hash, view.scope, view.reason.rawValue, view.source, view.note, view.since, view.until]
        return cells.map(quoted).joined(separator: ",") + "\r\n"
    }

    private static func quoted(_ text: String) -> String {
        guard text.utf8.contains(where: { [0x22, 0x2C, 0x3B, 0x09, 0x0A, 0x0D].contains($0) }) else { return text }
        return "\"\(text.replacing("\"", with: "\"\""))\""
    }
}
