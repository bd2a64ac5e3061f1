import Console
import Foundation
import MailModel
import OutboundPolicy

/// What a provider says of itself (OpenID Connect Discovery 1.0 §3), as far as it is used here.
struct ProviderDocument: Hashable, Sendable {
    /// Where a browser goes.
    var authorization: String
    var token: HTTPTarget
    var keys: HTTPTarget
    /// Where a browser goes to sign out there too (RP-Initiated Logout 1.0 §2.1); nil where that is not offered.
    var endSession: String?
    /// True where the secret stands in the form, since the provider does not take it in a header.
    var takesSecretInForm: Bool

    /// Where the document lies.
    static func address(of provider: SignInProvider) -> Result<HTTPTarget, HTTPFault> {
        let issuer = provider.issuer.hasSuffix("/") ? String(provider.issuer.dropLast()) : provider.issuer
        return HTTPTarget.read(
            "\(issuer)/.well-known/openid-configuration", allowsPrivateAddresses: provider.allowsPrivateAddresses ?? false)
    }

    init(_ body: [UInt8], of provider: SignInProvider) throws(SignInFault) {
        guard let json = try? JSONValue(json: Data(body)), case .object(let fields) = json else {
            throw .unavailable("discovery", "the discovery document is not the JSON that it should be")
        }
        // Mixed-up issuers are how one provider speaks for another (Discovery 1.0 §4.3).
        let issuer = fields["issuer"]?.string ?? ""
        guard issuer == provider.issuer else {
            throw .unavailable(
                "discovery-issuer", "the discovery document is of issuer \"\(issuer.prefix(200))\", and \(provider.issuer) is wanted")
        }
        let mayBePrivate = provider.allowsPrivateAddresses ?? false
        func target(_ name: String) throws(SignInFault) -> HTTPTarget {
            guard let url = fields[name]?.string else { throw .unavailable("discovery", "the discovery document has no \(name)") }
            switch HTTPTarget.read(url, allowsPrivateAddresses: mayBePrivate) {
            case .success(let target): return target
            case .failure(let fault): throw .unavailable("discovery", "\(name): \(fault.text)")
            }
        }
        token = try target("token_endpoint")
        keys = try target("jwks_uri")
        _ = try target("authorization_endpoint")
        authorization = fields["authorization_endpoint"]?.string ?? ""
        if let url = fields["end_session_endpoint"]?.string {
            _ = try target("end_session_endpoint")
            endSession = url
        }
        // client_secret_basic is what a provider takes that does not say (Discovery 1.0 §3).
        let methods = fields["token_endpoint_auth_methods_supported"]?.strings ?? ["client_secret_basic"]
        takesSecretInForm = !methods.contains("client_secret_basic") && methods.contains("client_secret_post")
    }
}
