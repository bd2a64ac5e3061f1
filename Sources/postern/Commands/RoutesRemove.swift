import ArgumentParser
import PosternRuntime

struct RoutesRemove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "remove", abstract: "Remove a route; its queued mail takes another.")

    @Argument var name: String
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        _ = try await data.perform(RemoveRoute(route: name), reason: reason.reason)
        Output.line("route \(name) removed")
    }
}
