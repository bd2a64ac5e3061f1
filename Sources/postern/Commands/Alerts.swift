import ArgumentParser

struct Alerts: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "What is wrong, one line for each incident.",
        subcommands: [AlertsList.self, AlertsShow.self, AlertsAcknowledge.self, AlertsResolve.self], defaultSubcommand: AlertsList.self)
}
