import ContentReading
import ContentScan
import GateCore
import Logging
import MailModel
import NIOPosix
import OutboundPolicy
import Submission
import Synchronization

/// Scans messages on threads of its own: so many at a time, and so many that wait. Also keeps what scans know: words and shorteners are read
/// again when their files change, the organisation's domains when the directory does.
final class ScanDesk: Sendable {
    private struct Sender: Sendable {
        /// False where a domain is dead, nil where DNS has not said.
        var isFromAlive: Bool?
        var deadDomain: DomainName?
    }

    private let pool: NIOThreadPool
    private let settings: Mutex<ScanSettings>
    private let guide = Mutex(ScanGuide())
    /// Why the files could not be read, when they were read last; nil where they could.
    private let fault = Mutex<String?>(nil)
    private let waiting = Atomic<Int>(0)
    private let directory: DataDirectory
    private let reader = ContentReader()
    private let counters = ScanCounters()
    private let logger: Logger
    /// Nil: nobody else is asked.
    private let opinion = Mutex<SecondOpinion?>(nil)
    /// Nil: there is nobody to ask.
    private let opinions: SecondOpinionDesk?
    let domains: SenderDomains
    let duplicates: DuplicateKeeper

    /// How often the files are looked at.
    private static let reloadInterval = Duration.seconds(2)

    init(_ settings: ScanSettings, directory: DataDirectory, resolver: any DNSResolver, opinions: SecondOpinionDesk? = nil, logger: Logger)
    {
        self.opinions = opinions
        self.settings = Mutex(settings)
        self.directory = directory
        self.logger = logger
        pool = NIOThreadPool(numberOfThreads: settings.threads)
        pool.start()
        domains = SenderDomains(resolver: resolver)
        duplicates = DuplicateKeeper(directory, logger: logger)
        readFiles()
    }

    var isOn: Bool { settings.withLock { $0.isOn } }
    var timeout: Duration { settings.withLock { $0.timeout } }
    var waitingCount: Int { waiting.load(ordering: .relaxed) }

    func use(_ new: ScanSettings) { settings.withLock { $0 = new } }

    /// What the directory says of scans.
    func use(_ new: Directory) {
        let sites = Set(new.domains.keys.map(site))
        let weights = ScanWeights(new.scanPolicy)
        guide.withLock { ($0.knowledge.ownDomains, $0.weights) = (sites, weights) }
        opinion.withLock { $0 = new.scanPolicy?.secondOpinion }
    }

    /// What is registered of a domain.
    private func site(of domain: DomainName) -> String {
        guard let address = EmailAddress(localPart: "postmaster", host: .domain(domain)) else { return domain.text }
        return reader.facts([], envelope: ScanEnvelope(sender: address, recipients: 0)).site(address)
    }

    // MARK: - Scans

    /// `done` is called once, on any thread; not within a time, which whoever waits has to keep.
    func scan(_ order: ScanOrder, done: @escaping @Sendable (ScanOutcome) -> Void) {
        let (queueMax, asksDNS) = settings.withLock { ($0.queueMax, $0.checksSenderDomain) }
        let count = waiting.wrappingAdd(1, ordering: .relaxed).newValue
        let end: @Sendable (ScanOutcome) -> Void = { [self] outcome in
            waiting.subtract(1, ordering: .relaxed)
            if case .failed(let failure) = outcome { counters.failed(failure) }
            done(outcome)
        }
        guard count <= queueMax else { return end(.failed(.full)) }
        guard asksDNS else { return submit(order, Sender(), end) }
        let names = [order.from?.domain, order.reversePath.address?.domain].compactMap { $0 }
        look(at: names[...], of: order, Sender(), end)
    }

    /// One after the other; nearly always there is one, and it is known.
    private func look(
        at names: ArraySlice<DomainName>, of order: ScanOrder, _ sender: Sender, _ end: @escaping @Sendable (ScanOutcome) -> Void
    ) {
        guard let name = names.first else { return confirm(order, sender, end) }
        let rest = names.dropFirst().filter { $0 != name }
        domains.look(name) { [self] standing in
            var sender = sender
            if name == order.from?.domain, standing != .unknown { sender.isFromAlive = standing == .alive }
            if standing == .dead, sender.deadDomain == nil { sender.deadDomain = name }
            look(at: rest[...], of: order, sender, end)
        }
    }

