import ArgumentParser
import MailModel
import PosternRuntime

struct Subscribers: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "People on lists, and what they agreed to.",
        subcommands: [
            SubscribersShow.self, SubscribersExport.self, SubscribersUnsubscribe.self, SubscribersSubscribe.self, SubscribersConsent.self,
            SubscribersErase.self,
        ])
}

struct SubscribersShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show a person's lists and consent ledger.")

    @Argument(transform: Arguments.address)
    var address: EmailAddress
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let person = try await data.perform(ShowSubscriber(address: address))
        if format.json { return try Output.json([person]) }
        Output.line(Output.printable(person.address))
        for list in person.lists {
            Output.line(
                "  \(list.list): \(list.subscribed ? "subscribed" : "unsubscribed"), consent \(list.consent), tracking \(list.trackingConsent), \(Output.printable(list.broughtBy))"
            )
            for (name, value) in list.attributes.sorted(by: { $0.key < $1.key }) {
                Output.line("    \(Output.printable("\(name): \(value)"))")
            }
        }
        Output.table(
            ["TIME", "ACT", "WHAT", "BASIS", "LIST", "SOURCE", "EXPIRES"],
            person.consent.map {
                [
                    Output.time($0.time), $0.act, $0.subject, $0.basis, $0.list.isEmpty ? "all" : $0.list, $0.source,
                    $0.expires.isEmpty ? "never" : Output.time($0.expires),
                ]
            },
            empty: "The ledger says nothing of them.")
    }
}

struct SubscribersExport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "export", abstract: "All that is known of a person, as JSON, to hand out.")

    @Argument(transform: Arguments.address)
    var address: EmailAddress
    @OptionGroup var data: DataOptions

    func run() async throws { try Output.json([try await data.perform(ShowSubscriber(address: address))]) }
}

struct SubscribersUnsubscribe: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "unsubscribe", abstract: "Take somebody off a list.")

    @Argument(transform: Arguments.address)
    var address: EmailAddress
    @Option(name: .customLong("list"))
    var name: String
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let affected = try await data.perform(SetSubscription(list: name, address: address, subscribed: false), reason: reason.reason)
        Output.line(affected.count > 0 ? "\(address) gets no more mail of \(name)" : "\(address) got no mail of \(name) before")
    }
}

struct SubscribersSubscribe: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "subscribe", abstract: "Put somebody back on a list who left it, and now asks for it.")

    @Argument(transform: Arguments.address)
    var address: EmailAddress
    @Option(name: .customLong("list"))
    var name: String
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let affected = try await data.perform(SetSubscription(list: name, address: address, subscribed: true), reason: reason.reason)
        Output.line(affected.count > 0 ? "\(address) gets mail of \(name) again" : "\(address) got mail of \(name) before")
    }
}

struct SubscribersErase: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "erase", abstract: "Forget a person: off all lists, and out of the ledger.")

    @Argument(transform: Arguments.address)
    var address: EmailAddress
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let affected = try await data.perform(EraseSubscriber(address: address), reason: reason.reason)
        Output.line("\(address) is forgotten; they were on \(affected.count) lists")
    }
}
