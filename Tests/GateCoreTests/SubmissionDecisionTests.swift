import DeliveryPlanning
import GateCore
import InternetMessage
import MailModel
import OutboundPolicy
import Testing

/// The decisions of submission as the services get them from the core.
@Suite struct SubmissionDecisionTests {
    private let now = Timestamp(seconds: 1_800_000_000)
    private let kim = EmailAddress("kim@home.test")!

    private func core(_ change: (inout GateSettings, inout Directory) -> Void = { _, _ in }) -> GateCore {
        let account = Account(address: kim, passwordHash: "scrypt$x")
        var app = Connector(name: "app")
        app.networks = [IPNetwork("10.0.0.0/8")!]
        app.grants = [.any]
        app.allowsPlaintext = true
        app.trafficClass = .application
        app.onlyRoute = "relay"
        let home = AcceptedDomain(name: DomainName("home.test")!)
        var directory = Directory(
            version: 1, accounts: [account.address.key: account], connectors: ["app": app], domains: [home.name: home])
        var settings = GateSettings()
        settings.rules.futureReleaseMax = .seconds(86_400)
        change(&settings, &directory)
        return GateCore(
            settings: settings, run: GateRun(owner: 7, node: 1, leaseUntil: .distantFuture), directory: directory, newestMessage: nil)
    }

    private func session(_ principal: Submitter.Principal?, isEncrypted: Bool = true) -> SessionFacts {
        SessionFacts(
            principal: principal, address: IPAddress("10.0.0.1"), helloName: "client.test", isEncrypted: isEncrypted,
            tlsVersion: isEncrypted ? "TLSv1.3" : nil)
    }

    private func facts(_ from: String = "kim@home.test") -> MessageFacts {
        var facts = MessageFacts()
        facts.hasFrom = true
        facts.from = [EmailAddress(from)!]
        facts.headerFromText = "Kim <\(from)>"
        facts.subject = "Subject"
        facts.messageID = "id@home.test"
        return facts
    }

    private func envelope(
        _ recipients: [String] = ["a@out.test"], from: String = "kim@home.test", _ change: (inout MailParameters) -> Void = { _ in }
    ) -> Envelope {
        var parameters = MailParameters()
        change(&parameters)
        return Envelope(
            reversePath: EmailAddress(from).map(ReversePath.address) ?? .null, parameters: parameters,
            recipients: recipients.map { EnvelopeRecipient(EmailAddress($0)!) })
    }

    private func received(
        _ core: inout GateCore, _ envelope: Envelope, facts: MessageFacts? = nil, as principal: Submitter.Principal? = nil
    ) -> GateCore.ContentDecision {
        core.contentReceived(
            facts ?? self.facts(), envelope: envelope, bytes: 500, session: session(principal ?? .account(kim)), at: now
        ) { _ in nil }
    }

    private func order(
        _ core: inout GateCore, _ envelope: Envelope, facts: MessageFacts? = nil, as principal: Submitter.Principal? = nil
    ) throws -> AcceptanceOrder {
        guard case .accept(let order) = received(&core, envelope, facts: facts, as: principal) else {
            throw NotAccepted()
        }
        return order
    }

    private struct NotAccepted: Error {}

    private func code(_ verdict: Verdict) -> String? {
        guard case .refuse(let reply, let findings) = verdict else { return nil }
        return "\(reply.code) \(reply.enhancedCode?.description ?? "") \(findings.first?.rule ?? "")"
    }

    private func code(_ decision: GateCore.ContentDecision) -> String? {
        guard case .refuse(let reply, let findings) = decision else { return nil }
        return "\(reply.code) \(reply.enhancedCode?.description ?? "") \(findings.first?.rule ?? "")"
    }

    // Fail closed.

