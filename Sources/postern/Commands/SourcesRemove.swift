import ArgumentParser
import PosternRuntime

struct SourcesRemove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "remove", abstract: "Remove a source that no route names.")

    @Argument var name: String
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let affected = try await data.perform(RemoveSource(source: name), reason: reason.reason)
        if format.json { return try Output.json([affected]) }
        Output.line("source \(name) removed")
    }
}
