import ArgumentParser

struct Throttles: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Submitters that are refused for a while, since they repeat an error.",
        subcommands: [ThrottlesList.self, ThrottlesEnd.self])
}
