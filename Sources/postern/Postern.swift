import ArgumentParser
import Glibc
import PosternRuntime

/// The command line. Each command has a file of its own in `Commands/`.
struct Postern: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "postern",
        abstract: "The outbound mail gate of an organisation.",
        discussion: """
            Administrative commands work while the gate runs (through its control socket) and while it is stopped.

            Exit codes: 0 done · 1 failed · 2 wrong usage or settings · 3 not found · 4 conflict (there already, or changed meanwhile) · \
            5 gate not reachable · 6 not allowed
            """,
        version: PosternVersion.text,
        subcommands: [],
        groupedSubcommands: [
            CommandGroup(
                name: "Run",
                subcommands: [
                    Init.self, Serve.self, CheckConfig.self, Migrate.self, StorageCommands.self, Status.self, Ahead.self, Nodes.self,
                    Demo.self,
                ]),
            CommandGroup(
                name: "Directory",
                subcommands: [
                    Accounts.self, Connectors.self, Groups.self, LDAPServers.self, Domains.self, Domain.self, Routes.self, Sources.self,
                    Pools.self,
                    Shaping.self,
                    WarmUpCommands.self, RewritingCommands.self,
                    Rules.self,
                    DKIM.self, APIKeys.self,
                    Sessions.self, SignIn.self,
                ]),
            CommandGroup(name: "People", subcommands: [Lists.self, Subscribers.self, CampaignCommands.self, Advise.self]),
            CommandGroup(name: "Trying out", subcommands: [Twin.self, Simulate.self, Simulations.self]),
            CommandGroup(name: "Limits", subcommands: [Policies.self, Limits.self, Requests.self]),
            CommandGroup(
                name: "Mail",
                subcommands: [
                    Send.self, Check.self, Scan.self, Duplicates.self, Review.self, Bounce.self, Returned.self, Reputation.self, Trace.self,
                    ExplainCommand.self, TLS.self,
                    ReportCommands.self, Queue.self, Suppressions.self,
                    Ledger.self, Statistics.self,
                    PauseMail.self,
                    Resume.self,
                    Pauses.self,
                ]),
            CommandGroup(
                name: "Protection", subcommands: [Restricted.self, Throttles.self, Alerts.self, AlertPolicies.self, Webhooks.self]),
            CommandGroup(
                name: "Keeping", subcommands: [Backup.self, Restore.self, Audit.self, Purge.self, Seed.self, Measure.self, Version.self]),
        ])
}

@main
enum Main {
    static func main() async {
        // Whatever is written here is for the gate's user alone, the store's files included.
        umask(0o077)
        do {
            var command = try Postern.parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            CommandExit.end(with: error)
        }
    }
}
