import ArgumentParser
import PosternRuntime

struct SourcesDisable: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disable", abstract: "Disable a source; its mail leaves from the others that its routes allow, or waits.")

    @Argument var name: String
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let view = try await data.perform(SetSourceEnabled(source: name, isEnabled: false), reason: reason.reason)
        if format.json { return try Output.json([view]) }
        Output.line("source \(name) disabled")
    }
}
