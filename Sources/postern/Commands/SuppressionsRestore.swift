import ArgumentParser
import MailModel
import PosternRuntime

struct SuppressionsRestore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Put back what was taken off in the last 90 days, as it was.")

    @Argument(transform: Arguments.address) var address: EmailAddress
    @OptionGroup var place: SuppressionPlaceOptions
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let operation = RestoreSuppression(address: address, place: place.scope, cause: place.cause)
        let view = try await data.perform(operation, reason: reason.reason)
        if format.json { return try Output.json([view]) }
        Output.line("\(address): \(view.changed) put back")
    }
}
