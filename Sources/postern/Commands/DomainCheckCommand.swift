import ArgumentParser
import DNSClient
import DomainHealth
import MailModel
import PosternRuntime

struct DomainCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Look at SPF, DKIM, DMARC, MX, MTA-STS, TLS-RPT, DANE, DNSSEC, BIMI and reverse names, and print the records to publish.",
        discussion: """
            Works for any domain, and without a data directory; then nothing is known of your own addresses, keys and routes. \
            Exits with 1 where something is found for which receivers refuse mail.
            """)

    @Argument(transform: Arguments.domain)
    var domain: DomainName
    @Option(help: ArgumentHelp("Ask this DNS server.", valueName: "address:port"), transform: Arguments.dnsServer)
    var resolver: DNSServerAddress?
    @Option(help: "A DKIM key that is not Postern's; may be repeated.")
    var selector: [String] = []
    @Flag(help: "Of an own domain: keep what is found, for its history and the console.")
    var keep = false
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func validate() throws {
        if keep, resolver != nil || !selector.isEmpty { throw ValidationError("--keep looks by the settings alone") }
    }

    private func report() async throws -> DomainReport {
        if keep { return try await data.perform(LookAtDomain(domain: domain)) }
        let operation = CheckDomain(domain: domain, selectors: selector, resolver: resolver)
        return data.isAbsent ? try await operation.perform(at: .now) : try await data.perform(operation)
    }

    func run() async throws {
        let report = try await report()
        if format.json {
            try Output.json([report])
        } else {
            for line in DomainReportText.lines(report) { Output.line(Output.printable(line)) }
        }
        if report.state == .failing { throw ExitCode(CommandExit.failed.rawValue) }
    }
}
