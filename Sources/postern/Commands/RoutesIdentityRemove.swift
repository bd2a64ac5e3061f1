import ArgumentParser
import OutboundPolicy
import PosternRuntime

struct RoutesIdentityRemove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "identity-remove", abstract: "Hand on the mail of these senders as the route's own user again.")

    @Argument(help: "The route.") var name: String
    @Argument(help: "As it was given.", transform: Arguments.pattern) var pattern: AddressPattern
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        _ = try await data.perform(RemoveRouteIdentity(route: name, pattern: pattern), reason: reason.reason)
        Output.line("route \(name): identity \(pattern) removed")
    }
}
