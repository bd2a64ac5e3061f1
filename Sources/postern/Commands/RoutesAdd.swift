import ArgumentParser
import MailModel
import OutboundPolicy
import PosternRuntime

struct RoutesAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Add a route; the newest without conditions is the default route.")

    @Argument var name: String
    @Option(help: "HOST:PORT to hand all its mail to; without a port 587 where it signs in, else 25.", transform: Arguments.hostAndPort)
    var smarthost: HostAndPort?
    @Flag(help: "Hand it on by Microsoft Graph (sendMail), as the mailbox of --user; needs --oauth microsoft, no SMTP AUTH.")
    var graph = false
    @Flag(help: "Hand it on by the Gmail API, as the mailbox of --user; needs --oauth google.")
    var gmailApi = false
    @Flag(help: "Deliver to the MX hosts of the recipient's domain.")
    var mx = false
    @Flag(help: "Hand it to the receiver inside Postern.")
    var builtIn = false
    @Option(help: "Only for envelope senders of this domain; may be repeated.", transform: Arguments.domain)
    var fromDomain: [DomainName] = []
    @Option(help: "Only for recipients of this domain; may be repeated.", transform: Arguments.domain)
    var toDomain: [DomainName] = []
    @Option(help: "none, opportunistic (the default), encrypt or verify.", transform: Arguments.tls)
    var tls: TLSRequirement?
    @Flag(help: "TLS from the first byte to the smarthost; so at port 465 in any case.")
    var implicitTls = false
    @Option(help: "User name at the smarthost.")
    var user: String?
    @Flag(help: "Read the smarthost's password from standard input, one line.")
    var passwordStdin = false
    @Option(help: "Sign in with tokens in place of a password: microsoft or google.", transform: Arguments.oauthProvider)
    var oauth: OAuthCredential.Provider?
    @Option(help: "Directory (tenant) id at Microsoft.")
    var tenant: String?
    @Option(help: "Application (client) id.")
    var clientId: String?
    @Flag(
        help: """
            Read the secret from standard input to its end. Microsoft: the client secret, or PEM with key and certificate. Google: a service \
            account's JSON key, or client secret and refresh token, a line each.
            """)
    var secretStdin = false
    @Option(help: "Where tokens are asked for; else the provider's own endpoint.")
    var tokenUrl: String?
    @Option(help: "Egress source that its mail may leave from; may be repeated, the preferred first.")
    var source: [String] = []
    @Option(help: "Connections at a time to one site.")
    var connections: Int?
    @Option(help: "Place among the routes; smaller comes first.")
    var order: Int?
    @Flag(help: "No mail takes it before `routes set --on`: to be tried first.")
    var off = false
    @Flag(help: "Allow MX hosts on private and other special addresses.")
    var allowSpecialAddresses = false
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func validate() throws {
        // With an API, a smarthost is another cloud's host for it.
        guard [smarthost != nil && !graph && !gmailApi, mx, builtIn, graph, gmailApi].count(where: \.self) == 1 else {
            throw ValidationError("give exactly one of --smarthost HOST:PORT, --graph, --gmail-api, --mx and --built-in")
        }
        guard (oauth != nil) == secretStdin else { throw ValidationError("--oauth goes with --secret-stdin") }
        guard oauth != nil || (tenant == nil && clientId == nil && tokenUrl == nil) else {
            throw ValidationError("--tenant, --client-id and --token-url go with --oauth")
        }
    }

    func run() async throws {
        var route = Route(name: name, kind: kind, createdAt: .now, senderDomains: fromDomain, recipientDomains: toDomain)
        if let tls { route.tls = tls }
        if let connections { route.connectionsMax = connections }
        if let order { route.order = order }
        route.allowsSpecialAddresses = allowSpecialAddresses
        route.sources = source
        route.isDisabled = off
        let password = passwordStdin ? try PasswordInput.read() : nil
        let account = try oauth.map {
            OAuthAccount(provider: $0, tenant: tenant, clientID: clientId, secret: try SecretInput.read(), tokenURL: tokenUrl)
        }
        let view = try await data.perform(AddRoute(route: route, password: password, oauth: account), reason: reason.reason)
        Output.line("route \(view.name) added\(view.isDefault ? "; it is the default route now" : "")")
        if let notice = view.notice { Output.line(notice) }
    }

    private var kind: Route.Kind {
        if mx { return .mx }
        if graph || gmailApi {
            let api: HopAPI = graph ? .graph : .gmail
            return .smarthost(.api(api, host: smarthost?.host, port: smarthost?.port, tls: tls, userName: user))
        }
        guard let smarthost else { return .builtIn }
        let port = smarthost.port ?? (user == nil && oauth == nil ? 25 : 587)
        let isImplicit = implicitTls || port == 465
        // With a password the connection has to be safe; without one, opportunistic TLS is better than none.
        let requirement = tls ?? (user != nil ? .verify : .opportunistic)
        return .smarthost(NextHop(host: smarthost.host, port: port, tls: requirement, isImplicitTLS: isImplicit, userName: user))
    }
}
