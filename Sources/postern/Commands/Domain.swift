import ArgumentParser

struct Domain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "What receivers find when they look at a domain, and what to publish.",
        subcommands: [DomainCheckCommand.self, DomainListCommand.self, DomainHistoryCommand.self])
}
