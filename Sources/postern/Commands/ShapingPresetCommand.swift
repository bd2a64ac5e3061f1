import ArgumentParser
import OutboundPolicy
import PosternRuntime

struct ShapingPresetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "preset", abstract: "Give a route the limits that the provider of its account sets.",
        discussion: ShapingPreset.allCases.map { "\($0.rawValue): \($0.explanation)" }.joined(separator: "\n"))

    @Argument(help: "The preset's name.", transform: Arguments.preset)
    var preset: ShapingPreset
    @Argument var route: String
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let view = try await data.perform(ApplyShapingPreset(preset: preset, route: route), reason: reason.reason)
        if format.json { return try Output.json([view]) }
        Output.line("route \(route): \(ShapingListCommand.limits(view))")
        Output.line(preset.explanation)
    }
}
