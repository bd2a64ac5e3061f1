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
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let source = EgressSource(name: name, ipv4: ipv4, ipv6: ipv6, helloName: hello, createdAt: .now)
        let view = try await data.perform(AddSource(source: source), reason: reason.reason)
        if format.json { return try Output.json([view]) }
        Output.line("source \(view.name) added; routes use it once they name it: postern routes sources ROUTE \(view.name)")
    }
}
