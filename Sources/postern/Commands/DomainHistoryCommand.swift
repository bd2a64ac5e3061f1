import ArgumentParser
import MailModel
import PosternRuntime

struct DomainHistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "What changed in what receivers find about an own domain, and when.",
        discussion: "A running gate looks once a day; `postern domain check DOMAIN --keep` looks now.")

    @Argument(transform: Arguments.domain)
    var domain: DomainName
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let view = try await data.perform(ShowDomainHistory(domain: domain))
        if format.json { return try Output.json([view]) }
        Output.table(
            ["WHEN", "STATE", "WHAT"],
            view.history.map { [Output.time($0.at), $0.state, $0.changes.isEmpty ? "First look" : $0.changes.joined(separator: " ")] },
            empty: "Nobody has looked at it yet.")
    }
}
