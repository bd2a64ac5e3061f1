import DeliveryPlanning
import GateCore
import InternetMessage
import MailModel
import OutboundPolicy
import Testing

/// What the core makes of limits, restrictions and repeated errors.
@Suite struct LimitDecisionTests {
    private let start = Timestamp(seconds: 1_800_000_000)
    private let kim = EmailAddress("kim@home.test")!

    private func directory(_ change: (inout Directory) -> Void) -> Directory {
        var directory = Directory(
            version: 1, accounts: [kim.key: Account(address: kim, passwordHash: "scrypt$x")],
            domains: [DomainName("home.test")!: AcceptedDomain(name: DomainName("home.test")!)])
        change(&directory)
        return directory
    }

    private func core(_ change: (inout Directory) -> Void) -> GateCore {
        GateCore(
            settings: GateSettings(), run: GateRun(owner: 7, node: 1, leaseUntil: .distantFuture), directory: directory(change),
            newestMessage: nil)
    }

    private var session: SessionFacts {
        SessionFacts(
            principal: .account(kim), address: IPAddress("10.0.0.1"), helloName: "laptop", isEncrypted: true, tlsVersion: "TLSv1.3")
    }

    private func facts(_ change: (inout MessageFacts) -> Void = { _ in }) -> MessageFacts {
        var facts = MessageFacts()
        facts.hasFrom = true
        facts.from = [kim]
        facts.subject = "Subject"
        change(&facts)
        return facts
    }

    private func send(
        _ core: inout GateCore, to recipients: [String] = ["a@out.test"], facts: MessageFacts? = nil, scan: ScanOutcome? = nil,
        at now: Timestamp
    ) -> GateCore.ContentDecision {
        let envelope = Envelope(
            reversePath: .address(kim), parameters: MailParameters(), recipients: recipients.map { EnvelopeRecipient(EmailAddress($0)!) })
        let decision = core.contentReceived(
            facts ?? self.facts(), envelope: envelope, bytes: 500, session: session, scan: scan, at: now,
            fieldAddress: { _ in nil })
        if case .accept(let order) = decision { grant(order, &core, at: now) }
        return decision
    }

    /// The store's part, without its failures.
    private func grant(_ order: AcceptanceOrder, _ core: inout GateCore, at now: Timestamp) {
        for claim in order.claims {
            var usage = core.usage(of: claim.holder)
            guard case .granted(let releaseAt, let slowedBy, let warnings) = usage.claim(claim, at: now) else { continue }
            let holding = ClaimAnswer.Holding(holder: claim.holder, usage: usage, known: [], warnings: warnings)
            core.usageLearned(ClaimAnswer(holdings: [holding], releaseAt: releaseAt, slowedBy: slowedBy, firstTime: 0), at: now)
        }
    }

    private func policy(perHour: Int, _ action: LimitAction) -> SendingPolicy {
        var policy = SendingPolicy(name: "default", priority: 0)
        policy.externalPerHour = perHour
        policy.action = action
        return policy
    }

    private func reply(_ decision: GateCore.ContentDecision) -> SMTPReply? {
        guard case .refuse(let reply, _) = decision else { return nil }
        return reply
    }

    private func order(_ decision: GateCore.ContentDecision) throws -> AcceptanceOrder {
        guard case .accept(let order) = decision else { throw Refused() }
        return order
    }

    private struct Refused: Error {}

    @Test func withoutAPolicyNothingIsCounted() throws {
        var core = core { _ in }
        #expect(try order(send(&core, at: start)).claims.isEmpty)
    }

    @Test func theMessagePastALimitRestrictsItsSenderAtOnce() throws {
        var core = core { $0.policies["default"] = policy(perHour: 3, .restrict) }
        for _ in 0..<3 { #expect(reply(send(&core, at: start)) == nil) }
        let refused = try #require(reply(send(&core, at: start)))
        #expect(refused.code == 550 && refused.enhancedCode == EnhancedStatusCode(5, 1, 8))
        #expect(refused.text.hasPrefix("Access denied, bad outbound sender"))
        let acts = core.takeActs()
        guard acts.count == 3, case .alert(let near) = acts[0], case .restrict(let restriction) = acts[1],
            case .alert(let condition) = acts[2]
        else {
            Issue.record("neither restricted nor told: \(acts)")
            return
        }
        #expect(restriction.entity == .sender("kim@home.test") && restriction.until == nil)
        #expect(refused.text.contains(restriction.reference), "the reference that the administrator looks up")
        #expect(restriction.evidence.readings.map(\.used) == [3] && restriction.evidence.addresses == ["10.0.0.1"])
        #expect(near.kind == .limitNear && condition.kind == .senderRestricted)
        // The next command: MAIL, and mail that is on its way in.
        guard case .refuse(let next, _) = core.senderGiven(.address(kim), MailParameters(), session: session, at: start) else {
            Issue.record("MAIL was taken")
            return
        }
        #expect(next == refused)
        #expect(
            reply(send(&core, to: ["b@home.test"], at: start + .seconds(7200))) != nil, "internal mail and a free window change nothing")
        #expect(core.queue.restricted == [.sender("kim@home.test"): false])
    }

