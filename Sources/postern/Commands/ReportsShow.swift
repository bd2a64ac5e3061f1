import ArgumentParser
import PosternRuntime

struct ReportsShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "A report that was taken in, with its rows.")

    @Argument(help: "As `postern reports list` shows it.")
    var id: String
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let report = try await data.perform(ShowDomainReport(id: id))
        if format.json { return try Output.json([report]) }
        Output.line(
            Output.printable(
                "\(report.kind) report \(report.reportID) of \(report.organization) on \(report.domain), \(report.begin) to \(report.end)"))
        Output.table(
            ["SOURCE", "ABOUT", "COUNT", "PASSES", "DKIM", "SPF", "RESULT"],
            (report.rows ?? []).map {
                [
                    $0.source, $0.about, "\($0.total)", $0.passes ? "yes" : "no", $0.dkim ? "pass" : "fail", $0.spf ? "pass" : "fail",
                    $0.result,
                ]
            }, empty: "It has no rows.")
    }
}
