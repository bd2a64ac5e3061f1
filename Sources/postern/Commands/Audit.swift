import ArgumentParser
import PosternRuntime

struct Audit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Administrative acts, newest first.")

    @Option(help: "Lines at most, 1…10000.")
    var limit = 100
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let acts = try await data.perform(ListAudit(limit: limit))
        try format.print(acts, ["TIME", "WHO", "WHAT", "ON", "WHY"], empty: "No acts yet.") {
            [Output.time($0.time), $0.actor, $0.action, Output.cut($0.target, 60), $0.reason]
        }
    }
}