    @Test func aConnectorThatIsItsOwnSenderIsRestrictedAsTheConnector() throws {
        var scanner = Connector(name: "Scanner-2")
        scanner.grants = [.any]
        var core = core { directory in
            directory.connectors[scanner.name] = scanner
            directory.policies["default"] = policy(perHour: 1, .restrict)
        }
        let session = SessionFacts(
            principal: .connector(scanner.name), address: nil, helloName: "scanner", isEncrypted: true, tlsVersion: nil)
        let envelope = Envelope(
            reversePath: .address(kim), parameters: MailParameters(), recipients: [EnvelopeRecipient(EmailAddress("a@out.test")!)])
        func submit() -> GateCore.ContentDecision {
            core.contentReceived(facts(), envelope: envelope, bytes: 500, session: session, at: start, fieldAddress: { _ in nil })
        }
        grant(try order(submit()), &core, at: start)
        #expect(reply(submit())?.enhancedCode == EnhancedStatusCode(5, 7, 711))
        #expect(core.restrictions.keys.map(\.description) == ["connector:Scanner-2"])
        #expect(RestrictedEntity("sender:connector:Scanner-2") == .connector("Scanner-2"))
        #expect(RestrictedEntity("sender:Kim@Home.test") == .sender("kim@home.test"))
    }

    @Test func aRestrictionUntilTomorrowEndsByItself() {
        var core = core { $0.policies["default"] = policy(perHour: 1, .restrictToday) }
        #expect(reply(send(&core, at: start)) == nil)
        #expect(reply(send(&core, at: start)) != nil)
        // 2027-01-15T08:00Z: the day ends sixteen hours later.
        let midnight = start + .seconds(16 * 3600)
        #expect(reply(send(&core, at: midnight - .milliseconds(1))) != nil)
        #expect(reply(send(&core, at: midnight)) == nil)
    }

