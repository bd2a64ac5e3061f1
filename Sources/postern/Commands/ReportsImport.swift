import ArgumentParser
import PosternRuntime

struct ReportsImport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Take in reports on own domains: DMARC and TLS, as XML, JSON, gzip, zip or a message.",
        discussion: "A report that was taken in before counts once. Exits with 1 where one is refused.")

    @Argument(help: ArgumentHelp("Files and folders; - for standard input.", valueName: "file"))
    var files: [String]
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    /// What a request to a gate takes, in base64 and with some room.
    private static let bytesMax = 700_000

    private struct Line: Encodable {
        var file: String
        var report: ReportIntakeView
    }

    func run() async throws {
        var inputs: [(name: String, octets: [UInt8])] = []
        for file in files { try ReportFiles.forEach(file) { inputs.append(($0, $1)) } }
        if let large = inputs.first(where: { $0.octets.count > ReportsImport.bytesMax }) {
            throw ValidationError("\(large.name) has more than \(ReportsImport.bytesMax) octets; pack it with gzip first")
        }
        let access = try await AdministrationAccess.open(data.directory)
        var lines: [Line] = []
        do {
            for input in inputs {
                let views = try await access.perform(ImportDomainReport(octets: input.octets), reason: reason.reason)
                lines += views.map { Line(file: input.name, report: $0) }
            }
            await access.close()
        } catch {
            await access.close()
            throw error
        }
        try format.print(lines, ["FILE", "OUTCOME", "KIND", "DOMAIN", "FROM", "COUNT", "PASSING", "WHY"], empty: "No files.") {
            [
                String($0.file.split(separator: "/").last ?? ""), $0.report.outcome.rawValue, $0.report.kind, $0.report.domain,
                Output.cut($0.report.organization, 30), "\($0.report.total)", "\($0.report.passing)", $0.report.reason,
            ]
        }
        if lines.contains(where: { $0.report.outcome == .refused || $0.report.outcome == .full }) {
            throw ExitCode(CommandExit.failed.rawValue)
        }
    }
}
