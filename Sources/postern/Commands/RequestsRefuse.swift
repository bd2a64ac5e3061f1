import ArgumentParser
import PosternRuntime

struct RequestsRefuse: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "refuse", abstract: "Refuse what is asked for.")

    @Argument(help: "`postern requests list` shows it.")
    var id: String
    @Option(help: "Why; whoever asked sees it.")
    var reason: String
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let view = try await data.perform(RefuseLimitRequest(id: id), reason: reason)
        if format.json { return try Output.json([view]) }
        Output.line("\(view.id) is refused: \(view.sender) does not get \(view.text)")
    }
}
