import DNSClient
import Foundation
import MailModel
import NIOCore
import Synchronization

/// Whether the public address for one-click unsubscribe leads to this gate: asked as mail providers ask, by a POST from outside, with a token
/// that changes nothing.
struct UnsubscribeTest: Sendable {
    let client: OutboundHTTP
    let vault: KeyVault
    /// Also of private networks: where deliveries may go there.
    let allowsPrivateAddresses: Bool
    let addresses: @Sendable (DomainName) async -> DNSAnswer<IPAddress>

    private static let timeout: Int64 = 5

    /// What is wrong, in one sentence; nil where all is well.
    func problem(of publicURL: String) async -> String? {
        let nonce = RandomText.make()
        let target: HTTPTarget
        switch HTTPTarget.read("\(publicURL)/u/\(UnsubscribeTest.prefix)\(nonce)", allowsPrivateAddresses: allowsPrivateAddresses) {
        case .success(let read): target = read
        case .failure(let fault): return "\(fault.text)."
        }
        let address: IPAddress
        switch await target.address(addresses) {
        case .success(let found): address = found
        case .failure(let fault): return "\(target.hostText): \(fault.text)."
        }
        let post = HTTPPost(
            type: "application/x-www-form-urlencoded", fields: [], body: Array("List-Unsubscribe=One-Click".utf8),
            timeout: .seconds(UnsubscribeTest.timeout))
        switch await client.post(post, to: target, at: address) {
        case .failure(let fault): return "\(target.hostText) [\(address)]: \(fault.text)."
        case .success(let answer):
            if (300...399).contains(answer.status) {
                return "\(target.hostText) answers \(answer.status), and mail providers follow no redirect."
            }
            guard answer.status == 200 else { return "\(target.hostText) answers \(answer.status)." }
            guard String(decoding: answer.body, as: UTF8.self).contains(UnsubscribeTest.answer(nonce, vault)) else {
                return "\(target.hostText) is answered by something else than this gate."
            }
            return nil
        }
    }

    /// No token begins so.
    static let prefix = "self-test."
    private static let nonceMax = 64

    /// What a test's token is answered with; nil for another token.
    static func answer(toToken token: String, _ vault: KeyVault) -> String? {
        guard token.hasPrefix(prefix) else { return nil }
        let nonce = String(token.dropFirst(prefix.count))
        guard (1...nonceMax).contains(nonce.utf8.count), nonce.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) })
        else { return nil }
        return answer(nonce, vault)
    }

    /// Under the key of tokens: whoever has another key is another gate. A token's octets begin with its version and never so.
    private static func answer(_ nonce: String, _ vault: KeyVault) -> String {
        let code = UnsubscribeKey.mac(Array("\(prefix)\(nonce)".utf8), UnsubscribeKey.key(vault))
        return code.prefix(16).map { String(format: "%02x", $0) }.joined()
    }
}

/// What the last test came to.
struct UnsubscribeTestMemory: Sendable {
    var url: String
    var problem: String?
    var at: SteadyTime

    /// For people who look again and again.
    static let kept = Duration.seconds(600)
}

extension RunningGate {
    func unsubscribeProblem(fresh: Bool) async -> String? {
        let settings = context.live.current
        guard let url = settings.campaigns.publicURL else { return nil }
        let known = unsubscribeTest.withLock { $0 }
        if !fresh, let known, known.url == url, SteadyTime.now - known.at < UnsubscribeTestMemory.kept { return known.problem }
        let resolver = resolver
        let test = UnsubscribeTest(
            client: web, vault: context.vault, allowsPrivateAddresses: settings.delivery.allowsSpecialAddresses,
            addresses: { await resolver.addresses($0) })
        let problem = await test.problem(of: url)
        unsubscribeTest.withLock { $0 = UnsubscribeTestMemory(url: url, problem: problem, at: .now) }
        return problem
    }
}
