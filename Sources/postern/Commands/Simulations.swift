import ArgumentParser

struct Simulations: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulations", abstract: "Plans that run in the background of a gate; without one: postern simulate.",
        subcommands: [SimulationsStart.self, SimulationsList.self, SimulationsShow.self, SimulationsStop.self])
}
