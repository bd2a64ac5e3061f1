import ArgumentParser
import PosternRuntime

struct WarmUpPause: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Let nothing leave by a warm-up for a while; its mail takes other sources of its route, or waits.")

    @Argument(help: "SOURCE:PROVIDER, or SOURCE:all.") var name: String
    @Option(name: .customLong("for"), help: "How long: 12h, 3d. A day where it is left out.", transform: Arguments.duration)
    var time: Duration = .seconds(86_400)
    @Flag(help: "Let it go on.") var resume = false
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let operation = PauseWarmUp(name: name, seconds: resume ? 0 : Int(time.components.seconds))
        let view = try await data.perform(operation, reason: reason.reason)
        if format.json { return try Output.json([view]) }
        Output.line(view.pausedUntil.isEmpty ? "\(name) goes on" : "\(name) is paused until \(view.pausedUntil)")
    }
}
