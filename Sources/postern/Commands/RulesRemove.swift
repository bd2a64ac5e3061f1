import ArgumentParser
import PosternRuntime

struct RulesRemove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "remove", abstract: "Remove a rule of your own.")

    @Argument var name: String
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let removed = try await data.perform(RemoveDeliveryRule(name: name), reason: reason.reason)
        if format.json { return try Output.json([removed]) }
        Output.line("rule \(name) removed")
    }
}
