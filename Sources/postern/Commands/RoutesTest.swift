import ArgumentParser
import MailModel
import PosternRuntime

struct RoutesTest: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Try the way to a route's next host, stage by stage, without sending a message.")

    @Argument var name: String
    @Option(help: "An address to try; its domain names the MX hosts.", transform: Arguments.address)
    var recipient: EmailAddress?
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let steps = try await data.perform(TestRoute(route: name, recipient: recipient))
        try format.print(steps, ["STAGE", "RESULT", "WHAT"], empty: "Nothing was tried.") { [$0.stage, $0.ok ? "ok" : "failed", $0.text] }
        if steps.contains(where: { !$0.ok }) { throw ExitCode(CommandExit.failed.rawValue) }
    }
}
