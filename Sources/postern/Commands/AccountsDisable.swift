import ArgumentParser
import MailModel
import PosternRuntime

struct AccountsDisable: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "disable", abstract: "Disable an account; its queued mail stays.")

    @Argument(transform: Arguments.address)
    var address: EmailAddress
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        Accounts.show(try await data.perform(SetAccountEnabled(address: address, isEnabled: false), reason: reason.reason), "disabled")
    }
}
