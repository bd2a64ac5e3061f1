import ArgumentParser
import MailModel
import PosternRuntime

struct SuppressionsErase: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "erase", abstract: "Forget an address and keep its hash, by which it is still not written to.")

    @Argument(transform: Arguments.address) var address: EmailAddress
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let view = try await data.perform(EraseSuppression(address: address), reason: reason.reason)
        if format.json { return try Output.json([view]) }
        Output.line("\(view.changed) entries hold a hash alone from now on")
    }
}
