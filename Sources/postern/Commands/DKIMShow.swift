import ArgumentParser
import MailModel
import PosternRuntime

struct DKIMShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Print the TXT records to publish.")

    @Argument(help: "Of this domain; of all otherwise.", transform: Arguments.domain)
    var domain: DomainName?
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let keys = try await data.perform(ListDKIMKeys(domain: domain))
        if format.json { return try Output.json(keys) }
        guard !keys.isEmpty else {
            throw AdministrationError(
                .notFound, "there are no DKIM keys\(domain.map { " of \($0)" } ?? "")", "`postern dkim add` makes them.")
        }
        for key in keys { Output.line("\(key.recordName)\n  \(key.record)") }
    }
}
