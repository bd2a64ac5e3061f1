package import Campaigns
import MailModel
package import OutboundPolicy
import Storage

/// Begins an import, or goes on with one of the same file that was broken off.
package struct BeginListImport: AdministrativeOperation {
    package static let name = "lists.imports.begin"
    package static let scope = AccessScope.listsWrite
    package var list: String
    package var file: String
    /// The same for the same file, read in the same way.
    package var fingerprint: String
    package var source: ListSource

    package init(list: String, file: String, fingerprint: String, source: ListSource) {
        self.list = list
        self.file = file
        self.fingerprint = fingerprint
        self.source = source
    }

    /// An import of which nothing was heard for so long is taken for broken off.
    static let patience = Duration.seconds(60)
    static let textMax = 200

    package func perform(in administration: Administration, _ act: Act) async throws -> BegunImport {
        guard file.count <= BeginListImport.textMax, fingerprint.count <= BeginListImport.textMax else {
            throw AdministrationError(.invalid, "the file's name or fingerprint is longer than \(BeginListImport.textMax) characters")
        }
        let found = try await administration.list(list)
        let open = try await administration.store.read { try $0.imports(list: found.number, limit: 1000) }
        for run in open where run.state != .done {
            if run.state == .underWay, run.fingerprint == fingerprint, run.source == source {
                return BegunImport(number: run.number, line: run.line)
            }
            if run.state == .underWay, run.touchedAt > act.at - BeginListImport.patience {
                throw AdministrationError(
                    .conflict, "\(run.file) is being imported into \(list)",
                    "Wait for it to end; one that was broken off is dropped after a minute.")
            }
            while try await administration.affected(.dropImport(run.number, list: found.number, limit: PeopleWork.partMax)) > 0 {}
        }
        let new = ListImport(
            list: found.number, file: file, fingerprint: fingerprint, source: source, attestedBy: act.actor, at: act.at)
        guard case .number(let number) = try await administration.people(.beginImport(new)) else {
            throw AdministrationError(.failed, "the store did not answer")
        }
        return BegunImport(number: number, line: 0)
    }
}

package struct BegunImport: Codable, Hashable, Sendable {
    package var number: Int64
    /// The last line whose person is kept already; 0 for a new import.
    package var line: Int
}

/// Puts people into an import. Nobody sees them before it is done.
package struct StageListImport: AdministrativeOperation {
    package static let name = "lists.imports.stage"
    package static let scope = AccessScope.listsWrite
    package var list: String
    package var number: Int64
    /// Names of attributes, in the order of the cells.
    package var names: [String]
    /// A line for each person: the address, then a cell for each name, with tabs between them.
    package var people: String
    /// The last line of the file that is among them.
    package var line: Int

    package init(list: String, number: Int64, names: [String], people: String, line: Int) {
        self.list = list
        self.number = number
        self.names = names
        self.people = people
        self.line = line
    }

    package static let peopleMax = PeopleWork.partMax

    package func perform(in administration: Administration, _ act: Act) async throws -> StagedPart {
        let found = try await administration.list(list)
        let people = try subscribers(at: act.at)
        guard line >= 0 else { throw AdministrationError(.invalid, "line \(line) is none of a file") }
        let suppressed = try await administration.suppressed(people.map(\.address))
        let kept = suppressed.isEmpty ? people : people.enumerated().filter { !suppressed.contains($0.offset) }.map(\.element)
        switch try await administration.people(.stage(number, kept, list: found.number, line: line, at: act.at)) {
        case .affected(let added): return StagedPart(added: added, known: kept.count - added, suppressed: suppressed.sorted())
        case .notUnderWay, .number:
            throw AdministrationError(
                .conflict, "import \(number) of \(list) is not under way", "`postern lists show \(list)` says what became of it.")
        }
    }

    private func subscribers(at now: Timestamp) throws -> [Subscriber] {
        let lines = people.split(separator: "\n")
        guard lines.count <= StageListImport.peopleMax else {
            throw AdministrationError(.invalid, "\(lines.count) people at a time; at most \(StageListImport.peopleMax)")
        }
        guard names.count <= CSVReader.fieldsMax, names.allSatisfy({ (1...ColumnMapping.attributeNameMax).contains($0.count) }) else {
            throw AdministrationError(.invalid, "the names of attributes are too many, empty or too long")
        }
        return try lines.map { line in
            let cells = line.split(separator: "\t", omittingEmptySubsequences: false)
            guard let address = cells.first.flatMap({ EmailAddress($0) }), address.domain != nil else {
                throw AdministrationError(.invalid, "\"\(line.prefix(100))\" begins with no address")
            }
            var attributes: [String: String] = [:]
            for (name, cell) in zip(names, cells.dropFirst()) where !cell.isEmpty { attributes[name] = String(cell) }
            return Subscriber(address: address, attributes: attributes, addedAt: now)
        }
    }
}

