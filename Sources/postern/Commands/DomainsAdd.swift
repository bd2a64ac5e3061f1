import ArgumentParser
import MailModel
import OutboundPolicy
import PosternRuntime

struct DomainsAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "add", abstract: "Add an accepted domain.")

    @Argument(transform: Arguments.domain)
    var domain: DomainName
    @Flag(help: "Its subdomains too.")
    var subdomains = false
    @Option(help: "HOST:PORT that its mail goes to; the routes decide otherwise.", transform: Arguments.hostAndPort)
    var host: HostAndPort?
    @Option(help: "none, opportunistic, encrypt or verify.", transform: Arguments.tls)
    var tls: TLSRequirement = .opportunistic
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        var accepted = AcceptedDomain(name: domain)
        accepted.includesSubdomains = subdomains
        accepted.nextHop = host.map { NextHop(host: $0.host, port: $0.port ?? 25, tls: tls) }
        let view = try await data.perform(AddDomain(domain: accepted), reason: reason.reason)
        Output.line("domain \(view.domain) added\(view.host.isEmpty ? "" : ", delivered to \(view.host)")")
    }
}
