import ArgumentParser
import PosternRuntime

struct Migrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Bring the store to this program's schema; `serve` does so too when it starts.")

    @OptionGroup var data: DataOptions

    func run() async throws {
        let steps = try await StoreMigration.perform(data.directory)
        guard !steps.isEmpty else { return Output.line("The store of \(data.directory) has this program's schema.") }
        Output.line("The store of \(data.directory) was brought to this program's schema: \(steps.joined(separator: ", ")).")
    }
}
