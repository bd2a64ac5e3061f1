import ArgumentParser
import MailModel
import PosternRuntime

struct DKIMRemove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Remove a key. Leave its record published for a week: mail signed with it is still under way.")

    @Argument(transform: Arguments.domain)
    var domain: DomainName
    @Argument var selector: String
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        _ = try await data.perform(RemoveDKIMKey(domain: domain, selector: selector), reason: reason.reason)
        Output.line("DKIM key \(selector)._domainkey.\(domain) removed")
    }
}
