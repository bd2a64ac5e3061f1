import ArgumentParser
import MailModel
import PosternRuntime

struct SessionsList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the sessions of the console, newest first.")

    @Option(help: "Only those of this account.", transform: Arguments.address)
    var account: EmailAddress?
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let sessions = try await data.perform(ListSessions(account: account))
        try format.print(
            sessions, ["SESSION", "ACCOUNT", "FROM", "SINCE", "LAST SEEN", "SECOND FACTOR", "BROWSER"], empty: "Nobody is signed in."
        ) {
            [
                $0.id, $0.account, $0.address, Output.time($0.began), Output.time($0.seen), $0.secondFactor ? "yes" : "no", $0.agent,
            ]
        }
    }
}
