import ArgumentParser
import OutboundPolicy
import PosternRuntime

struct RoutesIdentity: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "identity", abstract: "Hand on the mail of some senders as another mailbox.",
        discussion: "postern routes identity office '*@example.org' '{sender}', where the route's application may act for all mailboxes.")

    @Argument(help: "The route.") var name: String
    @Argument(help: "Of envelope senders, as they leave: *@example.org.", transform: Arguments.pattern)
    var pattern: AddressPattern
    @Argument(help: "The user name at the next host; {sender} for the sender's own address.")
    var user: String
    @Flag(help: "Read its password from standard input, one line; without, the route's application acts for it.")
    var passwordStdin = false
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let password = passwordStdin ? try PasswordInput.read() : nil
        let view = try await data.perform(
            SetRouteIdentity(route: name, pattern: pattern, user: user, password: password), reason: reason.reason)
        if format.json { return try Output.json([view]) }
        Output.line("route \(name) hands on mail of \(pattern) as \(user)")
    }
}
