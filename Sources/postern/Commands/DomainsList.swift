import ArgumentParser
import PosternRuntime

struct DomainsList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the accepted domains.")

    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let domains = try await data.perform(ListDomains())
        try format.print(
            domains, ["DOMAIN", "SUBDOMAINS", "RECIPIENTS", "HOST"], empty: "No accepted domains: every recipient is external."
        ) {
            [$0.domain, $0.subdomains ? "yes" : "no", $0.isChecked ? "known ones" : "all", $0.host.isEmpty ? "by route" : $0.host]
        }
    }
}
