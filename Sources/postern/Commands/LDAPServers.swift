import ArgumentParser
import PosternRuntime

struct LDAPServers: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ldap-servers", abstract: "Directory servers that groups take their members from.",
        subcommands: [Set.self, List.self, Remove.self])

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Add a directory server, or change one.")

        @Argument(help: "a–z, 0–9, - and _.")
        var name: String
        @Argument(help: "ldaps://HOST, or ldap://HOST, which begins TLS before anything else.")
        var url: String
        @Option(name: .customLong("bind-dn"), help: "As whom the gate signs in; nobody otherwise.")
        var bindDN: String?
        @Flag(help: "The password stands on standard input.")
        var passwordStdin = false
        @Option(
            help: "A PEM file on the nodes with those who may have signed the server's certificate; \"\" for those that the machine trusts."
        )
        var roots: String?
        @OptionGroup var reason: ReasonOptions
        @OptionGroup var data: DataOptions

        func run() async throws {
            let password = passwordStdin ? try PasswordInput.read() : nil
            let operation = SetLDAPServer(server: name, url: url, bindDN: bindDN, password: password, roots: roots)
            let view = try await data.perform(operation, reason: reason.reason)
            Output.line("LDAP server \(view.name): \(view.url)\(view.bindDN.isEmpty ? "" : " as \(view.bindDN)")")
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the directory servers.")

        @OptionGroup var format: FormatOptions
        @OptionGroup var data: DataOptions

        func run() async throws {
            let servers = try await data.perform(ListLDAPServers())
            try format.print(servers, ["NAME", "ADDRESS", "AS", "GROUPS"], empty: "No directory servers.") {
                [$0.name, $0.url, $0.bindDN, "\($0.groups.count)"]
            }
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Remove a directory server that no group needs.")

        @Argument
        var name: String
        @OptionGroup var reason: ReasonOptions
        @OptionGroup var data: DataOptions

        func run() async throws {
            _ = try await data.perform(RemoveLDAPServer(server: name), reason: reason.reason)
            Output.line("LDAP server \(name) removed")
        }
    }
}
