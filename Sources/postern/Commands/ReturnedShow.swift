import ArgumentParser
import PosternRuntime

struct ReturnedShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "One report as it came, for as long as reports.keep-days says.")

    @Argument(help: "As in the list.")
    var id: String
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let view = try await data.perform(ShowReturned(id: id))
        if format.json { return try Output.json([view]) }
        for report in view.reports {
            Output.line(
                Output.printable(
                    "\(report.kind) \(report.bounceClass) \(report.recipient) \(report.believed ? "believed by" : "not believed:") \(report.proof)"
                ))
        }
        guard let content = view.content else { return Output.line("It is not kept as it came.") }
        Output.line()
        for line in content.split(separator: "\n", omittingEmptySubsequences: false) {
            Output.line(line.isEmpty || line == "\r" ? "" : Output.printable(String(line.filter { $0 != "\r" })))
        }
    }
}
