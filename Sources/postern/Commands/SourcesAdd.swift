import ArgumentParser
import MailModel
import OutboundPolicy
import PosternRuntime

struct SourcesAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Add an egress source; routes use it once they name it.")

    @Argument var name: String
    @Option(help: "Local IPv4 address to connect from; each node that has it can send.", transform: Arguments.ipAddress)
    var ipv4: IPAddress?
    @Option(help: "Local IPv6 address to connect from.", transform: Arguments.ipAddress)
    var ipv6: IPAddress?
    @Option(help: "The name in EHLO; each node's own where it is left out.", transform: Arguments.domain)
    var hello: DomainName?
    @Option(
        help: "ADDRESS:PORT of a SOCKS5 proxy to leave through; then the addresses above are the proxy's.", transform: Arguments.hostAndPort
    )
    var socks5: HostAndPort?
    @Option(help: "User name at the SOCKS5 proxy.")
    var proxyUser: String?
    @Flag(help: "Read its password from standard input, one line.")
    var proxyPasswordStdin = false
    @Option(help: "ADDRESS:PORT of HAProxy to leave through, told by PROXY version 2.", transform: Arguments.hostAndPort)
    var haproxy: HostAndPort?
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func validate() throws {
        guard socks5 == nil || haproxy == nil else { throw ValidationError("give --socks5 or --haproxy, not both") }
        guard (proxyUser != nil) == proxyPasswordStdin, proxyUser == nil || socks5 != nil else {
            throw ValidationError("--proxy-user goes with --proxy-password-stdin and --socks5")
        }
    }

    func run() async throws {
        var source = EgressSource(name: name, ipv4: ipv4, ipv6: ipv6, helloName: hello, createdAt: .now)
        if let given = socks5 ?? haproxy {
            guard let address = IPAddress(given.host), let port = given.port else {
                throw ValidationError("a proxy is given as ADDRESS:PORT")
            }
            source.proxy = EgressProxy(kind: socks5 == nil ? .haproxy : .socks5, address: address, port: port, userName: proxyUser)
        }
        let password = proxyPasswordStdin ? try PasswordInput.read() : nil
        let view = try await data.perform(AddSource(source: source, proxyPassword: password), reason: reason.reason)
        if format.json { return try Output.json([view]) }
        Output.line("source \(view.name) added; routes use it once they name it: postern routes sources ROUTE \(view.name)")
    }
}
