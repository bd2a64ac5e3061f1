import ArgumentParser
import PosternRuntime

struct ThrottlesEnd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "end", abstract: "Let a submitter send again, since the cause is mended.")

    @Argument(help: "account:ADDRESS, connector:NAME or api-key:NAME.")
    var principal: String
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let view = try await data.perform(EndThrottle(principal: principal), reason: reason.reason)
        if format.json { return try Output.json([view]) }
        Output.line("\(view.principal) may send again")
    }
}
