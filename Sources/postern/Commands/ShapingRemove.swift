import ArgumentParser
import PosternRuntime

struct ShapingRemove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "remove", abstract: "Remove a shaping policy.")

    @Argument var name: String
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let removed = try await data.perform(RemoveShaping(name: name), reason: reason.reason)
        if format.json { return try Output.json([removed]) }
        Output.line("shaping policy \(name) removed")
    }
}
