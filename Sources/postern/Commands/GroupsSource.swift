import ArgumentParser
import MailModel
import OutboundPolicy
import PosternRuntime

struct GroupsSource: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "source", abstract: "Say where a group's members come from.", subcommands: [Set.self, Show.self, Remove.self])

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Take the members from a directory server.")

        @Argument(transform: Arguments.address)
        var address: EmailAddress
        @Option(help: "See `postern ldap-servers`.")
        var server: String
        @Option(help: "The distinguished name below which is searched.")
        var base: String
        @Option(help: "RFC 4515; {group} stands for the group's address, {name} for what stands before its @.")
        var filter: String
        @Option(help: "The attribute with the address.")
        var attribute = "mail"
        @Option(
            help: "Of what is found, the attribute with the distinguished names of the members, such as member; else what is found itself.")
        var memberAttribute: String?
        @Option(help: "Minutes between two looks.")
        var minutes = 60
        @Option(help: "Members that may come or go at a time without a person's word.")
        var changesMax = 50
        @Option(help: "The same in percent of those there are.")
        var percentMax = 20
        @OptionGroup var reason: ReasonOptions
        @OptionGroup var data: DataOptions

        func run() async throws {
            let source = GroupSource(
                server: server, base: base, filter: filter, attribute: attribute, memberAttribute: memberAttribute, minutes: minutes,
                changesMax: changesMax, percentMax: percentMax)
            _ = try await data.perform(SetGroupSource(group: address, source: source), reason: reason.reason)
            Output.line("members of \(address) come from \(server); see what would change: postern groups sync \(address) --dry-run")
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show how a group stands with its source, and what it changed.")

        @Argument(transform: Arguments.address)
        var address: EmailAddress
        @OptionGroup var format: FormatOptions
        @OptionGroup var data: DataOptions

        func run() async throws { try GroupsSync.show(try await data.perform(ShowGroupSync(group: address)), format) }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Let people alone say who is in a group; who is in it stays.")

        @Argument(transform: Arguments.address)
        var address: EmailAddress
        @OptionGroup var reason: ReasonOptions
        @OptionGroup var data: DataOptions

        func run() async throws {
            _ = try await data.perform(RemoveGroupSource(group: address), reason: reason.reason)
            Output.line("people alone say who is in \(address)")
        }
    }
}
