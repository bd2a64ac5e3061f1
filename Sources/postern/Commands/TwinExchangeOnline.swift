import ArgumentParser
import Foundation
import PosternRuntime

struct TwinExchangeOnline: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exchange-online",
        abstract: "Exchange Online as a submission service: a tenant with mailboxes, and the gates that their mail passes.",
        discussion: """
            Without further settings the tenant is contoso.test with the mailboxes app, anna, ben and ceo, each with the password `twin`. \
            Prints a line that begins with `ready` once it takes mail; runs until SIGTERM or SIGINT.
            """)

    @OptionGroup var options: TwinOptions
    @Option(help: "External recipients of a mailbox in an hour, by the outbound policy (0: none).")
    var externalPerHour = 0
    @Option(help: "Internal recipients of a mailbox in an hour, by the outbound policy (0: none).")
    var internalPerHour = 0
    @Option(help: "Recipients of a mailbox in a day, by the outbound policy (0: none).")
    var recipientsPerDay = 0
    @Option(help: "What the outbound policy does: Alert, BlockUser or BlockUserForToday.")
    var action = "BlockUserForToday"
    @Option(
        name: .customLong("set"),
        help: ArgumentHelp(
            "A number of the model, such as errorsBeforeThrottle=5; may be repeated. docs/twin.md lists them.", valueName: "name=number"))
    var settings: [String] = []

    @Option(help: ArgumentHelp("Mailboxes in place of those four, CSV or YAML; docs/twin.md has the fields.", valueName: "file"))
    var mailboxes: String?

    @Option(
        help: ArgumentHelp("A right at the start, such as app@contoso.test=you@example.org; may be repeated.", valueName: "mailbox=address")
    )
    var sendAs: [String] = []

    func run() async throws {
        var twin = ExchangeTwinSettings()
        twin.host = options.host
        twin.port = options.port
        if let problem = twin.configure(
            numbers: settings, externalPerHour: externalPerHour, internalPerHour: internalPerHour, recipientsPerDay: recipientsPerDay,
            action: action)
        {
            throw ValidationError(problem)
        }
        if let mailboxes {
            guard let text = FileManager.default.contents(atPath: mailboxes) else { throw ValidationError("\(mailboxes) cannot be read") }
            do {
                try twin.replaceMailboxes(String(decoding: text, as: UTF8.self))
            } catch let error as TwinMailboxFile.Mistake {
                throw ValidationError("\(mailboxes): \(error)")
            }
        }
        for right in sendAs where !twin.grant(right) { throw ValidationError("\(right) is no mailbox of the twin and an address") }
        let service = ExchangeTwinService(
            twin, clock: try options.makeClock(), httpPort: options.httpPort, logger: TwinRun.logger,
            onReady: { smtp, http in options.announce("exchange-online", smtp: smtp, http: http) })
        try await TwinRun.run(service)
    }
}
