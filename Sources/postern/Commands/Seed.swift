import ArgumentParser
import MailModel
import PosternRuntime
import Storage

struct Seed: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Fill the store of a stopped gate with made-up mail, for measurements and tests.",
        discussion: """
            Its addresses lie below .test, which leads nowhere; a route that takes all mail takes it too. It is refused where the store \
            holds mail, unless --in-use is given.
            """,
        shouldDisplay: false)

    @Option(help: "Recipients to queue.")
    var queued: Int
    @Option(help: "Recipients of each message.")
    var recipientsPerMessage = 1
    @Option(help: "Octets of each message.")
    var messageBytes = 4096
    @Flag(help: "All are due already; otherwise they were deferred, and fall due in one to two hours.")
    var due = false
    @Flag(help: "Also where the store holds mail.")
    var inUse = false
    @OptionGroup var data: DataOptions

    func validate() throws {
        guard (1...100_000_000).contains(queued), (1...100_000).contains(recipientsPerMessage),
            (512...16_777_216).contains(messageBytes)
        else {
            throw ValidationError(
                "--queued takes 1 to 100000000, --recipients-per-message 1 to 100000, --message-bytes 512 to 16777216")
        }
    }

    func run() async throws {
        guard case .store(let store) = try await AdministrationAccess.open(data.directory) else {
            throw AdministrationError(.conflict, "a gate runs on \(data.directory)", "Stop it first.")
        }
        do {
            if !inUse, try await store.read({ try $0.newestMessage() }) != nil {
                throw AdministrationError(.conflict, "the store of \(data.directory) holds mail", "--in-use adds to it.")
            }
            let seed = QueueSeed(
                recipients: queued, recipientsPerMessage: recipientsPerMessage, messageBytes: messageBytes, isDue: due,
                node: store.settings.node.id ?? 1)
            try await seed.fill(store, now: .now)
            await store.close()
            Output.line("\(queued) recipients of \(seed.messages) messages queued")
        } catch {
            await store.close()
            throw error
        }
    }
}
