import DNSClient
import DeliveryPlanning
import Foundation
import MailModel
import NIOPosix
import OutboundPolicy

/// Whose token, and with what it is asked for.
struct TokenOrder: Hashable, Sendable {
    var route: String
    /// As which the route signs in.
    var mailbox: String
    var credential: OAuthCredential

    /// The same for all who share a token: only a service account's is for one mailbox.
    var shared: TokenOrder {
        var order = self
        if credential.grant != .serviceAccount { order.mailbox = "" }
        return order
    }

    /// What a supply is kept by.
    var key: String { "\(route)\n\(mailbox)" }
}

enum TokenEndpoint {
    /// `https`, to public addresses; anything on this machine's own loopback addresses.
    static func read(_ url: String) -> Result<HTTPTarget, HTTPFault> {
        let host = URLComponents(string: url)?.host ?? ""
        let isLoopback = host == "[::1]" || host == "::1" || (host.hasPrefix("127.") && IPAddress(host) != nil)
        return HTTPTarget.read(url, allowsPrivateAddresses: isLoopback)
    }
}

/// Asks token endpoints. Keys are opened and assertions signed on a thread of the pool.
struct TokenFetcher: Sendable {
    let client: OutboundHTTP
    let vault: KeyVault
    let pool: NIOThreadPool
    let addresses: @Sendable (DomainName) async -> DNSAnswer<IPAddress>

    func fetch(_ order: TokenOrder) async -> Result<AccessToken, TokenFault> {
        let body: [UInt8]
        do {
            body = try await pool.runIfActive { try request(order, at: .now) }
        } catch let fault as TokenFault {
            return .failure(fault)
        } catch {
            return .failure(.missingSecret)
        }
        let target: HTTPTarget
        switch TokenEndpoint.read(order.credential.endpoint) {
        case .success(let read): target = read
        case .failure(let fault): return .failure(TokenFault(code: "unreachable", text: fault.text, isLasting: true))
        }
        switch await target.address(addresses) {
        case .failure(let fault): return .failure(unreachable(target, fault))
        case .success(let address):
            let request = HTTPPost(
                type: "application/x-www-form-urlencoded", fields: [(name: "Accept", value: "application/json")], body: body)
            switch await client.post(request, to: target, at: address) {
            case .failure(let fault): return .failure(unreachable(target, fault))
            case .success(let answer):
                return TokenAnswer.read(status: answer.status, body: answer.body, retryAfter: answer.retryAfter, at: .now)
            }
        }
    }

    private func request(_ order: TokenOrder, at now: Timestamp) throws -> [UInt8] {
        let opened = try vault.open(order.credential.sealedSecrets, context: OAuthSecrets.context(route: order.route))
        let secrets = try JSONDecoder().decode(OAuthSecrets.self, from: Data(opened))
        return try TokenRequest(order.credential, secrets, subject: order.mailbox, id: UUID().uuidString, at: now).body
    }

    private func unreachable(_ target: HTTPTarget, _ fault: HTTPFault) -> TokenFault {
        TokenFault(code: "unreachable", text: "\(target.hostField): \(fault.text)")
    }
}
