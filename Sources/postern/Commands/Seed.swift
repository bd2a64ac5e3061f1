import ArgumentParser
import MailModel
import PosternRuntime
import Storage

struct Seed: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Fill the store of a stopped gate with made-up mail, for measurements, tests and pictures.",
        discussion: """
            --queued fills the queue. --events makes an organisation with two weeks of history: people, connectors, routes, policies, what \
            became of their mail, and some trouble. Its addresses lie below .test, which leads nowhere; a route that takes all mail takes it \
            too. It is refused where the store holds mail, unless --in-use is given.
            """,
        shouldDisplay: false)

    @Option(help: "Recipients to queue.")
    var queued: Int?
    @Option(help: "Entries of the trace to make.")
    var events: Int?
    @Option(help: "The same number makes the same history.")
    var seed: UInt64 = 1
    @Option(help: "With --events: the administrator's address; admin@northwind.test unless given.", transform: Arguments.address)
    var administrator: EmailAddress?
    @Flag(help: "With --events: the administrator's password comes from standard input; otherwise one is made and shown once.")
    var passwordStdin = false
    @Option(help: "With --queued: recipients of each message.")
    var recipientsPerMessage = 1
    @Option(help: "With --queued: octets of each message.")
    var messageBytes = 4096
    @Flag(help: "With --queued: all are due already; otherwise they were deferred, and fall due in one to two hours.")
    var due = false
    @Flag(help: "Also where the store holds mail.")
    var inUse = false
    @OptionGroup var data: DataOptions

    func validate() throws {
        guard queued != nil || events != nil else { throw ValidationError("give --queued, --events or both") }
        guard (1...100_000_000).contains(queued ?? 1), (1...100_000).contains(recipientsPerMessage),
            (512...16_777_216).contains(messageBytes)
        else {
            throw ValidationError(
                "--queued takes 1 to 100000000, --recipients-per-message 1 to 100000, --message-bytes 512 to 16777216")
        }
        guard (1...100_000_000).contains(events ?? 1) else { throw ValidationError("--events takes 1 to 100000000") }
    }

    func run() async throws {
        let password = passwordStdin ? try PasswordInput.read() : nil
        guard case .store(let store) = try await AdministrationAccess.open(data.directory) else {
            throw AdministrationError(.conflict, "a gate runs on \(data.directory)", "Stop it first.")
        }
        do {
            if !inUse, try await store.read({ try $0.newestMessage() }) != nil {
                throw AdministrationError(.conflict, "the store of \(data.directory) holds mail", "--in-use adds to it.")
            }
            let now = Timestamp.now
            if let events { try await fillHistory(events, store, password: password, now: now) }
            if let queued { try await fillQueue(queued, store, now: now) }
            await store.close()
        } catch {
            await store.close()
            throw error
        }
    }

    private func fillHistory(_ events: Int, _ store: OpenStore, password: String?, now: Timestamp) async throws {
        let directory = SeedDirectory(store.administration, actor: LocalUser.actor, now: now)
        let made = try await directory.administrator(administrator, password: password)
        try await directory.fill()
        let history = HistorySeed(events: events, seed: seed, node: store.settings.node.id ?? 1)
        let target = store.store
        let report = try await BlockingWork.runLong { try history.fill(target, now: now) }
        Output.line("\(report.events) events of \(report.recipients) recipients in \(report.messages) messages made up")
        Output.line("administrator \(made.address)\(made.password.map { ", password \($0) (shown this once)" } ?? "")")
    }

    private func fillQueue(_ queued: Int, _ store: OpenStore, now: Timestamp) async throws {
        let seed = QueueSeed(
            recipients: queued, recipientsPerMessage: recipientsPerMessage, messageBytes: messageBytes, isDue: due,
            node: store.settings.node.id ?? 1)
        try await seed.fill(store, now: now)
        try await TraceDigestion.finish(store)
        Output.line("\(queued) recipients of \(seed.messages) messages queued")
    }
}
