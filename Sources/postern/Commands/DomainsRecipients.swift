import ArgumentParser
import MailModel
import PosternRuntime

struct DomainsRecipients: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recipients", abstract: "Which addresses of a domain exist, and whether mail to others is refused.",
        subcommands: [Add.self, Remove.self, Import.self, List.self, Check.self])

    private static func show(_ view: KnownAddressesView) {
        Output.line(
            "\(view.domain): \(view.count) addresses beside accounts and groups; mail to others is "
                + (view.isChecked ? "refused (550 5.1.10)" : "let through"))
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Add addresses.")

        @Argument(transform: Arguments.domain)
        var domain: DomainName
        @Argument(transform: Arguments.address)
        var addresses: [EmailAddress]
        @OptionGroup var reason: ReasonOptions
        @OptionGroup var data: DataOptions

        func run() async throws {
            show(try await data.perform(ChangeKnownAddresses(domain: domain, add: addresses, remove: []), reason: reason.reason))
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Remove addresses.")

        @Argument(transform: Arguments.domain)
        var domain: DomainName
        @Argument(transform: Arguments.address)
        var addresses: [EmailAddress]
        @OptionGroup var reason: ReasonOptions
        @OptionGroup var data: DataOptions

        func run() async throws {
            show(try await data.perform(ChangeKnownAddresses(domain: domain, add: [], remove: addresses), reason: reason.reason))
        }
    }

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Add the addresses of a CSV file.")

        @Argument(transform: Arguments.domain)
        var domain: DomainName
        @OptionGroup var file: AddressFileOptions
        @OptionGroup var reason: ReasonOptions
        @OptionGroup var data: DataOptions

        func run() async throws {
            for (part, isFirst) in try file.read() {
                let operation = ChangeKnownAddresses(domain: domain, add: part, remove: [], replaces: file.replace && isFirst)
                show(try await data.perform(operation, reason: reason.reason))
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the addresses that are known.")

        @Argument(transform: Arguments.domain)
        var domain: DomainName
        @OptionGroup var format: FormatOptions
        @OptionGroup var data: DataOptions

        func run() async throws {
            let addresses = try await data.perform(ListKnownAddresses(domain: domain))
            try format.print(addresses, ["ADDRESS", "KIND"], empty: "No address of \(domain) is known.") { [$0.address, $0.kind.rawValue] }
        }
    }

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Say whether mail to unknown addresses is refused.")

        @Argument(transform: Arguments.domain)
        var domain: DomainName
        @Argument(help: "on or off.", transform: Arguments.onOrOff)
        var state: Bool
        @OptionGroup var reason: ReasonOptions
        @OptionGroup var data: DataOptions

        func run() async throws {
            show(try await data.perform(SetRecipientCheck(domain: domain, isChecked: state), reason: reason.reason))
        }
    }
}
