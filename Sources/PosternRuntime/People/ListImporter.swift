package import Campaigns
import MailModel

/// What an import came to.
package struct ImportOutcome: Codable, Hashable, Sendable {
    package var list: String
    /// 0 where nothing was kept.
    package var number: Int64
    /// The line after which it went on; 0 for one that began anew.
    package var resumedAfter: Int
    package var added: Int
    package var report: ImportReport
    package var risk: RiskGrade
    /// People who get the first mail before the rest.
    package var canary: Int
    /// What of the lists in the settings did not count, in a sentence each; nil for nothing.
    package var warnings: [String]?
}

/// Reads a CSV file piece by piece and puts its people on a list: kept in parts that nobody sees, and one step that makes all of them count.
package struct ListImporter: Sendable {
    /// What the import asks of the gate.
    package struct Steps {
        var begin: (BeginListImport) async throws -> BegunImport
        var stage: (StageListImport) async throws -> StagedPart
        var end: (EndListImport) async throws -> ListImportView

        package init(
            begin: @escaping (BeginListImport) async throws -> BegunImport, stage: @escaping (StageListImport) async throws -> StagedPart,
            end: @escaping (EndListImport) async throws -> ListImportView
        ) {
            self.begin = begin
            self.stage = stage
            self.end = end
        }
    }

    /// Of a file's octets, however they come.
    package struct Fingerprint {
        private var hash = StableHash()
        private var count = 0

        package init(_ octets: [UInt8] = []) { add(octets) }

        package mutating func add(_ octets: [UInt8]) {
            for octet in octets { hash.add(octet) }
            count += octets.count
        }

        package var text: String { "\(count)-\(String(hash.value, radix: 16))" }
    }

    package let list: String
    package let file: String
    package let source: ListSource
    package var columns: [String: String] = [:]
    package var isTrial = false
    package var lists: AddressLists
    /// What of the doubtful does not go on the list.
    package var leftOut: Set<DoubtfulAddress> = []

    package init(
        list: String, file: String, source: ListSource, columns: [String: String] = [:], isTrial: Bool = false,
        lists: AddressLists, leftOut: Set<DoubtfulAddress> = []
    ) {
        self.list = list
        self.file = file
        self.source = source
        self.columns = columns
        self.isTrial = isTrial
        self.lists = lists
        self.leftOut = leftOut
    }

    /// Octets of one request: with its escapes well below what the control socket takes.
    private static let partBytesMax = 262_144

    /// - Parameters:
    ///   - next: The next piece of the file; empty at its end.
    ///   - progress: Called after each piece with the octets that were read.
    package func run(
        _ steps: Steps, fingerprint: String, progress: (Int) -> Void = { _ in }, next: () throws -> [UInt8]
    ) async throws -> ImportOutcome {
        let key =
            fingerprint + columns.sorted { $0.key < $1.key }.map { "|\($0.key)=\($0.value)" }.joined()
            + leftOut.map { "|-\($0.rawValue)" }.sorted().joined()
        var hash = StableHash()
        hash.add(key)
        let begun =
            isTrial
            ? BegunImport(number: 0, line: 0)
            : try await steps.begin(
                BeginListImport(
                    list: list, file: String(file.suffix(BeginListImport.textMax)), fingerprint: String(hash.value, radix: 16),
                    source: source))
        var reader = CSVReader()
        var check = ImportCheck(rules: lists.rules, chosen: columns, leftOut: leftOut)
        var part = Part()
        var added = 0
        var octetsRead = 0
        while true {
            let piece = try next()
            if octetsRead == 0, CSVReader.isOtherFormat(piece) {
                throw AdministrationError(
                    .invalid, "\(file) is no CSV file in UTF-8 or Windows-1252", "Save it as CSV (UTF-8) and try again.")
            }
            octetsRead += piece.count
            var full: [Part] = []
            do {
                try piece.withUnsafeBytes { octets in
                    try reader.read(octets, isLast: piece.isEmpty) { record in
                        guard let row = try check.check(record), !isTrial else { return }
                        part.append(row, check.mapping)
                        if part.text.utf8.count >= ListImporter.partBytesMax || part.rows.count == StageListImport.peopleMax {
                            full.append(part)
                            part = Part()
                        }
                    }
                }
            } catch let problem as ColumnProblem {
                throw AdministrationError(.invalid, "\(file): \(problem)", problem.advice)
            }
            if piece.isEmpty, !part.rows.isEmpty { full.append(part) }
            for part in full { added += try await keep(part, begun, steps, &check) }
            progress(octetsRead)
            if piece.isEmpty { break }
        }
        guard check.report.rows > 0 else { throw AdministrationError(.invalid, "\(file) holds nobody", "Nothing was imported.") }
        check.fieldsNotUTF8(reader.fieldsNotUTF8)
        return try await end(check.report, begun, added, steps)
    }

    private func keep(_ part: Part, _ begun: BegunImport, _ steps: Steps, _ check: inout ImportCheck) async throws -> Int {
        guard let last = part.rows.last else { return 0 }
        let names = check.mapping?.attributes.map(\.name) ?? []
        let staged = try await steps.stage(
            StageListImport(list: list, number: begun.number, names: names, people: part.text, line: last.line))
        for place in staged.suppressed where place < part.rows.count { check.wasSuppressed(part.rows[place]) }
        // What was kept before the import was broken off is known, and new on the list all the same.
        let isRepeated = last.line <= begun.line
        if !isRepeated { check.wereOnList(staged.known) }
        return isRepeated ? part.rows.count - staged.suppressed.count : staged.added
    }

    private func end(_ report: ImportReport, _ begun: BegunImport, _ added: Int, _ steps: Steps) async throws -> ImportOutcome {
        if !isTrial {
            let kept = report.shortened(to: EndListImport.findingsKept)
            _ = try await steps.end(EndListImport(list: list, number: begun.number, report: kept))
        }
        let risk = RiskGrade(report, source: source)
        return ImportOutcome(
            list: list, number: begun.number, resumedAfter: begun.line, added: added, report: report, risk: risk,
            canary: risk.canary(of: report.taken), warnings: lists.warnings.isEmpty ? nil : lists.warnings)
    }

    /// People of one request.
    private struct Part {
        var rows: [ImportRow] = []
        var text = ""

        mutating func append(_ row: ImportRow, _ mapping: ColumnMapping?) {
            text += row.address.description
            for attribute in mapping?.attributes ?? [] {
                text += "\t"
                text += row.attributes[attribute.name] ?? ""
            }
            text += "\n"
            var kept = row
            kept.attributes = [:]
            rows.append(kept)
        }
    }
}
