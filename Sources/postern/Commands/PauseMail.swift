import ArgumentParser
import OutboundPolicy
import PosternRuntime

struct PauseMail: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "The stop button: mail is still accepted, and waits.")

    @Argument(help: "all, external, sender:ADDRESS or route:NAME.", transform: Arguments.pauseScope)
    var scope: Pause.Scope
    @Option(help: "Why; others find it in the audit.")
    var reason: String
    @OptionGroup var data: DataOptions

    func run() async throws {
        let view = try await data.perform(AddPause(scope: scope), reason: reason)
        Output.line("\(view.scope) is paused; `postern resume \(view.scope)` lets it go on")
    }
}
