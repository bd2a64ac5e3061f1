import ArgumentParser
import MailModel
import PosternRuntime

struct RoutesPool: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pool", abstract: "Keep a route for the mail of one pool, such as a smarthost account for high-risk mail.")

    @Argument(help: "The route.") var name: String
    @Argument(help: "normal, high-risk or relay; left out: the pools of its sources.") var pool: EgressPool?
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let view = try await data.perform(SetRoutePool(route: name, pool: pool), reason: reason.reason)
        if format.json { return try Output.json([view]) }
        Output.line("route \(name) carries mail of " + (pool.map { "the \($0.rawValue) pool only" } ?? "the pools of its sources"))
    }
}