    @Test func whatCannotBeKeptIsNotTaken() {
        var core = core()
        core.storeCondition = .closed(reason: "The disk is almost full")
        let path = ReversePath.address(kim)
        #expect(code(core.senderGiven(path, MailParameters(), session: session(.account(kim)), at: now)) == "452 4.3.1 store.closed")
        #expect(core.contentReserved(10)?.description.hasPrefix("452 4.3.1 The disk is almost full") == true)
        #expect(core.contentBytes == 0)
        #expect(code(received(&core, envelope())) == "452 4.3.1 store.closed")
        core.storeCondition = .open
        #expect(code(core.senderGiven(path, MailParameters(), session: session(.account(kim)), at: now)) == nil)
        #expect(core.contentReserved(10) == nil)
        #expect(code(received(&core, envelope())) == nil)
    }

    @Test func aStoppingGateSaysSoEverywhere() {
        var core = core()
        var random = SeededGenerator(state: 1)
        _ = core.handle(.stopping, at: now, using: &random)
        let path = ReversePath.address(kim)
        #expect(core.connectionOpened(from: nil)?.code == 421)
        #expect(core.connectionCount == 0)
        #expect(code(core.senderGiven(path, MailParameters(), session: session(.account(kim)), at: now))?.hasPrefix("421 4.3.2") == true)
        #expect(core.contentReserved(1)?.code == 421)
        #expect(code(received(&core, envelope()))?.hasPrefix("421 4.3.2") == true)
        let actions = core.handle(.timePassed, at: now, using: &random)
        #expect(actions.isEmpty)
    }

    @Test func memoryForContentIsBoundedAndRecovers() {
        var core = core { settings, _ in settings.connections.contentBytesMax = 100 }
        #expect(core.contentReserved(100) == nil)
        #expect(core.contentReserved(1)?.description.hasPrefix("452 4.3.1") == true)
        core.contentReleased(100)
        #expect(core.contentReserved(1) == nil)
    }

    // Who submits.

