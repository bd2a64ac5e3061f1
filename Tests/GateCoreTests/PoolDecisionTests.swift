import DeliveryPlanning
import GateCore
import InternetMessage
import MailModel
import OutboundPolicy
import Testing

/// Which pool mail leaves from, as the core decides it.
@Suite struct PoolDecisionTests {
    private let now = Timestamp(seconds: 1_800_000_000)
    private let kim = EmailAddress("kim@home.test")!
    private let spam = ScanOutcome.scanned(
        ScannedContent(summary: ScanSummary(score: 9.1, kind: .spam, findings: [])))

    private func core(_ pools: EgressPool?...) -> GateCore {
        let home = AcceptedDomain(name: DomainName("home.test")!)
        var directory = Directory(
            version: 1, accounts: [kim.key: Account(address: kim, passwordHash: "scrypt$x")], domains: [home.name: home])
        for (number, pool) in pools.enumerated() {
            var route = Route(name: "r\(number)", kind: .mx, createdAt: now)
            route.pool = pool
            directory.routes[route.name] = route
        }
        return GateCore(
            settings: GateSettings(), run: GateRun(owner: 7, node: 1, leaseUntil: .distantFuture), directory: directory, newestMessage: nil)
    }

    private func order(_ core: inout GateCore, _ scan: ScanOutcome?, isUnproven: Bool = false) throws -> AcceptanceOrder {
        guard case .accept(let order) = decision(&core, scan, isUnproven: isUnproven) else { throw NotAccepted() }
        return order
    }

    private func decision(_ core: inout GateCore, _ scan: ScanOutcome?, isUnproven: Bool = false) -> GateCore.ContentDecision {
        var facts = MessageFacts()
        facts.hasFrom = true
        facts.from = [kim]
        let envelope = Envelope(
            reversePath: .address(kim), parameters: MailParameters(), recipients: [EnvelopeRecipient(EmailAddress("a@out.test")!)])
        let session = SessionFacts(
            principal: .account(kim), address: IPAddress("10.0.0.1"), helloName: "client.test", isEncrypted: true, tlsVersion: "TLSv1.3")
        return core.contentReceived(
            facts, envelope: envelope, bytes: 500, session: session, scan: scan, isUnproven: isUnproven, at: now
        ) { _ in nil }
    }

    private struct NotAccepted: Error {}

    @Test func whatIsJudgedSpamLeavesByTheHighRiskPool() throws {
        var core = core(nil, .highRisk)
        #expect(try order(&core, nil).record.pool == .normal)
        let risky = try order(&core, spam)
        #expect(risky.record.pool == .highRisk && risky.lease != nil)
        #expect(risky.recipients.map(\.state) == [.queued])
        #expect(risky.record.findings.map(\.rule) == ["pool.spam"])
    }

    @Test func withoutASourceForItIsHeldAndSaysWhatToDo() throws {
        var core = core(nil)
        let held = try order(&core, spam)
        #expect(held.record.pool == .highRisk && held.lease == nil)
        #expect(held.recipients.map(\.state) == [.held])
        #expect(held.record.findings.map(\.rule) == ["pool.spam", "pool.empty"])
        #expect(held.record.findings.last?.explanation.contains("postern sources pool") == true)
    }

    @Test func aSenderWhoseDomainIsNoneLeavesByTheHighRiskPool() throws {
        var core = core(nil, .highRisk)
        let clean = ScanSummary(score: 0, kind: .clean, findings: [])
        let dead = ScanOutcome.scanned(ScannedContent(summary: clean, deadDomain: DomainName("nowhere.test")))
        let record = try order(&core, dead).record
        #expect(record.pool == .highRisk && record.scan == clean)
        #expect(record.findings.map(\.rule) == ["pool.dead-domain"] && record.findings[0].matched == "nowhere.test")
        #expect(try order(&core, .scanned(ScannedContent(summary: clean))).record.pool == .normal)
    }

    @Test func whatCouldNotBeScannedComesAgainUnlessTheSettingSaysOtherwise() throws {
        for failure in ScanFailure.allCases where failure != .opinion {
            var core = core(nil, .highRisk)
            guard case .refuse(let reply, let findings) = decision(&core, .failed(failure)) else {
                Issue.record("it was taken without a scan")
                continue
            }
            #expect(reply.code == 451 && findings.map(\.rule) == ["scan.not-done"] && findings[0].matched == failure.rawValue)
            var settings = core.settings
            settings.unscanned = .highRisk
            _ = core.settingsChanged(settings, at: now)
            let risky = try order(&core, .failed(failure)).record
            #expect(risky.pool == .highRisk && risky.scan == nil)
            #expect(risky.findings.map(\.rule) == ["scan.not-done", "pool.not-scanned"])
            settings.unscanned = .pass
            _ = core.settingsChanged(settings, at: now)
            let passed = try order(&core, .failed(failure)).record
            #expect(passed.pool == .normal && passed.findings.map(\.rule) == ["scan.not-done"])
        }
    }

    @Test func aSecondOpinionThatIsWaitedForDefersWhateverIsSetForUnscannedMail() throws {
        for unscanned in UnscannedMail.allCases {
            var core = core(nil, .highRisk)
            var settings = core.settings
            settings.unscanned = unscanned
            _ = core.settingsChanged(settings, at: now)
            guard case .refuse(let reply, let findings) = decision(&core, .failed(.opinion)) else {
                Issue.record("it was taken without the opinion")
                continue
            }
            #expect(reply.code == 451 && findings.map(\.matched) == ["opinion"])
        }
    }

    @Test func whatIsPassedOnUnprovenLeavesByTheRelayPoolWhereThereIsOne() throws {
        var core = core(nil, .relay)
        #expect(try order(&core, nil, isUnproven: true).record.pool == .relay)
        #expect(try order(&core, spam, isUnproven: true).record.pool == .highRisk)
        core = self.core(nil)
        let usual = try order(&core, nil, isUnproven: true)
        #expect(usual.record.pool == .normal && usual.lease != nil && usual.record.findings.isEmpty)
    }

    @Test func reportsLeaveByTheHighRiskPoolWhereThereIsOne() throws {
        var core = core(nil, .highRisk)
        var record = try order(&core, nil).record
        record.fields.reversePath = .address(EmailAddress("someone@elsewhere.test")!)
        let found = core.notice(for: record, at: now)
        let report = try #require(found)
        #expect(report.record.pool == .highRisk && report.lease != nil)
        #expect(report.record.findings.map(\.rule) == ["notice.report", "pool.report"])
        // A colleague's does not leave.
        record.fields.reversePath = .address(kim)
        #expect(core.notice(for: record, at: now)?.record.pool == .normal)
    }

    /// 30 in a minute.
    @Test func withoutOneTheyLeaveByTheNormalPoolAFewAMinute() throws {
        var core = core(nil)
        var record = try order(&core, nil).record
        record.fields.reversePath = .address(EmailAddress("someone@elsewhere.test")!)
        let reports = (0..<61).compactMap { _ in core.notice(for: record, at: now) }
        #expect(reports.map { $0.record.pool } == Array(repeating: .normal, count: 61))
        #expect(reports[0].recipient.dueAt == now && reports[30].recipient.dueAt == now + .seconds(60))
        #expect(reports[60].recipient.dueAt == now + .seconds(120))
        #expect(reports[60].lease == nil && reports[60].record.expiresAt > reports[60].recipient.dueAt)
        #expect(core.notice(for: record, at: now + .seconds(600))?.recipient.dueAt == now + .seconds(600))
    }
}
