import ArgumentParser
import MailModel
import PosternRuntime

struct SuppressionsRemove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Take an address off the list, for all scopes and reasons or one.")

    @Argument(transform: Arguments.address) var address: EmailAddress
    @OptionGroup var place: SuppressionPlaceOptions
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let operation = RemoveSuppression(address: address, place: place.scope, cause: place.cause)
        let view = try await data.perform(operation, reason: reason.reason)
        if format.json { return try Output.json([view]) }
        Output.line("\(address): \(view.changed) taken off; `postern suppressions restore \(address)` puts back what was there")
    }
}
