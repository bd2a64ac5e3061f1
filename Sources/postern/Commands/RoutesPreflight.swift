import ArgumentParser
import MailModel
import PosternRuntime

struct RoutesPreflight: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "preflight",
        abstract: "Walk the way of a route up to a recipient (DNS, token, TLS, sign-in, envelope, limits) and say which step is missing.",
        discussion: "No message is sent: after the recipient, RSET is said.")

    @Argument var name: String
    @Option(help: "An address to send as; else the name as which the route signs in.", transform: Arguments.address)
    var sender: EmailAddress?
    @Option(help: "An address to ask for; else the same. Its domain names the MX hosts.", transform: Arguments.address)
    var recipient: EmailAddress?
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let steps = try await data.perform(PreflightRoute(route: name, sender: sender, recipient: recipient))
        try format.print(steps, ["STAGE", "RESULT", "WHAT", "TO DO"], empty: "Nothing was tried.") {
            [$0.stage, $0.ok ? $0.warning == true ? "warning" : "ok" : "failed", $0.text, $0.advice ?? ""]
        }
        if !steps.contains(where: \.ok) || steps.last?.ok != true { throw ExitCode(CommandExit.failed.rawValue) }
    }
}
