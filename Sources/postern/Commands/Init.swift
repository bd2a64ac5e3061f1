import ArgumentParser
import MailModel
import PosternRuntime

struct Init: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a data directory: settings, secrets, certificate, store, first administrator.",
        discussion: "Running it again adds what is missing and changes nothing that is there.")

    @OptionGroup var data: DataOptions
    @Option(help: "The name that the gate greets with; the machine's own name otherwise.", transform: Arguments.domain)
    var hostName: DomainName?
    @Option(
        help: "Where the store lies: sqlite:FILE, or postgresql://USER@HOST/DATABASE, which several nodes share. A store in use is joined.")
    var storage: String?
    @Option(help: "A copy of secrets/master.key of a node that runs on the store: to join it.")
    var masterKey: String?
    @Option(help: "The node's number among those on one store, 0…255; a free one is taken otherwise.")
    var node: UInt8?
    @Option(help: "The first administrator's address; admin@HOSTNAME otherwise.", transform: Arguments.address)
    var admin: EmailAddress?
    @Option(help: "The domain to make DKIM keys for; the host name otherwise.", transform: Arguments.domain)
    var domain: DomainName?

    func run() async throws {
        let report = try await Initialization(
            directory: data.directory, hostName: hostName, node: node, administrator: admin, domain: domain, masterKeyFile: masterKey,
            storage: storage
        ).perform(now: .now)
        if report.isGateRunning {
            Output.line("A gate runs on \(data.directory); its store was left as it is.")
        } else if report.joinedExistingStore {
            Output.line("The store is in use already: joined, nothing in it was changed.")
        }
        for path in report.written { Output.line("wrote \(path)") }
        if !report.dkimKeys.isEmpty { showRecords(report.dkimKeys) }
        if let administrator = report.administrator, let password = report.password {
            Output.line(
                "\nAdministrator: \(administrator)\nPassword:      \(password)\nIt is shown this once. `postern accounts password` sets another."
            )
        }
        if report.administrator != nil {
            Output.line("\nUntil a route is set, all mail goes to the built-in receiver and none leaves the machine.")
            Output.line("Next: postern serve --data \(data.directory)")
        }
    }

    private func showRecords(_ keys: [DKIMKeyView]) {
        Output.line("\nDKIM records to publish, as TXT (`postern dkim show` prints them again):")
        for key in keys { Output.line("\(key.recordName)\n  \(key.record)") }
    }
}
