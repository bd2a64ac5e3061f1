import ArgumentParser
import PosternRuntime

struct SignInAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "add", abstract: "Add a provider.")

    @Argument(help: "Letters, digits, dots, hyphens and underscores; stands in the address that the provider leads back to.")
    var name: String
    @Argument(help: "As its tokens name it, such as https://login.example.org/realms/staff.")
    var issuer: String
    @Argument(help: "The client id that the provider gave to this gate.")
    var clientId: String
    @OptionGroup var options: SignInProviderOptions
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        var change = try options.change()
        change.issuer = issuer
        change.clientID = clientId
        let view = try await data.perform(AddSignInProvider(provider: name, change: change), reason: reason.reason)
        if format.json { return try Output.json([view]) }
        Output.line("\(view.title) added. Register this at the provider, behind the address of the console: \(view.returnPath)")
        Output.line("`postern sign-in check \(name)` asks it for its description and keys.")
    }
}

struct SignInSet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "set", abstract: "Change what is given of a provider.")

    @Argument var name: String
    @Option(help: "Another issuer.")
    var issuer: String?
    @Option(help: "Another client id.")
    var clientId: String?
    @OptionGroup var options: SignInProviderOptions
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        var change = try options.change()
        change.issuer = issuer
        change.clientID = clientId
        _ = try await data.perform(ChangeSignInProvider(provider: name, change: change), reason: reason.reason)
        Output.line("\(name) changed")
    }
}
