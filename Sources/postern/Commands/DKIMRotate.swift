import ArgumentParser
import MailModel
import PosternRuntime

struct DKIMRotate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate", abstract: "Make a new pair of keys that signs in place of the old one once DNS has its records.")

    @Argument(transform: Arguments.domain)
    var domain: DomainName
    @Option(help: "Beginning of both selectors; the month otherwise.")
    var selector: String?
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let keys = try await data.perform(RotateDKIM(domain: domain, selector: selector), reason: reason.reason)
        for key in keys { Output.line("\(key.recordName)\n  \(key.record)") }
        Output.line("Publish both as TXT. The gate looks each hour, and signs with them once they have been there for an hour.")
    }
}
