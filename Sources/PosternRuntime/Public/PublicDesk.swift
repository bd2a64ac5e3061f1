import Campaigns
import Console
import Crypto
import Foundation
import Logging
import MailModel
import OutboundPolicy
import Storage
import Synchronization

/// Answers readers of lists at the public pages. Who asks is known by the token in the address, by nothing else: there are no cookies.
/// Only a POST changes anything, so that scanners that follow links confirm and leave nothing.
final class PublicDesk: Sendable {
    let administration: Administration
    let gate: any HTTPGate
    let live: LiveSettings
    let logger: Logger
    private let guarding = Mutex(SignUpGuard())
    private let designs = Mutex<[String: [String]]>([:])

    init(administration: Administration, gate: any HTTPGate, live: LiveSettings, logger: Logger) {
        self.administration = administration
        self.gate = gate
        self.live = live
        self.logger = logger
    }

    func answer(_ request: PublicRequest) async -> PublicReply {
        do {
            return try await page(request) ?? missing(request)
        } catch {
            logger.error("a public page failed", metadata: ["error": "\(error)"])
            let words = words(request)
            var page = PublicPage(words, words.text("page.busy.title"), texts: [words.text("page.busy")])
            page.status = 503
            return PublicReply(page)
        }
    }

    /// Nil: there is no such page.
    private func page(_ request: PublicRequest) async throws -> PublicReply? {
        let path = request.path
        switch (path[0], path.count) {
        case ("u", 2): return try await unsubscribe(path[1], request)
        case ("l", 2): return try await signUp(path[1], request)
        case ("l", 3) where path[2] == "archive": return try await archive(path[1], request)
        case ("l", 4) where path[2] == "archive": return try await archived(path[1], path[3], request)
        case ("s", 2): return try await confirm(path[1], request)
        case ("p", 2): return try await preferences(path[1], request)
        case ("b", 2): return try await copy(path[1], request)
        case ("c", 2): return try await followed(path[1], request)
        case ("o", 2): return try await opened(path[1], request)
        default: return nil
        }
    }

    func missing(_ request: PublicRequest) -> PublicReply {
        let words = words(request)
        var page = PublicPage(words, words.text("page.none.title"), texts: [words.text("page.none")])
        page.status = 404
        return PublicReply(page)
    }

    // MARK: - What all pages need

    func words(_ request: PublicRequest, _ list: MailingList? = nil, person: String? = nil) -> PublicWords {
        let chosen = PublicWords.languages.contains(request.query["lang"]) ? request.query["lang"] : nil
        return PublicWords.of(
            PublicWords.language(fixed: chosen ?? list?.pages?.language, person: person, accepted: request.languages))
    }

    /// A key of a purpose. Throws where this node has no secrets.
    func mac(_ purpose: String) throws -> @Sendable ([UInt8]) -> [UInt8] {
        guard let vault = administration.vault else { throw AdministrationError(.failed, "public pages need secrets/master.key") }
        let key = SymmetricKey(data: vault.key(for: purpose))
        return { UnsubscribeKey.mac($0, key) }
    }

    /// The one in links to leave, to the preferences and to a copy.
    func token(_ text: String) throws -> UnsubscribeToken? { UnsubscribeToken(text, mac: try mac(UnsubscribeKey.purpose)) }

    func mayAsk(_ address: EmailAddress, _ list: MailingList, _ request: PublicRequest) throws -> SignUpGuard.Answer {
        let digest = try administration.addressKey().digest(address)
        let client = PublicClient.address(of: request, behind: live.current.http.proxyNetworks)
        return guarding.withLock { $0.asked(digest, client: client.map(PublicClient.network), list: list.number, at: .now) }
    }

    /// What is known of a person's language. A mail provider's one click, which nobody reads, says no language and costs no look.
    func language(of address: EmailAddress, _ request: PublicRequest) async throws -> String? {
        guard !request.languages.isEmpty else { return nil }
        let members = try await administration.store.read { try $0.memberships(of: address) }
        return members.lazy.compactMap { member in
            ["language", "lang", "sprache", "langue", "idioma"].lazy.compactMap { member.subscriber.attributes[$0] }.first
        }.first
    }

    /// Links of a revision, read once.
    func links(_ campaign: Campaign, revision: Int) async throws -> [String] {
        let key = "\(campaign.number) \(revision)"
        if let known = designs.withLock({ $0[key] }) { return known }
        var sent = campaign
        sent.revision = revision
        let links = try await administration.writer(of: sent, settings: live.current).design.links
        designs.withLock {
            if $0.count >= PublicDesk.designsMax { $0 = [:] }
            $0[key] = links
        }
        return links
    }

    private static let designsMax = 64
}

extension MailingList {
    /// As people read its name.
    var shownTitle: String { title.isEmpty ? name : title }
}

/// Whose request it is, as far as the connection says.
enum PublicClient {
    /// Behind our own proxies the last address in X-Forwarded-For that is none of theirs.
    static func address(of request: PublicRequest, behind proxies: [IPNetwork]) -> IPAddress? {
        guard let peer = request.peer.flatMap({ IPAddress($0) }) else { return nil }
        guard proxies.contains(where: { $0.contains(peer) }) else { return peer }
        let named = request.forwardedFor.split(separator: ",").reversed().lazy.compactMap { part in
            IPAddress(part.trimmed)
        }
        return named.first { address in !proxies.contains { $0.contains(address) } } ?? peer
    }

    /// Of IPv6 the first 64 bits: one customer has as many addresses as it likes there.
    static func network(_ address: IPAddress) -> String {
        address.isV6 ? address.octets.prefix(8).hexadecimal : address.description
    }
}
