import MailModel
import Synchronization

/// Whether the domains that senders use exist for mail: an MX, A or AAAA record. Answers are kept for a while; where DNS is silent, nobody
/// waits long, and nothing is said against the domain.
final class SenderDomains: Sendable {
    enum Standing: Hashable, Sendable {
        case alive, dead
        /// DNS has not said.
        case unknown
    }

    private struct Known {
        var standing: Standing
        var until: ContinuousClock.Instant
    }

    private struct Waiter {
        var since: ContinuousClock.Instant
        var done: @Sendable (Standing) -> Void
    }

    private struct State {
        /// Filled now; the one before it is still asked. Two halves: nothing to sweep.
        var young: [DomainName: Known] = [:]
        var old: [DomainName: Known] = [:]
        var waiting: [DomainName: [Waiter]] = [:]
    }

    private let state = Mutex(State())
    private let stream: AsyncStream<DomainName>
    private let questions: AsyncStream<DomainName>.Continuation
    private let resolver: any DNSResolver

    private static let reserved = [".test", ".example", ".localhost"]
    /// Of each half.
    private static let domainsMax = 10_000
    private static let questionsMax = 500
    private static let lookupsMax = 50
    /// How long a message waits for DNS; the answer counts for the next ones.
    private static let patience = Duration.seconds(2)
    private static let aliveFor = Duration.seconds(3600)
    /// A domain that was set up a moment ago is not held back for long.
    private static let deadFor = Duration.seconds(300)
    private static let silentFor = Duration.seconds(60)

    init(resolver: any DNSResolver) {
        self.resolver = resolver
        (stream, questions) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(SenderDomains.questionsMax))
    }

    /// `done` is called once: at once where it is known, else from another thread, within a few seconds.
    func look(_ domain: DomainName, done: @escaping @Sendable (Standing) -> Void) {
        // Names of trials, which no DNS has (RFC 6761 §6, RFC 2606 §2).
        guard !SenderDomains.reserved.contains(where: domain.text.hasSuffix) else { return done(.unknown) }
        enum Next {
            case known(Standing)
            case ask, wait
        }
        let now = ContinuousClock.now
        let next: Next = state.withLock { state in
            if let known = state.young[domain] ?? state.old[domain], now < known.until { return .known(known.standing) }
            let isNew = state.waiting[domain] == nil
            state.waiting[domain, default: []].append(Waiter(since: now, done: done))
            return isNew ? .ask : .wait
        }
        switch next {
        case .known(let standing): done(standing)
        case .wait: break
        case .ask:
            guard case .enqueued = questions.yield(domain) else { return answered(domain, .unknown, keptFor: .zero) }
        }
    }

    /// Now and then: who has waited long enough goes on without an answer.
    func tick() {
        let limit = ContinuousClock.now - SenderDomains.patience
        let late = state.withLock { state in
            var late: [Waiter] = []
            for domain in state.waiting.keys {
                // The question stays asked, so that the name keeps its place.
                late += state.waiting[domain]?.filter { $0.since < limit } ?? []
                state.waiting[domain]?.removeAll { $0.since < limit }
            }
            return late
        }
        for waiter in late { waiter.done(.unknown) }
    }

    /// Returns some time after `finish`.
    func run() async {
        await withDiscardingTaskGroup { group in
            let gate = AsyncGate(SenderDomains.lookupsMax)
            for await domain in stream {
                await gate.enter()
                group.addTask {
                    let standing = await self.standing(of: domain)
                    let time: Duration =
                        switch standing {
                        case .alive: SenderDomains.aliveFor
                        case .dead: SenderDomains.deadFor
                        case .unknown: SenderDomains.silentFor
                        }
                    self.answered(domain, standing, keptFor: time)
                    await gate.leave()
                }
            }
        }
    }

    func finish() { questions.finish() }

    private func standing(of domain: DomainName) async -> Standing {
        switch await resolver.mx(domain) {
        case .records: return .alive
        case .failure: return .unknown
        case .noRecords: break
        }
        switch await resolver.addresses(domain) {
        case .records: return .alive
        case .failure: return .unknown
        case .noRecords: return .dead
        }
    }

    private func answered(_ domain: DomainName, _ standing: Standing, keptFor time: Duration) {
        let waiters = state.withLock { state in
            if state.young.count >= SenderDomains.domainsMax {
                state.old = state.young
                state.young = [:]
            }
            if time > .zero { state.young[domain] = Known(standing: standing, until: .now + time) }
            return state.waiting.removeValue(forKey: domain) ?? []
        }
        for waiter in waiters { waiter.done(standing) }
    }
}
