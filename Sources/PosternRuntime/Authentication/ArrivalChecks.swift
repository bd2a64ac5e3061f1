import InternetMessage
import MailAuthentication
import MailModel
import NIOPosix
import OutboundPolicy
import Submission

/// Checks messages of others when they come in: SPF, DKIM and ARC, by DNS. Many at a time, as children of one task; what finds no room, and
/// what DNS does not answer in time, is a temporary error among the results, and the message goes on.
struct ArrivalChecks: Sendable {
    private struct Check: Sendable {
        var arrival: RelayedArrival
        var done: @Sendable (ArrivalResults) -> Void
    }

    private let stream: AsyncStream<Check>
    private let continuation: AsyncStream<Check>.Continuation
    private let resolver: any DNSResolver
    private let pool: NIOThreadPool

    /// Messages that are checked at a time, and that wait for it.
    private static let checksMax = 100
    private static let waitingMax = 400
    /// No question is begun later; one takes no longer than the resolver lets it.
    private static let time = Duration.seconds(10)

    init(resolver: any DNSResolver, pool: NIOThreadPool) {
        (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(ArrivalChecks.waitingMax))
        self.resolver = resolver
        self.pool = pool
    }

    /// `done` is called once, on any thread.
    func check(_ arrival: RelayedArrival, done: @escaping @Sendable (ArrivalResults) -> Void) {
        if case .enqueued = continuation.yield(Check(arrival: arrival, done: done)) { return }
        done(unchecked(arrival, "too many messages are being checked"))
    }

    func finish() { continuation.finish() }

    /// Returns after `finish`, when all that waits is answered.
    func run() async {
        await withDiscardingTaskGroup { group in
            let gate = AsyncGate(ArrivalChecks.checksMax)
            for await check in stream {
                await gate.enter()
                group.addTask {
                    check.done(await results(of: check.arrival))
                    await gate.leave()
                }
            }
        }
    }

    private func unchecked(_ arrival: RelayedArrival, _ reason: String) -> ArrivalResults {
        ArrivalResults(sealer: arrival.relaying.domain, unchecked: reason)
    }

    private func results(of arrival: RelayedArrival) async -> ArrivalResults {
        async let spf = spf(of: arrival, until: .now + ArrivalChecks.time)
        let (content, header) = (arrival.content, arrival.header)
        let names = Set(DKIM.keyNames(content: content, header: header) + ARC.keyNames(content: content, header: header))
        let keys = await keys(Array(names), until: .now + ArrivalChecks.time)
        let now = Timestamp.now
        let checked = try? await pool.runIfActive {
            (
                try DKIM.verify(content: content, header: header, keys: keys, at: now),
                try ARC.verify(content: content, header: header, keys: keys, at: now)
            )
        }
        let sender = await spf
        let sealer = arrival.relaying.domain
        guard let (dkim, chain) = checked else { return ArrivalResults(sealer: sealer, unchecked: "the keys could not be used") }
        return ArrivalResults(sealer: sealer, spf: sender, dkim: dkim, chain: chain)
    }

    private func keys(_ names: [DomainName], until end: ContinuousClock.Instant) async -> [DomainName: DNSAnswer<String>] {
        await withTaskGroup(of: (DomainName, DNSAnswer<String>).self) { group in
            for name in names { group.addTask { (name, await asked(until: end) { await resolver.txt(name) }) } }
            var keys: [DomainName: DNSAnswer<String>] = [:]
            for await (name, answer) in group { keys[name] = answer }
            return keys
        }
    }

    /// Nil where the address is not that of the ones who wrote it, or there is no domain to ask.
    private func spf(of arrival: RelayedArrival, until end: ContinuousClock.Instant) async -> SPFOutcome? {
        guard arrival.relaying.isBorder, let client = arrival.client,
            let subject = SPF.Subject(client: client, reversePath: arrival.reversePath, helloName: arrival.helloName)
        else { return nil }
        var answers = SPF.Answers()
        for _ in 0...SPF.questionsMax {
            switch SPF.step(subject, answers) {
            case .ask(.txt(let name)): answers.txt[name] = await asked(until: end) { await resolver.txt(name) }
            case .ask(.addresses(let name)): answers.addresses[name] = await asked(until: end) { await resolver.addresses(name) }
            case .ask(.mx(let name)): answers.mx[name] = await asked(until: end) { await resolver.mx(name) }
            case .ask(.pointers(let address)): answers.pointers = await asked(until: end) { await resolver.names(of: address) }
            case .done(let result): return SPFOutcome(result: result, domain: subject.domain, isHello: arrival.reversePath == .null)
            }
        }
        return SPFOutcome(result: .permanentError, domain: subject.domain, isHello: arrival.reversePath == .null)
    }

    private func asked<Record>(
        until end: ContinuousClock.Instant, _ ask: () async -> DNSAnswer<Record>
    ) async -> DNSAnswer<Record> {
        guard ContinuousClock.now < end, !Task.isCancelled else { return .failure(reason: "no time is left", isBogus: false) }
        return await ask()
    }
}
