import Console
import MailModel
import OutboundPolicy

struct SignInProviderInput: Decodable, Sendable {
    /// The provider's name.
    var provider: String
    var label: String?
    /// Of a new one, this and the client's id are wanted.
    var issuer: String?
    var clientID: String?
    /// Empty: a client without one.
    var secret: String?
    var scopes: [String]?
    var addressClaim: String?
    var trustsAddress: Bool?
    var groupsClaim: String?
    /// GROUP=ROLE.
    var groupRoles: [String]?
    var createsAccounts: Bool?
    var endsPasswords: Bool?
    var allowsPrivateAddresses: Bool?
    var enabled: Bool?

    var change: SignInProviderChange {
        var change = SignInProviderChange()
        change.label = label
        change.issuer = issuer
        change.clientID = clientID
        change.secret = secret
        change.scopes = scopes
        change.addressClaim = addressClaim
        change.trustsAddress = trustsAddress
        change.groupsClaim = groupsClaim
        change.groupRoles = groupRoles
        change.createsAccounts = createsAccounts
        change.endsPasswords = endsPasswords
        change.allowsPrivateAddresses = allowsPrivateAddresses
        change.enabled = enabled
        return change
    }
}

extension APIRoutes {
    var signInRoutes: [APIRoute] {
        [
            list(
                "/v1/sign-in-providers", "List the providers by which people sign in to the console", PageInput.self,
                operation: { _ in ListSignInProviders() }, page: { try $0.page($1) { $0.name } }),
            route(
                Way(.post, "/v1/sign-in-providers", "Add an OpenID Connect provider", status: 201), SignInProviderInput.self,
                location: { "/v1/sign-in-providers/\($0.name)" },
                operation: { input, _ in AddSignInProvider(provider: input.provider, change: input.change) }),
            route(Way(.patch, "/v1/sign-in-providers/{provider}", "Change what is given of a provider"), SignInProviderInput.self) {
                input, _ in
                ChangeSignInProvider(provider: input.provider, change: input.change)
            },
            route(Way(.delete, "/v1/sign-in-providers/{provider}", "Remove a provider", status: 204), RemoveSignInProvider.self),
            route(
                Way(.post, "/v1/sign-in-providers/{provider}/check", "Ask a provider for its description and keys"),
                CheckSignInProvider.self),
            route(
                Way(.post, "/v1/accounts/{address}/sign-in/unlink", "Free an account from the person at a provider to whom it belonged"),
                UnlinkSignIn.self),
        ]
    }
}
