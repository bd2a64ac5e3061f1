import ArgumentParser
import MailModel
import PosternRuntime

struct SessionsEnd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "end", abstract: "End a session of the console, or all of an account.")

    @Argument(transform: Arguments.address)
    var account: EmailAddress
    @Option(help: "As `postern sessions list` shows it; all of the account otherwise.")
    var session: String?
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let affected = try await data.perform(EndSessions(account: account, session: session), reason: reason.reason)
        Output.line("\(affected.count) sessions of \(account) ended")
    }
}
