import ArgumentParser

struct Domains: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Accepted domains: what counts as internal, and to which host it goes.",
        subcommands: [DomainsAdd.self, DomainsList.self, DomainsRemove.self, DomainsRecipients.self])
}
