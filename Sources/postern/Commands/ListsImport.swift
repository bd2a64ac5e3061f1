import ArgumentParser
import Campaigns
import Foundation
import PosternRuntime

struct ListsImport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Put the people of a CSV file on a list: all of them, or none.",
        discussion: """
            What is wrong is shown with line, column and value. Rows with errors are left out, the others are taken. An import that was broken \
            off is gone on with by the same command; until it is done, nobody of it is on the list.
            """)

    @Argument(help: "A CSV file with a column email or address; - for standard input, of up to 256 KiB.")
    var file: String
    @Option(name: .customLong("list"), help: "The list; made where there is none.")
    var name: String
    @Option(
        help: ArgumentHelp(
            "Where the addresses come from, as you say: \(ListSource.allCases.map(\.rawValue).joined(separator: ", ")).",
            valueName: "source"))
    var source: String = ListSource.unknown.rawValue
    @Option(name: .customLong("map"), help: "TITLE=address, TITLE=NAME or TITLE=- to leave a column out; may be repeated.")
    var map: [String] = []
    @Option(help: "A file of domains whose mailboxes are thrown away, one a line, beside the lists of `postern lists address-lists`.")
    var disposable: String?
    @Option(help: "A file of local parts that belong to functions, one a line, in place of all others.")
    var roles: String?
    @Option(
        name: .customLong("leave-out"),
        help: ArgumentHelp(
            "What is doubtful and does not go on the list: \(DoubtfulAddress.allCases.map(\.rawValue).joined(separator: ", ")); may be repeated.",
            valueName: "what"))
    var leaveOut: [String] = []
    @Flag(name: .customLong("check"), help: "Only look; nothing is kept.")
    var isTrial = false
    @Flag(help: "The report as one JSON object.")
    var json = false
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    private static let pieceBytes = 262_144
    private static let standardInputMax = 262_144

    func run() async throws {
        guard let source = ListSource(rawValue: source) else {
            throw ValidationError("\"\(source)\" is no source: \(ListSource.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        var columns: [String: String] = [:]
        for text in map {
            guard let sign = text.lastIndex(of: "="), sign != text.startIndex else {
                throw ValidationError("\"\(text)\" is not TITLE=NAME")
            }
            columns[String(text[..<sign])] = String(text[text.index(after: sign)...])
        }
        let leftOut = try leaveOut.map { word in
            guard let doubt = DoubtfulAddress(rawValue: word) else {
                throw ValidationError("\"\(word)\" is none of \(DoubtfulAddress.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            return doubt
        }
        let access = try await AdministrationAccess.open(data.directory)
        do {
            try await makeList(access)
            let outcome =
                try await file == "-"
                ? importInput(access, source, columns, leftOut) : importFile(access, source, columns, Set(leftOut))
            await access.close()
            try show(outcome)
        } catch {
            await access.close()
            throw error
        }
    }

    private func makeList(_ access: AdministrationAccess) async throws {
        do {
            _ = try await access.perform(AddList(list: name), reason: reason.reason)
            if !json { Output.line("list \(name) made") }
        } catch let error as AdministrationError where error.kind == .conflict {}
    }

    private func importInput(
        _ access: AdministrationAccess, _ source: ListSource, _ columns: [String: String], _ leftOut: [DoubtfulAddress]
    ) async throws -> ImportOutcome {
        guard disposable == nil, roles == nil else { throw ValidationError("--disposable and --roles go with a file") }
        let octets = FileHandle.standardInput.readDataToEndOfFile()
        guard octets.count <= ListsImport.standardInputMax else {
            throw ValidationError("standard input is longer than 256 KiB: give a file")
        }
        let text = String(data: octets, encoding: .utf8) ?? Windows1252.text(octets)
        let operation = ImportList(
            list: name, file: "-", content: text, source: source, columns: columns, isTrial: isTrial, leftOut: leftOut)
        return try await access.perform(operation, reason: reason.reason)
    }

    private func importFile(
        _ access: AdministrationAccess, _ source: ListSource, _ columns: [String: String], _ leftOut: Set<DoubtfulAddress>
    ) async throws -> ImportOutcome {
        // Which they are, the gate says; they lie in the data directory, or where the settings name a path.
        let sources = try await access.perform(ListAddressLists()).map { AddressListSource($0.kind, $0.place) }
        let lists = AddressLists(
            sources.filter { $0.place != AddressList.ownName }, in: data.directory, roles: try roles.map { try list($0, .roles) },
            disposable: try disposable.map { try list($0, .disposable) })
        guard let first = FileHandle(forReadingAtPath: file), let second = FileHandle(forReadingAtPath: file) else {
            throw ValidationError("\(file) cannot be read")
        }
        var fingerprint = ListImporter.Fingerprint()
        var total = 0
        while case let piece = try ListsImport.piece(of: first), !piece.isEmpty {
            fingerprint.add(piece)
            total += piece.count
        }
        var progress = ImportProgress(total: total, isShown: !json && isatty(2) == 1)
        let importer = ListImporter(
            list: name, file: URL(fileURLWithPath: file).lastPathComponent, source: source, columns: columns, isTrial: isTrial,
            lists: lists, leftOut: leftOut)
        let why = reason.reason
        let steps = ListImporter.Steps(
            begin: { operation in
                let begun = try await access.perform(operation, reason: why)
                if begun.line > 0, !json {
                    Output.line("going on with import \(begun.number), which was broken off after line \(begun.line)")
                }
                return begun
            },
            stage: { try await access.perform($0, reason: why) }, end: { try await access.perform($0, reason: why) })
        let outcome = try await importer.run(
            steps, fingerprint: fingerprint.text, progress: { progress.show($0) },
            next: { try ListsImport.piece(of: second) })
        progress.end()
        return outcome
    }

    private static func piece(of file: FileHandle) throws -> [UInt8] { Array(try file.read(upToCount: pieceBytes) ?? Data()) }

    private func list(_ path: String, _ kind: AddressList.Kind) throws -> AddressList {
        guard let data = FileManager.default.contents(atPath: path) else { throw ValidationError("\(path) cannot be read") }
        do {
            return try AddressList(URL(fileURLWithPath: path).lastPathComponent, kind, octets: Array(data))
        } catch {
            throw ValidationError("\(path): \(error)")
        }
    }

    private static let findingsShown = 50

    private func show(_ outcome: ImportOutcome) throws {
        if json { return try Output.json([outcome]) }
        let report = outcome.report
        Output.table(
            ["LINE", "COLUMN", "VALUE", "PROBLEM", "WHAT TO DO"],
            report.findings.prefix(ListsImport.findingsShown).map {
                ["\($0.line)", $0.title, Output.cut($0.value, 40), $0.problem, $0.advice]
            },
            empty: "Nothing is wrong with it.")
        if report.findings.count > ListsImport.findingsShown { Output.line("… and more: --json shows the first 1,000") }
        Output.line()
        Output.line(
            "\(report.rows) rows: \(report.taken) can be written to, \(report.errors) have errors, \(report.count(.duplicate)) twice, \(report.count(.suppressed)) suppressed"
        )
        if let left = report.leftOut { Output.line("\(left) doubtful ones left out, as you chose") }
        for warning in outcome.warnings ?? [] { Output.line(Output.printable(warning)) }
        for count in report.counts { Output.line("  \(count.rule.rawValue): \(count.total)") }
        if report.fieldsNotUTF8 > 0 {
            Output.line("\(report.fieldsNotUTF8) cells were not in UTF-8 and were read as Windows-1252: look at their letters")
        }
        Output.line("risk \(outcome.risk.level.rawValue): the first mail goes to \(outcome.canary) people before the rest")
        for reason in outcome.risk.reasons { Output.line("  \(reason)") }
        Output.line(
            isTrial ? "nothing was kept (--check)" : "\(outcome.added) people added to \(name), \(report.alreadyOnList) were on it before")
    }
}

/// How far an import has come, on a terminal.
private struct ImportProgress {
    let total: Int
    let isShown: Bool
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    private var lastShown: ContinuousClock.Instant?

    init(total: Int, isShown: Bool) {
        self.total = total
        self.isShown = isShown
        start = clock.now
    }

    mutating func show(_ octets: Int) {
        let now = clock.now
        guard isShown, octets > 0, lastShown.map({ now - $0 > .milliseconds(250) }) ?? true else { return }
        lastShown = now
        let seconds = Double((now - start).components.seconds) + 0.001
        let left = Int(seconds * Double(total - octets) / Double(octets))
        FileHandle.standardError.write(Data("\r\(octets * 100 / max(1, total)) %  about \(left) s left ".utf8))
    }

    func end() {
        if lastShown != nil { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
    }
}
