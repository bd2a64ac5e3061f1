import ArgumentParser
import PosternRuntime

struct Pauses: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "What is paused.")

    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let pauses = try await data.perform(ListPauses())
        try format.print(pauses, ["SCOPE"], empty: "Nothing is paused.") { [$0.scope] }
    }
}
