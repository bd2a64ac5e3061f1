import Delivery
import DeliveryPlanning
import Logging
import MailModel
import OutboundPolicy
import Storage
import Synchronization

/// What is known of the TLS of others: policies, hosts that have shown good certificates, and the counts for reports. In memory as far as it
/// was needed lately, and in the store.
final class TLSKeeper: TLSMemory {
    struct Choices: Sendable {
        var usesMTASTS: Bool
        /// How long a good certificate is remembered; zero: not at all.
        var remembered: Duration
        /// True where mail waits rather than go in plaintext to a host that is remembered.
        var defersPlaintext: Bool
    }

    private struct State {
        /// A domain without a value has no row in the store.
        var policies: [DomainName: MTASTSMemory?] = [:]
        /// Nil: never.
        var verifiedAt: [String: Timestamp?] = [:]
        /// What is not in the store yet.
        var unsaidHosts: [String: Timestamp] = [:]
        var counts = TLSSessionCounts()
    }

    private let state = Mutex(State())
    private let store: any StoreAccess
    private let fetcher: MTASTSFetcher
    private let txt: @Sendable (DomainName) async -> DNSAnswer<String>
    private let choices: @Sendable () -> Choices
    private let raise: @Sendable (AlertCondition) -> Void
    private let logger: Logger

    /// Domains, and hosts, in memory.
    private static let knownMax = 20_000
    /// A host's good certificate is written down again after this time.
    private static let seenAgainAfter = Duration.seconds(3600)
    private static let flushEvery = Duration.seconds(5)

    init(
        store: any StoreAccess, fetcher: MTASTSFetcher, txt: @escaping @Sendable (DomainName) async -> DNSAnswer<String>,
        choices: @escaping @Sendable () -> Choices, raise: @escaping @Sendable (AlertCondition) -> Void, logger: Logger
    ) {
        self.store = store
        self.fetcher = fetcher
        self.txt = txt
        self.choices = choices
        self.raise = raise
        self.logger = logger
    }

    /// Under the roots of the system, and those of the settings.
    var client: OutboundHTTP { fetcher.client }

    // MARK: - MTA-STS

    func policy(of domain: DomainName) async -> DomainSTS {
        guard choices().usesMTASTS, let name = DomainName("_mta-sts.\(domain)") else { return DomainSTS() }
        let record = MTASTSRecord(await txt(name))
        let known = await known(domain)
        switch MTASTSMemory.step(known, record, at: .now) {
        case .use(let policy):
            if case .announced = record { return DomainSTS(policy: policy, fault: known?.fault) }
            return DomainSTS(policy: policy)
        case .fetch(let id): return await fetch(domain, id: id, known)
        }
    }

    private func fetch(_ domain: DomainName, id: String, _ known: MTASTSMemory?) async -> DomainSTS {
        let result = await fetcher.fetch(domain)
        let now = Timestamp.now
        let memory = MTASTSMemory.fetched(known, id: id, result, at: now)
        remember(domain, memory)
        if case .failure(let fault) = result {
            logger.info("MTA-STS policy not fetched", metadata: ["domain": "\(domain)", "reason": "\(fault.text)"])
        }
        do {
            _ = try await store.perform(.tls(.keepPolicy(domain, memory)))
        } catch {
            logger.warning("MTA-STS policy not kept", metadata: ["domain": "\(domain)", "error": "\(error)"])
        }
        return DomainSTS(policy: memory.live(at: now), fault: memory.fault)
    }

    /// Fetches anew what ends soon, though no mail goes there (RFC 8461 §5.1): a policy that runs out protects nobody.
    func refreshEnding(before end: Timestamp) async {
        let now = Timestamp.now
        guard choices().usesMTASTS,
            let domains = try? await store.read({ try $0.mtaSTSEnding(after: now, before: end, limit: 1000) })
        else { return }
        for domain in domains where !Task.isCancelled {
            guard let name = DomainName("_mta-sts.\(domain)"), case .announced(let id) = MTASTSRecord(await txt(name)) else { continue }
            _ = await fetch(domain, id: id, await known(domain))
        }
    }

    private func known(_ domain: DomainName) async -> MTASTSMemory? {
        if let known = state.withLock({ $0.policies[domain] }) { return known }
        guard let stored = try? await store.read({ try $0.mtaSTS(domain) }) else { return nil }
        remember(domain, stored)
        return stored
    }

    private func remember(_ domain: DomainName, _ memory: MTASTSMemory?) {
        state.withLock { state in
            // The store stands behind it: to forget everything costs a look-up each.
            if state.policies.count >= TLSKeeper.knownMax { state.policies.removeAll() }
            state.policies[domain] = .some(memory)
        }
    }

    // MARK: - Hosts

    func remembered(_ hosts: [String]) async -> Set<String> {
        guard choices().defersPlaintext else { return [] }
        var remembered: Set<String> = []
        for host in hosts where await isRemembered(host) { remembered.insert(host) }
        return remembered
    }

