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
        var stage: @Sendable (StageListImport) async throws -> StagedPart
        var end: (EndListImport) async throws -> ListImportView

        package init(
            begin: @escaping (BeginListImport) async throws -> BegunImport,
            stage: @escaping @Sendable (StageListImport) async throws -> StagedPart,
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

    /// The next part is read while the one before is kept.
    ///
    /// - Parameters:
    ///   - next: The next piece of the file; empty at its end.
    ///   - progress: Called after each piece with the octets that were read.
    package func run(
        _ steps: Steps, fingerprint: String, progress: (Int) -> Void = { _ in }, next: () throws -> [UInt8]
    ) async throws -> ImportOutcome {
        let begun = try await begin(steps, fingerprint)
        var reading = Reading(check: ImportCheck(rules: lists.rules, chosen: columns, leftOut: leftOut), file: file, isTrial: isTrial)
        var added = 0
        let stage = steps.stage
        try await withThrowingTaskGroup(of: StagedPart.self) { group in
            var underWay: Part?
            while true {
                let piece = try next()
                for part in try reading.parts(of: piece) {
                    added += try await settled(underWay, &group, begun, &reading.check)
                    let names = reading.check.mapping?.attributes.map(\.name) ?? []
                    let order = StageListImport(list: list, number: begun.number, names: names, people: part.text, line: part.line)
                    group.addTask { try await stage(order) }
                    underWay = part
                }
                progress(reading.octetsRead)
                if piece.isEmpty { break }
            }
            added += try await settled(underWay, &group, begun, &reading.check)
        }
        guard reading.check.report.rows > 0 else { throw AdministrationError(.invalid, "\(file) holds nobody", "Nothing was imported.") }
        reading.end()
        return try await end(reading.check.report, begun, added, steps)
    }

    private func begin(_ steps: Steps, _ fingerprint: String) async throws -> BegunImport {
        guard !isTrial else { return BegunImport(number: 0, line: 0) }
        let key =
            fingerprint + columns.sorted { $0.key < $1.key }.map { "|\($0.key)=\($0.value)" }.joined()
            + leftOut.map { "|-\($0.rawValue)" }.sorted().joined()
        var hash = StableHash()
        hash.add(key)
        return try await steps.begin(
            BeginListImport(
                list: list, file: String(file.suffix(BeginListImport.textMax)), fingerprint: String(hash.value, radix: 16), source: source))
    }

    /// How many the part added that is under way; 0 where none is.
    private func settled(
        _ part: Part?, _ group: inout ThrowingTaskGroup<StagedPart, any Error>, _ begun: BegunImport, _ check: inout ImportCheck
    ) async throws -> Int {
        guard let part, let staged = try await group.next() else { return 0 }
        for place in staged.suppressed where place < part.rows.count { check.wasSuppressed(part.rows[place]) }
        // What was kept before the import was broken off is known, and new on the list all the same.
        let isRepeated = part.line <= begun.line
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

    /// People of one request; never without any.
    private struct Part: Sendable {
        var rows: [ImportRow] = []
        var text = ""

        /// Of the last one.
        var line: Int { rows.last?.line ?? 0 }

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

    /// A file on its way to parts.
    private struct Reading {
        var check: ImportCheck
        let file: String
        let isTrial: Bool
        private(set) var octetsRead = 0
        private var reader = CSVReader()
        private var part = Part()

        init(check: ImportCheck, file: String, isTrial: Bool) { (self.check, self.file, self.isTrial) = (check, file, isTrial) }

        /// Those that the next piece of the file makes full; with its end, the rest too.
        mutating func parts(of piece: [UInt8]) throws -> [Part] {
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
            return full
        }

        mutating func end() { check.fieldsNotUTF8(reader.fieldsNotUTF8) }
    }
}
