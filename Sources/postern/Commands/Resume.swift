import ArgumentParser
import OutboundPolicy
import PosternRuntime

struct Resume: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Let go on what was paused.")

    @Argument(help: "As `postern pauses` shows it.", transform: Arguments.pauseScope)
    var scope: Pause.Scope
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let view = try await data.perform(RemovePause(scope: scope), reason: reason.reason)
        Output.line("\(view.scope) goes on")
    }
}