    /// A DNS that knows no recipient's domain either, as within a closed network, says nothing about who is there.
    private func confirm(_ order: ScanOrder, _ sender: Sender, _ end: @escaping @Sendable (ScanOutcome) -> Void) {
        guard sender.deadDomain != nil else { return submit(order, sender, end) }
        let own = [order.from?.domain, order.reversePath.address?.domain]
        guard let other = order.recipients.lazy.compactMap(\.address.domain).first(where: { !own.contains($0) }) else {
            return submit(order, Sender(), end)
        }
        domains.look(other) { [self] standing in submit(order, standing == .alive ? sender : Sender(), end) }
    }

    private func submit(_ order: ScanOrder, _ sender: Sender, _ end: @escaping @Sendable (ScanOutcome) -> Void) {
        pool.submit { [self] state in
            guard case .active = state else { return end(.failed(.fault)) }
            let content = scan(order, sender)
            guard let opinion = opinion.withLock({ $0 }), let opinions else { return end(.scanned(content)) }
            let question = OpinionQuestion(
                content: order.content, reversePath: order.reversePath, recipients: order.recipients.map(\.address),
                sender: order.subject.sender)
            let weights = guide.withLock { $0.weights }
            opinions.ask(question, of: opinion) { end(ScanDesk.joined(content, $0, opinion, weights)) }
        }
    }

    /// The verdict with what the other scanner said; what is missing stands among the findings.
    private static func joined(
        _ content: ScannedContent, _ outcome: OpinionOutcome, _ opinion: SecondOpinion, _ weights: ScanWeights
    ) -> ScanOutcome {
        var content = content
        switch outcome {
        case .given(let finding): content.summary = weights.judged(content.summary, with: finding)
        case .missing where opinion.actionWhenDown == .defer: return .failed(.opinion)
        case .missing(let reason):
            content.summary.findings.append(
                ScoredFinding(
                    finding: Finding(
                        rule: RspamdAnswer.rule, matched: "", explanation: "It was judged without rspamd: \(reason)."), weight: 0))
        }
        return .scanned(content)
    }

    private func scan(_ order: ScanOrder, _ sender: Sender) -> ScannedContent {
        let start = ContinuousClock.now
        let guide = guide.withLock { $0 }
        let judged = guide.judged(order, isFromAlive: sender.isFromAlive, reader, at: .now) {
            duplicates.scanned($0, $1, key: $2, isPersonal: $3)
        }
        counters.scanned(judged.summary.kind, in: ContinuousClock.now - start)
        var content = judged
        content.deadDomain = sender.deadDomain
        return content
    }

    /// Whoever waited for one has gone on without.
    func gaveUp() { counters.failed(.late) }

    // MARK: - Beside the scans

    /// Returns some time after `finish`.
    func run() async {
        await withTaskGroup(of: Void.self) { regular in
            regular.addTask { await self.readAgain() }
            regular.addTask { await self.save() }
            if let opinions { regular.addTask { await opinions.run() } }
            await domains.run()
            regular.cancelAll()
        }
    }

    /// Each 200 ms or so.
    func tick() {
        domains.tick()
        counters.observed(waiting: waitingCount)
    }

    /// Ends `run`. What waits is answered as failed.
    func finish() async {
        domains.finish()
        opinions?.finish()
        try? await pool.shutdownGracefully()
        try? await BlockingWork.runLong { [duplicates] in duplicates.save() }
    }

    private func readAgain() async {
        while (try? await Task.sleep(for: ScanDesk.reloadInterval)) != nil {
            try? await BlockingWork.runLong { self.readFiles() }
        }
    }

    private func save() async {
        while (try? await Task.sleep(for: DuplicateKeeper.saveInterval)) != nil {
            try? await BlockingWork.runLong { [duplicates] in duplicates.save() }
        }
    }

    /// Where a file cannot be read, what was known stays.
    private func readFiles() {
        do {
            let known = try ScanFiles.knowledge(of: directory)
            guide.withLock { guide in
                (guide.knowledge.words, guide.knowledge.shorteners) = (known.words, known.shorteners)
            }
            fault.withLock { $0 = nil }
        } catch {
            let text = "\(error)"
            let isNew = fault.withLock { fault in
                defer { fault = text }
                return fault != text
            }
            if isNew { logger.error("what scans know could not be read; what was known stays", metadata: ["error": "\(text)"]) }
        }
    }
}