    @Test func whoWasReleasedTodayIsNotRestrictedAgainByVolume() {
        var released = Restriction(
            entity: .sender(kim.key), tenant: .standard, since: start, until: nil, isExternalOnly: false, reference: "R1",
            cause: Finding(rule: "limit.external-per-hour", matched: "", explanation: ""))
        released.releasedAt = start
        released.volumeExemptUntil = start + .seconds(3600)
        var core = core { directory in
            directory.policies["default"] = policy(perHour: 1, .restrict)
            directory.restrictions[released.entity] = released
        }
        for _ in 0..<5 { #expect(reply(send(&core, at: start)) == nil) }
        #expect(reply(send(&core, at: start + .seconds(3600))) != nil, "the exemption is over")
    }

    @Test func anExternalOnlyRestrictionLetsInternalMailThrough() {
        var core = core { directory in
            directory.policies["default"] = policy(perHour: 1, .restrict)
            directory.service = ServiceLimits()
            directory.service?.restrictsInternal = false
        }
        #expect(reply(send(&core, at: start)) == nil)
        #expect(reply(send(&core, at: start)) != nil)
        #expect(reply(send(&core, to: ["b@home.test"], at: start)) == nil)
        #expect(reply(send(&core, to: ["b@home.test", "a@out.test"], at: start)) != nil)
    }

    @Test func heldMailWaitsForAPerson() throws {
        var core = core { $0.policies["default"] = policy(perHour: 1, .hold) }
        _ = send(&core, at: start)
        let held = try order(send(&core, at: start))
        #expect(held.recipients.map(\.state) == [.held] && held.lease == nil)
        #expect(held.record.findings.map(\.rule) == ["limit.external-per-hour"])
    }

    @Test func theAnswerToAStrangerLimitNamesNumbersAndTime() throws {
        for action in [LimitAction.refuse, .defer] {
            var core = core { $0.policies["default"] = policy(perHour: 2, action) }
            _ = send(&core, to: ["a@out.test", "b@out.test"], at: start)
            let refused = try #require(reply(send(&core, at: start)))
            #expect(refused.code == (action == .defer ? 451 : 550))
            #expect(refused.text.contains("2 of 2 external recipients in any hour"))
            #expect(refused.text.contains("2027-01-15T09:01:00"))
        }
    }

    @Test func groupsAreCountedByTheirMembers() throws {
        let staff = EmailAddress("staff@home.test")!
        var core = core { directory in
            directory.policies["default"] = policy(perHour: 2, .refuse)
            directory.groups[staff] = RecipientGroup(
                address: staff, members: ["a@out.test", "b@out.test", "c@home.test"].map { EmailAddress($0)! })
        }
        let taken = try order(send(&core, to: ["staff@home.test", "A@out.test"], at: start))
        #expect(taken.recipients.map(\.recipient.address.key) == ["a@out.test", "b@out.test", "c@home.test"])
        #expect(reply(send(&core, to: ["staff@home.test"], at: start)) != nil)
    }

    @Test func forwardedMailStaysInside() throws {
        var core = core { $0.policies["default"] = policy(perHour: 9, .refuse) }
        let forwarded = facts { $0.isForwarded = true }
        let refused = try #require(reply(send(&core, facts: forwarded, at: start)))
        #expect(refused.enhancedCode == EnhancedStatusCode(5, 7, 520))
        #expect(reply(send(&core, to: ["b@home.test"], facts: forwarded, at: start)) == nil)
    }

    @Test func anErrorThatIsRepeatedThrottles() throws {
        var core = core { _ in }
        let other = EmailAddress("boss@home.test")!
        func mail(_ core: inout GateCore, at now: Timestamp) -> SMTPReply? {
            guard case .refuse(let reply, _) = core.senderGiven(.address(other), MailParameters(), session: session, at: now) else {
                return nil
            }
            return reply
        }
        for number in 0..<20 { #expect(mail(&core, at: start + .seconds(Int64(number)))?.enhancedCode == EnhancedStatusCode(5, 7, 60)) }
        let throttled = try #require(mail(&core, at: start + .seconds(30)))
        #expect(throttled.code == 550 && throttled.enhancedCode == EnhancedStatusCode(5, 2, 252))
        #expect(throttled.text.hasPrefix("Sender throttled due to continuous send as denied errors."))
        #expect(reply(send(&core, at: start + .seconds(40))) == throttled, "good mail of the same submitter as well")
        #expect(reply(send(&core, at: start + .seconds(19 + 3600))) == nil, "until the period is over")
        let kinds = core.takeActs().map { act in
            switch act {
            case .throttle: "throttle"
            case .count(let report): report.counterName
            case .alert(let condition): condition.kind.rawValue
            case .restrict: "restrict"
            }
        }
        #expect(kinds == ["throttle", "continuous-errors"])
    }

    @Test func errorsSpreadOverTimeDoNotThrottle() {
        var core = core { _ in }
        let other = EmailAddress("boss@home.test")!
        for number in 0..<100 {
            _ = core.senderGiven(.address(other), MailParameters(), session: session, at: start + .seconds(190 * Int64(number)))
        }
        #expect(core.takeActs().isEmpty)
    }

    @Test func tooManyRecipientsAndUnknownOnesAreErrorsToo() throws {
        var core = core { directory in
            directory.service = ServiceLimits()
            directory.service?.recipientsPerMessage = 2
            directory.domains[DomainName("home.test")!]?.recipientCheck = .directory
        }
        let many = try #require(reply(send(&core, to: ["a@o.test", "b@o.test", "c@o.test"], at: start)))
        #expect(many.code == 554 && many.enhancedCode == EnhancedStatusCode(5, 5, 3))
        guard
            case .refuse(let unknown, _) = core.recipientGiven(
                EnvelopeRecipient(EmailAddress("nobody@home.test")!), session: session, at: start)
        else {
            Issue.record("an unknown recipient was taken")
            return
        }
        #expect(unknown.code == 550 && unknown.enhancedCode == EnhancedStatusCode(5, 1, 10))
        #expect(core.recipientGiven(EnvelopeRecipient(kim), session: session, at: start) == .accept([]))
        for _ in 0..<18 { _ = core.recipientGiven(EnvelopeRecipient(EmailAddress("nobody@home.test")!), session: session, at: start) }
        #expect(core.takeActs().isEmpty)
        _ = core.recipientGiven(EnvelopeRecipient(EmailAddress("nobody@home.test")!), session: session, at: start)
        #expect(core.throttles.values.map(\.cause) == [.invalidRecipients])
    }

    @Test func anAccountHasSoManyConnectionsAndNoMore() {
        var core = core { directory in
            directory.service = ServiceLimits()
            directory.service?.connectionsPerSender = 2
        }
        var began = [core.sessionBegan(as: kim), core.sessionBegan(as: kim)]
        guard case .refused(let reply) = core.sessionBegan(as: kim) else {
            Issue.record("a third connection")
            return
        }
        #expect(reply.code == 432)
        began.append(core.sessionBegan(as: EmailAddress("pat@home.test")!))
        core.sessionEnded(as: kim)
        began.append(core.sessionBegan(as: kim))
        #expect(began == [.began, .began, .began, .began], "another account has its own")
    }

    /// What other nodes have counted throttles here too, but not again for errors from before a throttle that a person has ended.
    @Test func errorsOfAllNodesThrottle() {
        var settings = GateSettings()
        settings.isShared = true
        var core = GateCore(
            settings: settings, run: GateRun(owner: 7, node: 1, leaseUntil: .distantFuture), directory: directory { _ in },
            newestMessage: nil)
        var reports: [ErrorReport] = []
        func err() {
            _ = core.senderGiven(.address(EmailAddress("boss@home.test")!), MailParameters(), session: session, at: start)
            for case .count(let report) in core.takeActs() { reports.append(report) }
        }
        err()
        err()
        #expect(reports.map(\.counterName) == Array(repeating: "error/send-as/account:kim@home.test/0", count: 2))
        core.errorsCounted(19, reports[0], at: start)
        #expect(core.throttles.isEmpty)
        core.errorsCounted(20, reports[1], at: start)
        #expect(core.throttles["account:kim@home.test"]?.count == 20)
        core.errorsCounted(21, reports[1], at: start)
        #expect(core.takeActs().count == 2, "one throttle and its alert")
        var ended = core.directory
        ended.version = 2
        ended.throttles = core.throttles
        ended.throttles["account:kim@home.test"]?.endedAt = start
        var random = SystemRandomNumberGenerator()
        _ = core.handle(.directoryChanged(ended, lane: Lane(0)), at: start, using: &random)
        err()
        #expect(reports.last?.counterName == "error/send-as/account:kim@home.test/\(start.milliseconds)", "counted from nothing")
    }

    @Test func whatIsJudgedSpamRestrictsWhateverTheVolume() {
        var core = core { $0.service = ServiceLimits() }
        let spam = ScanOutcome.scanned(ScannedContent(summary: ScanSummary(score: 9, kind: .spam, findings: [])))
        for _ in 0..<4 { #expect(reply(send(&core, scan: spam, at: start)) == nil) }
        #expect(core.takeActs().isEmpty)
        _ = send(&core, scan: spam, at: start)
        guard case .alert(let early)? = core.takeActs().first else {
            Issue.record("nobody is told before")
            return
        }
        #expect(early.kind == .suspiciousSender)
        for _ in 0..<5 { _ = send(&core, scan: spam, at: start) }
        #expect(core.restrictions[.sender(kim.key)]?.cause.rule == "detector.spam-per-hour")
        #expect(core.restrictions[.sender(kim.key)]?.evidence.judgedSpam == 10)
        #expect(reply(send(&core, at: start)) != nil)
    }

    @Test func theOrganisationIsRestrictedForTheSpamOfAll() {
        var core = core { directory in
            directory.service = ServiceLimits()
            directory.service?.detection.organisationPerHour = 3
        }
        let spam = ScanOutcome.scanned(ScannedContent(summary: ScanSummary(score: 9, kind: .spam, findings: [])))
        for _ in 0..<3 { _ = send(&core, scan: spam, at: start) }
        #expect(core.restrictions[.organisation]?.cause.rule == "detector.organisation-spam")
        #expect(reply(send(&core, at: start))?.enhancedCode == EnhancedStatusCode(5, 7, 705))
    }

    @Test func aDirectoryThatKnowsTheReleaseEndsOurRestriction() throws {
        var core = core { $0.policies["default"] = policy(perHour: 0, .restrict) }
        core = self.core { $0.policies["default"] = policy(perHour: 1, .restrict) }
        _ = send(&core, at: start)
        _ = send(&core, at: start)
        var restriction = try #require(core.restrictions[.sender(kim.key)])
        var random = SystemRandomNumberGenerator()
        func load(_ version: Int64, _ restriction: Restriction?) {
            let directory = directory { directory in
                directory.version = version
                directory.policies["default"] = policy(perHour: 1, .restrict)
                directory.restrictions[.sender(kim.key)] = restriction
            }
            _ = core.handle(.directoryChanged(directory, lane: Lane(0)), at: start, using: &random)
        }
        load(2, nil)
        #expect(core.restrictions[.sender(kim.key)] != nil, "the directory does not have it yet")
        load(3, restriction)
        restriction.releasedAt = start
        load(4, restriction)
        #expect(core.senderGiven(.address(kim), MailParameters(), session: session, at: start) == .accept([]))
    }
}
