import MailModel
package import OutboundPolicy

/// What a route by a provider's API wants.
enum RouteAPI {
    static func check(_ route: Route, _ hop: NextHop, _ api: HopAPI, _ account: OAuthAccount?) throws {
        func invalid(_ text: String, _ hint: String) -> AdministrationError {
            AdministrationError(.invalid, "route \(route.name): \(text)", hint)
        }
        let provider: OAuthCredential.Provider = api == .graph ? .microsoft : .google
        guard let account, account.provider == provider, hop.userName != nil else {
            throw invalid("\(api.rawValue) wants a mailbox and tokens", "Give --user MAILBOX and --oauth \(provider.rawValue).")
        }
        let isLoopback = IPAddress(hop.host)?.isLoopback ?? false
        guard hop.tls == .verify || (hop.tls == .none && isLoopback) else {
            throw invalid("tokens go out under TLS that is verified only", "Leave --tls out.")
        }
    }

    /// The right to ask for; clouds of one country have hosts of their own.
    static func scope(_ api: HopAPI, host: String) -> String {
        guard api == .graph, host != api.host, IPAddress(host) == nil else { return api.scope }
        return "https://\(host)/.default"
    }
}

extension NextHop {
    /// A provider's API. `host`, `port`: nil for the provider's own.
    package static func api(_ api: HopAPI, host: String?, port: Int?, tls: TLSRequirement?, userName: String?) -> NextHop {
        var hop = NextHop(host: host ?? api.host, port: port ?? 443, tls: tls ?? .verify, isImplicitTLS: true, userName: userName)
        hop.api = api
        return hop
    }
}