    @Test func anAccountThatIsDisabledInTheMiddleOfASessionIsOut() {
        var core = core()
        var random = SeededGenerator(state: 1)
        #expect(code(received(&core, envelope())) == nil)
        var directory = core.directory
        directory.accounts["kim@home.test"]?.isDisabled = true
        _ = core.handle(.directoryChanged(directory, lane: Lane(0)), at: now, using: &random)
        let path = ReversePath.address(kim)
        #expect(
            code(core.senderGiven(path, MailParameters(), session: session(.account(kim)), at: now))
                == "530 5.7.57 submission.not-authenticated")
        #expect(code(received(&core, envelope())) == "550 5.7.1 submission.disabled")
        #expect(core.submitter(.account(kim)) == nil)
    }

    @Test func aConnectorThatIsRemovedOrDisabledInTheMiddleOfASessionIsOut() {
        for remove in [true, false] {
            var core = core()
            var random = SeededGenerator(state: 1)
            #expect(code(received(&core, envelope(), as: .connector("app"))) == nil)
            var directory = core.directory
            if remove { directory.connectors = [:] } else { directory.connectors["app"]?.isDisabled = true }
            _ = core.handle(.directoryChanged(directory, lane: Lane(0)), at: now, using: &random)
            #expect(code(received(&core, envelope(), as: .connector("app"))) == "550 5.7.1 submission.disabled")
            #expect(core.connector(address: IPAddress("10.0.0.1"), certificateFingerprint: nil) == nil)
        }
    }

    @Test func aRightThatWasWithdrawnIsGoneAtOnce() {
        var core = core()
        var random = SeededGenerator(state: 1)
        var directory = core.directory
        directory.connectors["app"]?.grants = []
        _ = core.handle(.directoryChanged(directory, lane: Lane(0)), at: now, using: &random)
        #expect(code(received(&core, envelope(), as: .connector("app"))) == "550 5.7.60 send-as.from")
    }

    @Test func namesAreLookedUpWithoutCaseAndUnknownOnesLookTheSame() {
        let core = core { _, directory in
            var off = Account(address: EmailAddress("off@home.test")!, passwordHash: nil)
            off.isDisabled = true
            directory.accounts[off.address.key] = off
        }
        func account(_ name: String) -> String? {
            guard case .check(let account) = core.signInBegan(name: name, from: nil, at: now) else { return "refused" }
            return account?.address.key
        }
        #expect(account("KIM@home.test") == "kim@home.test")
        #expect(account("nobody@home.test") == nil)
        #expect(account("off@home.test") == nil)
    }

    @Test func guessingIsStoppedBeforeAPasswordIsLookedAt() {
        var core = core { settings, _ in settings.signIns.failuresPerBlockMax = 2 }
        let address = IPAddress("198.51.100.1")
        for name in ["Kim@home.test", "kim@HOME.test"] { _ = core.signInFailed(name: name, from: address, at: now) }
        guard case .refuse(let reply) = core.signInBegan(name: "lee@home.test", from: address, at: now) else {
            Issue.record("not refused")
            return
        }
        #expect(reply.code == 454)
        core.signInSucceeded(name: "kim@home.test", from: address, at: now)
        guard case .check = core.signInBegan(name: "Kim@Home.test", from: address, at: now) else {
            Issue.record("a known address was refused")
            return
        }
    }

    // What is stored.

    @Test func theRecordSaysWhoWhatAndWhere() throws {
        var core = core()
        let order = try order(&core, envelope(["a@out.test", "b@home.test"]) { $0.envelopeID = "E1" })
        let record = order.record
        #expect(record.sender == "kim@home.test")
        #expect(record.principal == "account:kim@home.test")
        #expect(record.trafficClass == .personal)
        #expect(record.subject == "Subject")
        #expect(record.headerMessageID == "id@home.test")
        #expect(record.envelopeID == "E1")
        #expect(record.clientAddress == IPAddress("10.0.0.1"))
        #expect(record.submissionTLS == "TLSv1.3")
        #expect(record.sizeBytes == 500)
        #expect(record.recipientCount == 2)
        #expect(record.id.time == now)
        #expect(record.expiresAt == now + .seconds(2 * 86_400))
        #expect(record.warnAt == now + .seconds(4 * 3600))
        #expect(order.recipients.map(\.index) == [0, 1])
        #expect(order.recipients.map(\.isInternal) == [false, true])
        #expect(order.recipients.allSatisfy { $0.state == .queued && $0.attempts == 0 && $0.dueAt == now })
        #expect(order.lease?.owner == 7)
        #expect(record.onlyRoute == nil)
        #expect(try self.order(&core, envelope(), as: .connector("app")).record.onlyRoute == "relay")
    }

    @Test func identifiersAreNeverTheSame() throws {
        var core = core()
        var ids: Set<MessageID> = []
        for _ in 0..<50 {
            ids.insert(try order(&core, envelope()).record.id)
            ids.insert(core.nextIdentifier(at: now))
        }
        #expect(ids.count == 100)
    }

    @Test func mailForLaterIsNotLeased() throws {
        var core = core()
        let order = try order(&core, envelope { $0.futureRelease = .holdFor(seconds: 3600) })
        #expect(order.lease == nil)
        #expect(order.recipients.allSatisfy { $0.dueAt == now + .seconds(3600) })
        // Its time begins when it is let go.
        #expect(order.record.expiresAt == now + .seconds(3600) + .seconds(2 * 86_400))
        #expect(order.record.warnAt == now + .seconds(3600) + .seconds(4 * 3600))
        #expect(core.queue.recipientsInMemory == 0)
        let past = try self.order(&core, envelope { $0.futureRelease = .holdUntil(now - .seconds(5)) })
        #expect(past.lease != nil)
        #expect(past.recipients.allSatisfy { $0.dueAt == now })
    }

    @Test func beyondTheWindowMailIsStoredWithoutALease() throws {
        var core = core { settings, _ in settings.queue.leasedMax = 2 }
        #expect(try order(&core, envelope(["a@out.test", "b@out.test"])).lease != nil)
        #expect(core.queue.recipientsInMemory == 2)
        #expect(try order(&core, envelope()).lease == nil)
        var random = SeededGenerator(state: 1)
        _ = core.handle(.notStored(recipients: 2), at: now, using: &random)
        #expect(try order(&core, envelope()).lease != nil)
    }

    @Test func underTheGreatPauseMailIsTakenAndWaits() throws {
        var core = core { _, directory in directory.pauses = [.all] }
        #expect(try order(&core, envelope()).lease == nil)
    }

    /// A next host without SMTPUTF8 must not refuse what does not need it.
    @Test func internationalizedMailIsSoOnlyWhereItHasToBe() throws {
        func isInternationalized(_ envelope: Envelope, hasEightBitHeader: Bool = false, from: String = "kim@home.test") throws -> Bool {
            var core = core { _, directory in directory.accounts["kim@home.test"]?.grants = [.any] }
            var facts = facts(from)
            facts.hasEightBitHeader = hasEightBitHeader
            return try order(&core, envelope, facts: facts).record.isInternationalized
        }
        #expect(try isInternationalized(envelope { $0.isInternationalized = true }) == false)
        #expect(try isInternationalized(envelope { $0.isInternationalized = true }, hasEightBitHeader: true))
        #expect(try isInternationalized(envelope(["ä@out.test"]) { $0.isInternationalized = true }))
        #expect(try isInternationalized(envelope(["a@öut.test"]) { $0.isInternationalized = true }))
        #expect(try isInternationalized(envelope(from: "ü@home.test") { $0.isInternationalized = true }))
        #expect(try isInternationalized(envelope(), hasEightBitHeader: true) == false)
    }

    @Test func theBodyKindIsWhatTheContentIs() throws {
        func body(header: Bool, body: Bool) throws -> BodyKind {
            var core = core()
            var facts = facts()
            facts.hasEightBitHeader = header
            facts.hasEightBitBody = body
            // Whatever the client declared.
            return try order(&core, envelope { $0.body = body ? .sevenBit : .eightBit }, facts: facts).record.body
        }
        #expect(try body(header: false, body: false) == .sevenBit)
        #expect(try body(header: false, body: true) == .eightBit)
        #expect(try body(header: true, body: false) == .eightBit)
    }

    // Reports.

    @Test func aReportIsAMessageOfItsOwn() throws {
        var core = core()
        let record = try order(&core, envelope(), as: .connector("app")).record
        let made = core.notice(for: record, at: now)
        let notice = try #require(made)
        #expect(notice.record.reversePath == .null)
        #expect(notice.record.sender == "postern")
        #expect(notice.record.principal == "postern")
        #expect(notice.record.trafficClass == .notice)
        #expect(notice.record.id != record.id)
        #expect(notice.record.onlyRoute == "relay")
        #expect(notice.record.recipientCount == 1)
        #expect(notice.record.warnAt == nil)
        #expect(notice.record.findings.map(\.matched) == [record.id.description])
        #expect(notice.recipient.recipient.address == kim)
        // Never a report on a report.
        #expect(notice.recipient.recipient.notify == [])
        #expect(notice.recipient.isInternal)
        #expect(notice.lease?.owner == 7)
        #expect(core.queue.recipientsInMemory == 2)
    }

    @Test func aReportOnAReportIsNotMade() throws {
        var core = core()
        let record = try order(&core, envelope(from: "")).record
        let notice = core.notice(for: record, at: now)
        #expect(notice?.record.id == nil)
    }

    @Test func aReportIsMadeDuringAStopAndLeftToTheNextRun() throws {
        var core = core()
        var random = SeededGenerator(state: 1)
        let record = try order(&core, envelope()).record
        _ = core.handle(.stopping, at: now, using: &random)
        let made = core.notice(for: record, at: now)
        let notice = try #require(made)
        #expect(notice.lease == nil)
    }
}
