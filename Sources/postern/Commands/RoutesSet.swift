import ArgumentParser
import MailModel
import OutboundPolicy
import PosternRuntime

struct RoutesSet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Change what is given of a route; switch it on or off.")

    @Argument(help: "The route.") var name: String
    @Flag(help: "Mail takes it again.") var on = false
    @Flag(help: "No mail takes it; what waits for it takes another.") var off = false
    @Option(help: "HOST:PORT of the smarthost; the password has to be given again for another host.", transform: Arguments.hostAndPort)
    var smarthost: HostAndPort?
    @Option(help: "User name at the smarthost; \"\" for none.") var user: String?
    @Flag(help: "Read the smarthost's password from standard input, one line.") var passwordStdin = false
    @Option(help: "Only for envelope senders of this domain, in place of those before; may be repeated.", transform: Arguments.domain)
    var fromDomain: [DomainName] = []
    @Option(help: "Only for recipients of this domain, in place of those before; may be repeated.", transform: Arguments.domain)
    var toDomain: [DomainName] = []
    @Flag(help: "For all mail: without the domains before.") var allMail = false
    @Option(help: "Place among the routes; smaller comes first.") var order: Int?
    @Option(help: "Connections at a time to one site.") var connections: Int?
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func validate() throws {
        guard !(on && off) else { throw ValidationError("give one of --on and --off") }
        guard !allMail || (fromDomain.isEmpty && toDomain.isEmpty) else {
            throw ValidationError("--all-mail goes with neither --from-domain nor --to-domain")
        }
    }

    func run() async throws {
        let password = passwordStdin ? try PasswordInput.read() : nil
        let operation = ChangeRoute(
            route: name, enabled: on ? true : off ? false : nil, host: smarthost?.host, port: smarthost?.port, user: user,
            password: password, senderDomains: fromDomain.isEmpty && !allMail ? nil : fromDomain,
            recipientDomains: toDomain.isEmpty && !allMail ? nil : toDomain, order: order, connections: connections)
        let view = try await data.perform(operation, reason: reason.reason)
        if format.json { return try Output.json([view]) }
        Output.line("route \(name) \(view.disabled ? "is off" : view.isDefault ? "is the default route" : "is on")")
    }
}
