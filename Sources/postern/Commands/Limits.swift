import ArgumentParser

struct Limits: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "How senders stand against their limits, and the limits of the service.",
        subcommands: [LimitsShow.self, LimitsTop.self, LimitsList.self, LimitsSet.self])
}
