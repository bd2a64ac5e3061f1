import ArgumentParser
import MailModel
import PosternRuntime

struct DomainsRemove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "remove", abstract: "Remove an accepted domain.")

    @Argument(transform: Arguments.domain)
    var domain: DomainName
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        _ = try await data.perform(RemoveDomain(domain: domain), reason: reason.reason)
        Output.line("domain \(domain) removed")
    }
}