package struct StagedPart: Codable, Hashable, Sendable {
    package var added: Int
    /// Were on the list, or in this import, before.
    package var known: Int
    /// Places of those who are not to be written to, from 0 on; they were not taken.
    package var suppressed: [Int]
}

/// From here on all of an import is on its list.
package struct EndListImport: AdministrativeOperation {
    package static let name = "lists.imports.end"
    package static let scope = AccessScope.listsWrite
    package var list: String
    package var number: Int64
    package var report: ImportReport

    package init(list: String, number: Int64, report: ImportReport) {
        self.list = list
        self.number = number
        self.report = report
    }

    /// Findings that are kept with an import.
    package static let findingsKept = 200

    package func perform(in administration: Administration, _ act: Act) async throws -> ListImportView {
        let found = try await administration.list(list)
        let runs = try await administration.store.read { try $0.imports(list: found.number, limit: 1000) }
        guard var run = runs.first(where: { $0.number == number }) else {
            throw AdministrationError(.notFound, "there is no import \(number) of \(list)")
        }
        run.report = report.shortened(to: EndListImport.findingsKept)
        run.touchedAt = act.at
        let target = "\(list) +\(report.taken - report.alreadyOnList) from \(run.file)"
        guard case .affected = try await administration.people(.endImport(run, act.entry("list.import", target: target))) else {
            throw AdministrationError(
                .conflict, "import \(number) of \(list) is not under way", "`postern lists show \(list)` says what became of it.")
        }
        run.state = .done
        return ListImportView(run)
    }
}

/// A small file at once, or only a look at it.
package struct ImportList: AdministrativeOperation {
    package static let name = "lists.import"
    package static let scope = AccessScope.listsWrite
    package var list: String
    package var file: String
    /// The file's text.
    package var content: String
    package var source: ListSource
    /// What columns stand for: a title with `address`, another name, or `-`.
    package var columns: [String: String]
    /// Only looks; nothing is kept.
    package var isTrial: Bool
    /// What of the doubtful does not go on the list; nil for nothing.
    package var leftOut: [DoubtfulAddress]?

    package init(
        list: String, file: String, content: String, source: ListSource, columns: [String: String] = [:], isTrial: Bool = false,
        leftOut: [DoubtfulAddress]? = nil
    ) {
        self.list = list
        self.file = file
        self.content = content
        self.source = source
        self.columns = columns
        self.isTrial = isTrial
        self.leftOut = leftOut
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> ImportOutcome {
        if isTrial { _ = try await administration.list(list) }
        let importer = ListImporter(
            list: list, file: file, source: source, columns: columns, isTrial: isTrial, lists: try await administration.addressLists(),
            leftOut: Set(leftOut ?? []))
        let octets = Array(content.utf8)
        let steps = ListImporter.Steps(
            begin: { try await administration.perform($0, act) }, stage: { try await administration.perform($0, act) },
            end: { try await administration.perform($0, act) })
        var isRead = false
        return try await importer.run(steps, fingerprint: ListImporter.Fingerprint(octets).text) {
            defer { isRead = true }
            return isRead ? [] : octets
        }
    }
}

extension Administration {
    /// The places of those whom campaigns do not write to, whatever the list.
    func suppressed(_ addresses: [EmailAddress]) async throws -> Set<Int> {
        let key = try addressKey()
        let policy = try await directory().suppressionPolicy
        return try await store.read { store in
            let known = try store.suppressions(of: addresses.map(key.digest))
            return Set(
                known.filter { _, entries in
                    entries.contains { entry in
                        entry.removedAt == nil && [.organisation, .tenant].contains(entry.key.scope)
                            && policy.keeps(.campaign, for: entry.key.reason)
                    }
                }.keys)
        }
    }
}
