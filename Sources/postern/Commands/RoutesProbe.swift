import ArgumentParser
import PosternRuntime

struct RoutesProbe: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "probe", abstract: "Let one message through on a route whose next host refuses our account.",
        discussion:
            "Where it gets through, the route goes on; where it does not, it stands still as before. Without waiting mail, the next message is the probe."
    )

    @Argument var name: String
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let stop = try await data.perform(ProbeRoute(route: name), reason: reason.reason)
        if format.json { return try Output.json([stop]) }
        Output.line("one message is let through on route \(name); `postern routes list` shows what came of it")
    }
}
