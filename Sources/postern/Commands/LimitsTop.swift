import ArgumentParser
import PosternRuntime

struct LimitsTop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "top", abstract: "List who is nearest to a limit.")

    @Option(help: "How many, 1 to 1000.")
    var limit = 20
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let rows = try await data.perform(TopLimits(limit: limit))
        try format.print(rows, ["WHO", "LIMIT", "%", "USED", "OF", "POLICY"], empty: "Nobody has used anything that is limited.") {
            [$0.subject, $0.limit.name, "\($0.limit.percent)", "\($0.limit.used)", "\($0.limit.value)", $0.policy]
        }
    }
}
