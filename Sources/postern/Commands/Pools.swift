import ArgumentParser
import PosternRuntime

struct Pools: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the egress pools: what leaves by each, and from which sources.")

    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let pools = try await data.perform(ListPools())
        if format.json { return try Output.json(pools) }
        for pool in pools {
            Output.line("\(pool.pool): \(pool.carries)")
            for source in pool.sources {
                let from = source.source.isEmpty ? "" : " from \(source.source)"
                let share = source.weight == 0 ? "" : ", weight \(source.weight)"
                Output.line("  route \(source.route)\(from)\(share), \(source.state.rawValue)")
            }
            if !pool.warning.isEmpty { Output.line("  \(pool.warning)") }
        }
    }
}