    private func isRemembered(_ host: String) async -> Bool {
        let horizon = choices().remembered
        guard horizon > .zero else { return false }
        var verifiedAt = state.withLock { $0.verifiedAt[host] }
        if verifiedAt == nil, let stored = try? await store.read({ try $0.verifiedTLS(host) }) {
            verifiedAt = .some(stored)
            noteVerified(host, stored)
        }
        return verifiedAt.flatMap { $0 }.map { Timestamp.now < $0 + horizon } ?? false
    }

    /// Nil where memory does not say: another node may have seen the host since.
    func remembersTLS(of host: String) -> Bool? {
        let choices = choices()
        guard choices.defersPlaintext, choices.remembered > .zero else { return false }
        return wasVerified(host, at: .now) ? true : nil
    }

    /// `verifiedAt`: as the store has it; nil for never.
    func isRemembered(_ host: String, verifiedAt: Timestamp?) -> Bool {
        if verifiedAt != nil { noteVerified(host, verifiedAt) }
        return verifiedAt.map { Timestamp.now < $0 + choices().remembered } ?? false
    }

    private func noteVerified(_ host: String, _ time: Timestamp?) {
        state.withLock { state in
            if state.verifiedAt.count >= TLSKeeper.knownMax { state.verifiedAt.removeAll() }
            state.verifiedAt[host] = .some(time)
        }
    }

    // MARK: - What connections show

    /// From any thread.
    func saw(_ observation: TLSObservation) {
        let now = Timestamp.now
        if observation.isVerified {
            state.withLock { state in
                if let last = state.verifiedAt[observation.host].flatMap({ $0 }), now < last + TLSKeeper.seenAgainAfter { return }
                if state.verifiedAt.count >= TLSKeeper.knownMax { state.verifiedAt.removeAll() }
                state.verifiedAt[observation.host] = now
                state.unsaidHosts[observation.host] = now
            }
        }
        count(observation, at: now)
        if observation.version == nil, wasVerified(observation.host, at: now) { warn(observation, at: now) }
    }

    func refused(_ domain: DomainName, _ knowledge: TLSKnowledge) {
        let now = Timestamp.now
        state.withLock { $0.counts.add(TLSSessionKind(refused: knowledge), of: domain, on: now.day) }
    }

    private func count(_ observation: TLSObservation, at now: Timestamp) {
        state.withLock { state in
            let memory = state.policies[observation.domain].flatMap { $0 }
            state.counts.add(TLSSessionKind(observation, memory, at: now), of: observation.domain, on: now.day)
        }
    }

    private func wasVerified(_ host: String, at now: Timestamp) -> Bool {
        let horizon = choices().remembered
        return state.withLock { $0.verifiedAt[host].flatMap { $0 } }.map { now < $0 + horizon } ?? false
    }

    private func warn(_ observation: TLSObservation, at now: Timestamp) {
        let isPlaintext = observation.detail.demand == .waived || !choices().defersPlaintext
        let what = isPlaintext ? "mail goes there in plaintext" : "mail for it waits"
        let reason = observation.detail.fault?.words ?? "there was no TLS"
        raise(
            AlertCondition(
                .tlsLost, subject: "host:\(observation.host)", at: now,
                text: "\(observation.host), which takes mail for \(observation.domain), has lately shown TLS with a good certificate "
                    + "and does not now: \(reason). So \(what).",
                advice: "Ask its administrators, or look from another network whether something in between takes STARTTLS away: "
                    + "postern tls check \(observation.domain)"))
    }

    // MARK: - To the store

    func run() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: TLSKeeper.flushEvery)
            await flush()
        }
    }

    /// Writes down what was seen. What cannot be written is tried again the next time.
    func flush() async {
        let (hosts, counts) = state.withLock { state in
            let taken = (state.unsaidHosts, state.counts.take())
            state.unsaidHosts = [:]
            return taken
        }
        do {
            if !hosts.isEmpty { _ = try await store.perform(.tls(.sawHosts(hosts))) }
            if !counts.isEmpty { _ = try await store.perform(.tls(.count(counts))) }
        } catch {
            state.withLock { state in
                state.unsaidHosts.merge(hosts) { $1 }
                for count in counts { state.counts.add(count.kind, of: count.domain, on: count.day, count.total) }
            }
            logger.debug("TLS counts not written", metadata: ["error": "\(error)"])
        }
    }
}

/// Connections that were not written down yet, by kind. Bounded.
struct TLSSessionCounts: Sendable {
    private struct Key: Hashable {
        var day: Int32
        var domain: DomainName
        var kind: TLSSessionKind
    }

    private var totals: [Key: Int] = [:]
    private static let kindsMax = 20_000

    mutating func add(_ kind: TLSSessionKind, of domain: DomainName, on day: Int32, _ total: Int = 1) {
        let key = Key(day: day, domain: domain, kind: kind)
        guard totals.count < TLSSessionCounts.kindsMax || totals[key] != nil else { return }
        totals[key, default: 0] += total
    }

    mutating func take() -> [TLSSessionCount] {
        defer { totals = [:] }
        return totals.map { TLSSessionCount(day: $0.key.day, domain: $0.key.domain, kind: $0.key.kind, total: $0.value) }
    }
}
