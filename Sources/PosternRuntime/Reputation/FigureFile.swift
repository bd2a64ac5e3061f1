import Campaigns
import DeliveryPlanning
import MailModel

/// Files with a receiver's figures: as Google Postmaster Tools' data is exported, with a line of names, and as SNDS gives it, with fixed columns.
struct FigureFile: Sendable {
    struct Problem: Error, CustomStringConvertible {
        var line: Int
        /// From 1 on.
        var column: Int
        var text: String

        var description: String { "line \(line), column \(column): \(text)" }
    }

    private(set) var figures: [ReputationFigure] = []
    private(set) var problems: [Problem] = []

    static let rowsMax = 50_000
    private static let problemsMax = 20

    /// `domain`: of a file without a column for it.
    init(_ text: String, _ source: ReputationFigure.Source, domain: DomainName?) {
        var reader = CSVReader()
        var columns: [Int: Column]?
        var read: [ReputationFigure] = []
        var found: [Problem] = []
        Array(text.utf8).withUnsafeBytes { octets in
            reader.read(octets, isLast: true) { record in
                guard found.count < FigureFile.problemsMax, read.count < FigureFile.rowsMax, !record.isBlank else { return }
                do {
                    if record.problem != nil { throw Problem(line: record.line, column: 1, text: "this is no line of a CSV file") }
                    switch source {
                    case .snds:
                        if let figure = try FigureFile.snds(record, isFirst: read.isEmpty) { read.append(figure) }
                    case .postmaster:
                        if let columns {
                            read.append(try FigureFile.postmaster(record, columns, domain))
                        } else {
                            columns = try FigureFile.columns(record, hasDomain: domain != nil)
                        }
                    }
                } catch {
                    found.append(error as? Problem ?? Problem(line: record.line, column: 1, text: "\(error)"))
                }
            }
        }
        (figures, problems) = (read, found)
    }

    // MARK: - Google Postmaster Tools

    private enum Column: String {
        case date, domain, spam, reputation, spf, dkim, dmarc, messages
    }

    private static let names: [String: Column] = [
        "date": .date, "day": .date, "domain": .domain, "spamrate": .spam, "userreportedspamrate": .spam, "userreportedspamratio": .spam,
        "spamratio": .spam, "spam": .spam, "domainreputation": .reputation, "reputation": .reputation, "spf": .spf, "spfsuccessrate": .spf,
        "spfsuccessratio": .spf, "dkim": .dkim, "dkimsuccessrate": .dkim, "dkimsuccessratio": .dkim, "dmarc": .dmarc,
        "dmarcsuccessrate": .dmarc, "dmarcsuccessratio": .dmarc, "messages": .messages, "volume": .messages,
    ]

    private static func columns(_ record: CSVRecord, hasDomain: Bool) throws -> [Int: Column] {
        var columns: [Int: Column] = [:]
        for (place, field) in record.fields.enumerated() {
            guard let column = names[field.lowercased().filter { $0.isASCII && $0.isLetter }] else { continue }
            guard !columns.values.contains(column) else {
                throw Problem(line: record.line, column: place + 1, text: "a second column for \(column.rawValue)")
            }
            columns[place] = column
        }
        guard columns.values.contains(.date) else { throw Problem(line: record.line, column: 1, text: "no column is called Date") }
        guard hasDomain || columns.values.contains(.domain) else {
            throw Problem(line: record.line, column: 1, text: "no column is called Domain; name the domain yourself")
        }
        return columns
    }

    private static func postmaster(_ record: CSVRecord, _ columns: [Int: Column], _ domain: DomainName?) throws -> ReputationFigure {
        var figure = ReputationFigure(source: .postmaster, day: Int32.min, subject: domain?.text ?? "")
        for (place, column) in columns where place < record.fields.count {
            let field = record.fields[place].trimmed
            guard !field.isEmpty else { continue }
            func value<Value>(_ read: Value?, _ wanted: String) throws -> Value {
                guard let read else { throw Problem(line: record.line, column: place + 1, text: "\"\(field.prefix(60))\" is no \(wanted)") }
                return read
            }
            switch column {
            case .date: figure.day = try value(day(field), "date such as 2026-11-22")
            case .domain: figure.subject = try value(DomainName(field), "domain").text
            case .spam: figure.complaintPercent = try value(percent(field), "rate")
            case .reputation: figure.verdict = try value(field.utf8.count <= 40 ? field.lowercased() : nil, "verdict")
            case .spf: figure.spfPercent = try value(percent(field), "rate")
            case .dkim: figure.dkimPercent = try value(percent(field), "rate")
            case .dmarc: figure.dmarcPercent = try value(percent(field), "rate")
            case .messages: figure.messages = try value(count(field), "number")
            }
        }
        guard figure.day != Int32.min else { throw Problem(line: record.line, column: 1, text: "a line without a date") }
        guard !figure.subject.isEmpty else { throw Problem(line: record.line, column: 1, text: "a line without a domain") }
        return figure
    }

