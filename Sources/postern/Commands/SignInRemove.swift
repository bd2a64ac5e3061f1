import ArgumentParser
import MailModel
import PosternRuntime

struct SignInRemove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Remove a provider: its sessions end, and passwords count again.")

    @Argument var name: String
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        _ = try await data.perform(RemoveSignInProvider(provider: name), reason: reason.reason)
        Output.line("\(name) removed")
    }
}

struct SignInEnable: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "enable", abstract: "Let people sign in by a provider again.")

    @Argument var name: String
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        var change = SignInProviderChange()
        change.enabled = true
        _ = try await data.perform(ChangeSignInProvider(provider: name, change: change), reason: reason.reason)
        Output.line("\(name) is on")
    }
}

struct SignInDisable: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disable", abstract: "Let nobody sign in by a provider: its sessions end, and passwords count again.")

    @Argument var name: String
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        var change = SignInProviderChange()
        change.enabled = false
        _ = try await data.perform(ChangeSignInProvider(provider: name, change: change), reason: reason.reason)
        Output.line("\(name) is off")
    }
}

struct SignInUnlink: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unlink",
        abstract: "Free an account from the person at a provider to whom it belonged, as when an address changes hands.")

    @Argument(help: "The account's address.", transform: Arguments.address)
    var address: EmailAddress
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let outcome = try await data.perform(UnlinkSignIn(address: address), reason: reason.reason)
        Output.line(outcome.count == 0 ? "\(address) was linked to nobody" : "\(address) is linked to nobody any more")
    }
}
