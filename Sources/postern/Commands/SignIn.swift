import ArgumentParser
import PosternRuntime

struct SignIn: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign-in", abstract: "OpenID Connect providers by which people sign in to the console.",
        subcommands: [
            SignInAdd.self, SignInSet.self, SignInList.self, SignInCheck.self, SignInEnable.self, SignInDisable.self, SignInRemove.self,
            SignInUnlink.self,
        ])
}

/// What `add` and `set` take.
struct SignInProviderOptions: ParsableArguments {
    @Option(help: "What the sign-in page calls it.")
    var label: String?
    @Option(help: "The claim that holds the address; email unless said otherwise.")
    var addressClaim: String?
    @Flag(inversion: .prefixedNo, help: "Take the claim email also where the provider does not say that it verified it.")
    var trustAddress: Bool?
    @Option(help: "Asked for beside openid; may be repeated. Else email and profile.")
    var scope: [String] = []
    @Option(help: "The claim that names groups, such as groups or realm_access.roles.")
    var groupsClaim: String?
    @Option(help: "GROUP=ROLE: whoever is in the group has the role while signed in; may be repeated.")
    var groupRole: [String] = []
    @Flag(inversion: .prefixedNo, help: "Make accounts at the first sign-in, for addresses in accepted domains, without roles.")
    var createAccounts: Bool?
    @Flag(inversion: .prefixedNo, help: "Accounts that have signed in here do not sign in to the console by password any more.")
    var endPasswords: Bool?
    @Flag(inversion: .prefixedNo, help: "Allow loopback, private and other special addresses, and plain http to those.")
    var allowPrivate: Bool?
    @Flag(help: "Read the client's secret from standard input, one line.")
    var secretStdin = false
    @Flag(help: "It is a client without a secret.")
    var noSecret = false

    func change() throws -> SignInProviderChange {
        var change = SignInProviderChange()
        change.label = label
        change.addressClaim = addressClaim
        change.trustsAddress = trustAddress
        change.scopes = scope.isEmpty ? nil : scope
        change.groupsClaim = groupsClaim
        change.groupRoles = groupRole.isEmpty ? nil : groupRole
        change.createsAccounts = createAccounts
        change.endsPasswords = endPasswords
        change.allowsPrivateAddresses = allowPrivate
        if secretStdin {
            change.secret = try PasswordInput.read()
        } else if noSecret {
            change.secret = ""
        }
        return change
    }
}
