import ArgumentParser

struct Shaping: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Limits on what is handed on: connections, rates and hours, by route, provider, domain and source.",
        subcommands: [ShapingListCommand.self, ShapingShow.self, ShapingSet.self, ShapingPresetCommand.self, ShapingRemove.self])
}
