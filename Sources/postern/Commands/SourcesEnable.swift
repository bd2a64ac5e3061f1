import ArgumentParser
import PosternRuntime

struct SourcesEnable: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "enable", abstract: "Enable a source.")

    @Argument var name: String
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let view = try await data.perform(SetSourceEnabled(source: name, isEnabled: true), reason: reason.reason)
        if format.json { return try Output.json([view]) }
        Output.line("source \(name) enabled")
    }
}
