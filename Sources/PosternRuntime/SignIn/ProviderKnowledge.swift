import MailModel
import OutboundPolicy

/// Fetches what providers say of themselves and the keys that they sign with, and remembers it for a while.
actor ProviderKnowledge {
    private struct Known {
        var document: ProviderDocument
        var documentAt: Timestamp
        var keys: ProviderKeys?
        var keysAt: Timestamp?
    }

    private let client: OutboundHTTP
    private let addresses: @Sendable (DomainName) async -> DNSAnswer<IPAddress>
    private var known: [Key: Known] = [:]
    private var failures: [Key: (fault: SignInFault, at: Timestamp)] = [:]

    /// What of a provider decides where it is asked.
    private struct Key: Hashable {
        var issuer: String
        var mayBePrivate: Bool

        init(_ provider: SignInProvider) {
            issuer = provider.issuer
            mayBePrivate = provider.allowsPrivateAddresses ?? false
        }
    }

    private static let life = Duration.seconds(3600)
    /// A key that is not known is looked for no sooner again: tokens with made-up key numbers cost the provider nothing.
    private static let keysPause = Duration.seconds(30)
    /// So long a provider that did not answer is not asked again.
    private static let failurePause = Duration.seconds(5)
    private static let countMax = 50

    init(client: OutboundHTTP, addresses: @escaping @Sendable (DomainName) async -> DNSAnswer<IPAddress>) {
        self.client = client
        self.addresses = addresses
    }

    /// `isFresh`: asks again, whatever is remembered.
    func document(of provider: SignInProvider, isFresh: Bool = false, at now: Timestamp) async throws(SignInFault) -> ProviderDocument {
        let key = Key(provider)
        if !isFresh {
            if let known = known[key], known.documentAt + ProviderKnowledge.life > now { return known.document }
            if let failure = failures[key], failure.at + ProviderKnowledge.failurePause > now { throw failure.fault }
        }
        do throws(SignInFault) {
            let target: HTTPTarget
            switch ProviderDocument.address(of: provider) {
            case .success(let read): target = read
            case .failure(let fault): throw .unavailable("discovery", fault.text)
            }
            let document = try ProviderDocument(try await get(target, "discovery"), of: provider)
            if known.count >= ProviderKnowledge.countMax { known = [:] }
            known[key] = Known(document: document, documentAt: now, keys: known[key]?.keys, keysAt: known[key]?.keysAt)
            failures[key] = nil
            return document
        } catch {
            if failures.count >= ProviderKnowledge.countMax { failures = [:] }
            failures[key] = (error, now)
            throw error
        }
    }

    /// `isFresh`: asks again unless that was done just now.
    func keys(of provider: SignInProvider, isFresh: Bool = false, at now: Timestamp) async throws(SignInFault) -> ProviderKeys {
        let document = try await document(of: provider, at: now)
        let key = Key(provider)
        if let keys = known[key]?.keys, let at = known[key]?.keysAt {
            let life = isFresh ? ProviderKnowledge.keysPause : ProviderKnowledge.life
            // A clock that was set back must not keep old keys.
            if at <= now, at + life > now { return keys }
        }
        let keys = try ProviderKeys(try await get(document.keys, "keys"))
        known[key]?.keys = keys
        known[key]?.keysAt = now
        return keys
    }

    private func get(_ target: HTTPTarget, _ what: String) async throws(SignInFault) -> [UInt8] {
        let address = try await address(of: target, what)
        switch await client.get(target, at: address) {
        case .failure(let fault): throw .unavailable(what, "\(target.hostField): \(fault.text)")
        case .success(let answer):
            guard answer.status == 200 else { throw .unavailable(what, "\(target.hostField) answered \(answer.status)") }
            guard !answer.isCut else { throw .unavailable(what, "\(target.hostField) answered with more than is read") }
            return answer.body
        }
    }

    /// Posts a form to the token endpoint.
    func post(_ call: HTTPPost, to target: HTTPTarget) async throws(SignInFault) -> HTTPAnswer {
        let address = try await address(of: target, "token")
        switch await client.post(call, to: target, at: address) {
        case .failure(let fault): throw .unavailable("token", "\(target.hostField): \(fault.text)")
        case .success(let answer): return answer
        }
    }

    private func address(of target: HTTPTarget, _ what: String) async throws(SignInFault) -> IPAddress {
        switch await target.address(addresses) {
        case .success(let address): return address
        case .failure(let fault): throw .unavailable(what, "\(target.hostField): \(fault.text)")
        }
    }
}
