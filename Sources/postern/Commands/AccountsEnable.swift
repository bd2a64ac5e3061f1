import ArgumentParser
import MailModel
import PosternRuntime

struct AccountsEnable: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "enable", abstract: "Enable an account again.")

    @Argument(transform: Arguments.address)
    var address: EmailAddress
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        Accounts.show(try await data.perform(SetAccountEnabled(address: address, isEnabled: true), reason: reason.reason), "enabled")
    }
}
