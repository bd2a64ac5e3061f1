import GateCore
package import MailModel
package import OutboundPolicy
import Storage

/// What would become of a message, by what counts at this moment. Nothing is counted, and nobody restricted.
package struct TestPolicy: AdministrativeOperation {
    package static let name = "policies.test"
    package static let scope = AccessScope.limitsRead
    /// As the trace names it: an address, `connector:NAME`, `api-key:NAME`.
    package var sender: String
    /// Nil: the sender's own address.
    package var from: EmailAddress?
    /// Recipients, of groups each member.
    package var external: Int
    package var internalCount: Int
    /// Of the external ones.
    package var firstTime: Int
    /// Octets.
    package var size: Int
    /// Nil: that of the account, connector or key.
    package var trafficClass: TrafficClass?
    /// Whether it is one that an automatic rule forwards.
    package var isForwarded: Bool

    package init(
        sender: String, from: EmailAddress? = nil, external: Int = 0, internalCount: Int = 0, firstTime: Int = 0, size: Int = 0,
        trafficClass: TrafficClass? = nil, isForwarded: Bool = false
    ) {
        self.isForwarded = isForwarded
        self.sender = sender
        self.from = from
        self.external = external
        self.internalCount = internalCount
        self.firstTime = firstTime
        self.size = size
        self.trafficClass = trafficClass
    }

    private static let recipientsMax = 1_000_000

    package func perform(in administration: Administration, _ act: Act) async throws -> PolicyTestView {
        guard external >= 0, internalCount >= 0, (1...TestPolicy.recipientsMax).contains(external + internalCount) else {
            throw AdministrationError(
                .invalid, "a message has 1 to \(TestPolicy.recipientsMax) recipients", "Give --external or --internal.")
        }
        guard (0...external).contains(firstTime), size >= 0 else {
            throw AdministrationError(.invalid, "of \(external) external recipients, \(firstTime) cannot be new; or the size is below 0")
        }
        let directory = try await administration.directory()
        var subject = try LimitSubject.find(sender, in: directory)
        if let from { subject.from = from }
        let table = PolicyTable(directory, zone: TimeZones.day)
        subject.trafficClass = trafficClass ?? table.grants.trafficClass(subject.trafficClass, of: subject.name, at: act.at)
        let message = subject.message(external: external, internalCount: internalCount, octets: size, directory: directory, at: act.at)
        var claims = table.claims(for: message, at: act.at)
        for index in claims.indices where !claims[index].recipients.isEmpty { claims[index].amounts[.firstTime] = firstTime }
        let trial = LimitTrial.run(claims, used: try await administration.used(claims.map(\.holder)), at: act.at)
        let refusal = TestPolicy.core(directory).refusalOfTrial(message, subject.submitter, isForwarded: isForwarded, at: act.at)
        let facts = PolicyTestFacts(message: message, firstTime: firstTime, table: table, refusal: refusal)
        return facts.view(trial, at: act.at)
    }

    /// Submission's own decisions, on a queue that nothing comes into.
    private static func core(_ directory: Directory) -> GateCore {
        var settings = GateSettings()
        settings.zone = TimeZones.day
        return GateCore(
            settings: settings, run: GateRun(owner: 1, node: 0, leaseUntil: .distantFuture), directory: directory, newestMessage: nil)
    }
}

extension Administration {
    /// What each of them has used, as of now.
    func used(_ holders: [UsageHolder]) async throws -> [UsageHolder: SenderUsage] {
        try await store.read { store in
            try Dictionary(holders.map { ($0, try store.usage(of: $0)) }) { _, newer in newer }
        }
    }
}

/// Everything that a dry run is told from.
struct PolicyTestFacts {
    var message: CountedMessage
    var firstTime: Int
    var table: PolicyTable
    /// Before anything is counted; nil where nothing stands against the message.
    var refusal: Verdict?

    func view(_ trial: LimitTrial, at now: Timestamp) -> PolicyTestView {
        let policy = message.trafficClass == .campaign || message.trafficClass == .notice ? nil : table.policy(for: message.from)
        let barred = barred()
        let readings = trial.exceeded.map { $0.finding(message.sender) }
        var view = PolicyTestView(
            sender: message.sender, from: message.from?.description ?? "", trafficClass: message.trafficClass.name,
            policy: policy?.name ?? "", decision: trial.decision, releaseAt: trial.releaseAt?.rfc3339 ?? "",
            reply: trial.exceeded.last.map { reply($0, at: now) } ?? "", restricted: false, throttled: false,
            external: message.external.count, internal: message.internalCount, firstTime: firstTime,
            limits: trial.standings.map { LimitView($0, day: table.day, at: now) }, findings: readings,
            warnings: trial.warnings.map { $0.text(message.sender, day: table.day, at: now) }, text: "")
        if let slowedBy = trial.slowedBy, let releaseAt = trial.releaseAt {
            view.findings.append(slowedBy.slowedFinding(until: releaseAt))
        }
        if trial.decision == .hold { view.reply = "" }
        if let barred {
            (view.decision, view.releaseAt, view.reply) = (.refuse, "", barred.reply.description)
            (view.restricted, view.throttled) = (barred.isRestricted, barred.isThrottled)
            (view.findings, view.warnings) = ([barred.finding], [])
        }
        view.text = text(view, trial, barred, policy, at: now)
        return view
    }

    /// What stands against the message before anything is counted.
    private struct Barred {
        var reply: SMTPReply
        var finding: Finding
        var isRestricted = false
        var isThrottled = false
    }

    private func barred() -> Barred? {
        guard case .refuse(let reply, let findings)? = refusal, let finding = findings.first else { return nil }
        return Barred(
            reply: reply, finding: finding, isRestricted: finding.rule.hasPrefix("restricted."),
            isThrottled: finding.rule.hasPrefix("throttle."))
    }

    private func reply(_ reading: LimitReading, at now: Timestamp) -> String {
        guard reading.limit.action.decision == .restrict else { return reading.reply(message.sender).description }
        let until = reading.limit.action == .restrictToday ? table.day.nextMidnight(after: now) : nil
        let restriction = Restriction(
            entity: .sender(message.sender), tenant: message.tenant, since: now, until: until, isExternalOnly: false,
            reference: "(a reference)", cause: reading.finding(message.sender))
        return restriction.reply.description
    }

    private func text(
        _ view: PolicyTestView, _ trial: LimitTrial, _ barred: Barred?, _ policy: SendingPolicy?, at now: Timestamp
    ) -> String {
        if let barred { return "The message would be refused: \(barred.finding.explanation)" }
        if !table.isCounting { return "The message would be accepted: nothing is limited, since no preset or policy was put." }
        if let reading = trial.exceeded.last {
            return "\(message.sender) has used \(reading.text), and this message would add \(reading.wanted): \(reading.limit.action.text)."
        }
        if let slowedBy = trial.slowedBy, let releaseAt = trial.releaseAt {
            return
                "The message would be accepted at once and go out from \(table.day.text(releaseAt, from: now)) \(table.day.zoneName) on: "
                + "\(slowedBy.text) are used."
        }
        let source = policy.map { ", by policy \($0.name)" } ?? ""
        return "The message would be accepted and go out at once\(source)."
    }
}
