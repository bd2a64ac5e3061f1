import ArgumentParser

struct AlertPolicies: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Which conditions make alerts, and who is told.", subcommands: [AlertPoliciesList.self, AlertPoliciesSet.self])
}
