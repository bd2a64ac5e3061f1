import ArgumentParser
import MailModel
import PosternRuntime

struct DKIMAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Make a pair of keys for a domain, RSA-2048 and Ed25519, and print the records to publish.")

    @Argument(transform: Arguments.domain)
    var domain: DomainName
    @Option(help: "Beginning of both selectors; the month otherwise.")
    var selector: String?
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let keys = try await data.perform(AddDKIMKeys(domain: domain, selector: selector), reason: reason.reason)
        for key in keys { Output.line("\(key.recordName)\n  \(key.record)") }
        Output.line("Publish both as TXT; signing begins with the next message.")
    }
}
