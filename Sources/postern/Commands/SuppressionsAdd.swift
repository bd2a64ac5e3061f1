import ArgumentParser
import MailModel
import PosternRuntime

struct SuppressionsAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "add", abstract: "Put an address on the list.")

    @Argument(transform: Arguments.address) var address: EmailAddress
    @OptionGroup var place: SuppressionPlaceOptions
    @Option(help: "For how many days; for ever where it is left out.") var days: Int?
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let operation = AddSuppression(address: address, place: place.scope, cause: place.cause, days: days)
        let view = try await data.perform(operation, reason: reason.reason)
        if format.json { return try Output.json([view]) }
        Output.line("\(address) is on the list (\(view.scope), \(view.reason.rawValue))")
    }
}
