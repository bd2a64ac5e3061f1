import ArgumentParser
import DNSClient
import PosternRuntime

struct ReputationCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Ask the lists now, and look at the names of our addresses.",
        discussion: "Exits with 1 where something is listed or wrong.")

    @Option(help: ArgumentHelp("Ask this DNS server.", valueName: "address:port"), transform: Arguments.dnsServer)
    var resolver: DNSServerAddress?
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let rows = try await data.perform(CheckReputation(resolver: resolver), reason: reason.reason)
        try Reputation.show(rows, format)
        if rows.contains(where: { $0.state == .listed || $0.state == .wrong }) { throw ExitCode(CommandExit.failed.rawValue) }
    }
}
