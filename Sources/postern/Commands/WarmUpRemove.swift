import ArgumentParser
import PosternRuntime

struct WarmUpRemove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "End a warm-up: the source has no cap of a day any more.")

    @Argument(help: "SOURCE:PROVIDER, or SOURCE:all.") var name: String
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        _ = try await data.perform(RemoveWarmUp(name: name), reason: reason.reason)
        Output.line("warm-up \(name) removed")
    }
}
