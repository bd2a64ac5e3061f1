import ArgumentParser
import PosternRuntime

struct RequestsApprove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve", abstract: "Grant what is asked for until a time; it counts from the next message on.")

    @Argument(help: "`postern requests list` shows it.")
    var id: String
    @Option(
        help: "A time (2026-12-31T18:00:00Z) or a date (its first moment in UTC), 366 days from now at most.", transform: Arguments.expiry)
    var until: Expiry
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        guard let end = until.time else { throw ValidationError("--until never: a grant has an end") }
        let view = try await data.perform(ApproveLimitRequest(id: id, until: end), reason: reason.reason)
        if format.json { return try Output.json([view]) }
        Output.line("\(view.sender) has \(view.text) until \(Output.time(view.until))")
    }
}
