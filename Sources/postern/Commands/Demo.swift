import ArgumentParser
import MailModel
import PosternRuntime
import SMTPProtocol
import Storage
import Synchronization

struct Demo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Submit a folder of messages to the running gate, and show where each recipient ended.",
        discussion: """
            They go in through a connector `demo` made for it, which may send as anyone, but only to the built-in receiver: nothing leaves \
            the machine.
            """)

    @Option(help: "A folder of .eml files; the examples that ship with Postern otherwise.")
    var messages: String?
    @Option(help: "Messages at most.")
    var count: Int?
    @Option(help: "Connections at a time, 1…100.")
    var connections = 4
    @Option(help: "How long to wait for the last recipient.", transform: Arguments.duration)
    var wait: Duration = .seconds(120)
    @OptionGroup var data: DataOptions

    func validate() throws {
        guard (1...100).contains(connections), count ?? 1 > 0 else {
            throw ValidationError("--connections takes 1 to 100, --count 1 or more")
        }
    }

    func run() async throws {
        let target = try await RunningGate.submission(data)
        try await DemoSetup.perform(data)
        let transactions = try DemoMessages.load(folder: messages, count: count)
        let start = Timestamp.now
        let accepted = try await submit(transactions, to: target)
        let rows = try await DemoOutcome.wait(data, since: start, recipients: accepted, patience: wait)
        DemoOutcome.print(rows)
        Output.line()
        LedgerText.print(try await data.perform(ShowLedger(verifies: false)))
        if rows.contains(where: { !DemoOutcome.isFinal($0.status) }) {
            throw AdministrationError(.failed, "some recipients are not final yet", "`postern queue list` shows them.")
        }
    }

    /// Returns how many recipients were accepted.
    private func submit(_ transactions: [ClientTransaction], to target: HostAndPort) async throws -> Int {
        let sender = MailSender(
            host: target.host, port: target.port ?? 25, helloName: "demo.localhost", tls: .none, connections: connections)
        let progress = DemoProgress(total: transactions.count)
        try await sender.send(transactions) { _, results in progress.finished(results) }
        return progress.end()
    }
}
