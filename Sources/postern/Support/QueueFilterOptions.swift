import ArgumentParser
import DeliveryPlanning
import MailModel
import PosternRuntime
import Storage

/// Which recipients of the queue a command is for.
struct QueueFilterOptions: ParsableArguments {
    @Argument(help: "A message, or one recipient of it (message/number).", transform: Arguments.messageOrRecipient)
    var id: MessageOrRecipient?
    @Option(help: "As the trace names it.")
    var sender: String?
    @Option(help: "Of the recipients.", transform: Arguments.domain)
    var domain: DomainName?

    var filter: QueueFilter {
        var filter = QueueFilter()
        filter.message = id?.message
        filter.recipientIndex = id?.index
        filter.sender = sender
        filter.domain = domain
        return filter
    }

    var isEmpty: Bool { id == nil && sender == nil && domain == nil }
}

/// What hold, release, retry and cancel have in common.
struct QueueActOptions: ParsableArguments {
    @OptionGroup var filter: QueueFilterOptions
    @Flag(help: "Every recipient in the queue.")
    var all = false
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func validate() throws {
        if filter.isEmpty != all { throw ValidationError("name a message, --sender or --domain; or --all") }
    }

    func perform(_ verb: QueueVerb, done: String) async throws {
        let outcome = try await data.perform(ActOnQueue(verb: verb, filter: filter.filter), reason: reason.reason)
        Output.line("\(outcome.count) \(outcome.count == 1 ? "recipient" : "recipients") \(done)")
        if outcome.count == 0, !all {
            throw AdministrationError(.notFound, "no recipient in the queue matches", "`postern queue list` shows those there are.")
        }
    }
}
