import ArgumentParser
import MailModel
import PosternRuntime

struct SourcesPool: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pool", abstract: "Say which pool's mail leaves from a source, and its share beside the route's others.")

    @Argument var name: String
    @Argument(help: "normal, high-risk or relay.") var pool: EgressPool
    @Option(help: "Its share, 1…1000, beside the route's other sources that have one; without, the first living source takes all.")
    var weight: Int?
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let view = try await data.perform(SetSourcePool(source: name, pool: pool, weight: weight), reason: reason.reason)
        if format.json { return try Output.json([view]) }
        Output.line("source \(name) is for the \(pool.rawValue) pool" + (weight.map { ", weight \($0)" } ?? ""))
    }
}

extension EgressPool: ExpressibleByArgument {}
