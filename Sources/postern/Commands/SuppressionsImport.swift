import ArgumentParser
import Foundation
import MailModel
import PosternRuntime

struct SuppressionsImport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Put the addresses of a CSV file on the list; those that are there stay as they are.",
        discussion: """
            The first line may name columns: address, hash, scope, reason, note, since, until. Else the first column is the address. Lines \
            that are wrong are named and left out, and the command ends with 1.
            """)

    @Argument(help: "The file; - for standard input.") var file: String
    @OptionGroup var place: SuppressionPlaceOptions
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    private static let readMax = 262_144
    private static let problemsShown = 100
    /// Rows of one request: well below what a control socket takes.
    private static let partMax = 2000

    struct Report: Encodable {
        var rows = 0
        var added = 0
        var wrong = 0
        /// The first of what is wrong.
        var problems: [String] = []
    }

    func run() async throws {
        guard let input = file == "-" ? FileHandle.standardInput : FileHandle(forReadingAtPath: file) else {
            throw ValidationError("\(file) cannot be read")
        }
        let access = try await AdministrationAccess.open(data.directory)
        let report: Report
        do {
            report = try await perform(access, input)
            await access.close()
        } catch {
            await access.close()
            throw error
        }
        if format.json {
            try Output.json([report])
        } else {
            Output.line("\(report.rows) rows, \(report.added) added, \(report.rows - report.added) were there, \(report.wrong) wrong")
        }
        if report.wrong > 0 { throw ExitCode(CommandExit.failed.rawValue) }
    }

    private func perform(_ access: AdministrationAccess, _ input: FileHandle) async throws -> Report {
        var reader = SuppressionFile()
        var report = Report()
        var waiting: [ImportSuppressions.Row] = []
        var isFirst = true
        let name = file == "-" ? "standard input" : String(URL(fileURLWithPath: file).lastPathComponent.prefix(100))
        while true {
            let octets = try input.read(upToCount: SuppressionsImport.readMax) ?? Data()
            let found = octets.isEmpty ? reader.finish() : reader.take(octets)
            note(found.problems, &report)
            waiting += found.rows
            while waiting.count >= SuppressionsImport.partMax || (octets.isEmpty && !waiting.isEmpty) {
                let part = waiting.prefix(SuppressionsImport.partMax).map { row in
                    var row = row
                    row.place = row.place ?? place.scope
                    row.cause = row.cause ?? place.cause
                    return row
                }
                let operation = ImportSuppressions(rows: part, file: name, isFirst: isFirst)
                report.added += try await access.perform(operation, reason: reason.reason).changed
                report.rows += part.count
                waiting.removeFirst(part.count)
                isFirst = false
                if isatty(2) == 1 { FileHandle.standardError.write(Data("\r\(report.rows) rows, \(report.added) added".utf8)) }
            }
            if octets.isEmpty { break }
        }
        if isatty(2) == 1, report.rows > 0 { Output.error("") }
        return report
    }

    private func note(_ problems: [SuppressionFile.Problem], _ report: inout Report) {
        for problem in problems {
            report.wrong += 1
            guard report.wrong <= SuppressionsImport.problemsShown else { continue }
            report.problems.append(problem.description)
            if !format.json { Output.error("\(file): \(Output.printable(problem.description))") }
        }
    }
}
