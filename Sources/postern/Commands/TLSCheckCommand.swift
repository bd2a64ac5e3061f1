import ArgumentParser
import MailModel
import PosternRuntime

struct TLSCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Say which TLS policy holds for a domain (DANE, MTA-STS), and whether its mail hosts keep it.",
        discussion: "The hosts are connected to; no message is sent.")

    @Argument(transform: Arguments.domain) var domain: DomainName
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let check = try await data.perform(CheckTLS(domain: domain))
        if format.json {
            try Output.json([check])
        } else {
            Output.line("Policy    \(check.policy)\(check.mtaSTSMode.map { ", MTA-STS in mode \($0)" } ?? "")")
            Output.line("MX        \(check.isSecureMX ? "secure by DNSSEC" : "not secure by DNSSEC")")
            if let fault = check.mtaSTSFault { Output.line("MTA-STS   \(fault)") }
            if let failure = check.failure { Output.line("Failure   \(failure)") }
            Output.table(
                ["HOST", "ADDRESS", "DEMAND", "TLS", "RESULT", "WHAT"],
                check.hosts.map { [$0.host, $0.address, $0.demand, $0.version ?? "-", $0.passes ? "ok" : "failed", $0.text] }, empty: "")
        }
        if !check.passes { throw ExitCode(CommandExit.failed.rawValue) }
    }
}