    // MARK: - SNDS

    /// Address, begin and end of the time, RCPT commands, DATA commands, recipients, filter result, complaint rate, begin and end of trap
    /// hits, trap hits, and samples. Nil for a first line with names.
    private static func snds(_ record: CSVRecord, isFirst: Bool) throws -> ReputationFigure? {
        let fields = record.fields.map(\.trimmed)
        func value<Value>(_ place: Int, _ wanted: String, _ read: (String) -> Value?) throws -> Value {
            guard place < fields.count else {
                throw Problem(line: record.line, column: fields.count, text: "SNDS lines have 14 columns; this one has \(fields.count)")
            }
            guard let found = read(fields[place]) else {
                throw Problem(line: record.line, column: place + 1, text: "\"\(fields[place].prefix(60))\" is no \(wanted)")
            }
            return found
        }
        if isFirst, IPAddress(fields[0]) == nil, fields[0].lowercased().contains("ip") { return nil }
        let address = try value(0, "address") { IPAddress($0) }
        var figure = ReputationFigure(
            source: .snds, day: try value(1, "date such as 11/22/2026 7:00 AM", day), subject: address.description)
        figure.messages = try value(5, "number", count)
        figure.verdict = try value(6, "GREEN, YELLOW or RED") {
            ["green", "yellow", "red"].contains($0.lowercased()) ? $0.lowercased() : nil
        }
        if fields.count <= 7 || !fields[7].isEmpty { figure.complaintPercent = try value(7, "complaint rate", percent) }
        figure.trapHits = try value(10, "number") { $0.isEmpty ? 0 : count($0) }
        return figure
    }

    // MARK: - Fields

    /// `2026-11-22`, `20261122`, `11/22/2026`, each with anything after a space.
    static func day(_ field: String) -> Int32? {
        let text = field.prefix { $0 != " " && $0 != "T" }
        let slashed = text.split(separator: "/").map(String.init)
        var parts = text.split(separator: "-").map(String.init)
        if slashed.count == 3 { parts = [slashed[2], slashed[0], slashed[1]] }
        if parts.count == 1, text.utf8.count == 8 {
            parts = [String(text.prefix(4)), String(text.dropFirst(4).prefix(2)), String(text.suffix(2))]
        }
        guard parts.count == 3, let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2]), (2000...2200).contains(year),
            (1...12).contains(month), (1...CalendarTime.dayCount(year: year, month: month)).contains(day)
        else { return nil }
        return Int32(CalendarTime.daysSinceEpoch(year: year, month: month, dayOfMonth: day))
    }

    /// `0.12%`, `< 0.1%` (read as half of it), or a ratio of 0 to 1.
    static func percent(_ field: String) -> Double? {
        var text = field.filter { $0 != " " }
        let isBelow = text.hasPrefix("<")
        if isBelow { text.removeFirst() }
        let isPercent = text.hasSuffix("%")
        if isPercent { text.removeLast() }
        guard text.utf8.allSatisfy({ ($0 >= 0x30 && $0 <= 0x39) || $0 == 0x2E }), let number = Double(text) else { return nil }
        let value = (isPercent ? number : number * 100) / (isBelow ? 2 : 1)
        return (0...100).contains(value) ? value : nil
    }

    private static func count(_ field: String) -> Int? {
        let digits = field.filter { $0 != "," && $0 != " " }
        return digits.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) ? Int(digits) : nil
    }
}

extension CSVRecord {
    fileprivate var isBlank: Bool { fields.allSatisfy { $0.allSatisfy(\.isWhitespace) } }
}
