import DeliveryPlanning
import MailModel
import OwnThreads
import Storage
import Testing

/// What accepting, refusing and settling promise on every driver.
@Suite(.ownThreads) struct MessageContract {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    @Test(arguments: StoreDriver.all)
    func anAcceptedMessageReadsBackWhole(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        var message = Sample.message(
            1, to: ["Ä.b@exämple.net", "\"two words\"@[192.0.2.1]"], content: (0..<700_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
        message.record.fields.envelopeID = "env"
        message.record.fields.dsnReturn = .headers
        message.record.fields.body = .eightBit
        message.record.fields.isInternationalized = true
        message.record.fields.warnAt = Sample.start + .seconds(5)
        message.record.fields.onlyRoute = "partner"
        message.record.fields.findings = [Finding(rule: "a.b", matched: "\"c\"\n", explanation: "d")]
        message.record.fields.scan = ScanSummary(
            score: 8.3, kind: .spam,
            findings: [ScoredFinding(finding: Finding(rule: "scan.a", matched: "\"b\"\n", explanation: "c"), weight: -0.7)])
        message.recipients[0].recipient.notify = [.failure, .delay]
        message.recipients[0].recipient.originalRecipient = OriginalRecipient(type: "rfc822", address: "x@y")
        message.recipients[0].lastReply = SMTPReply(450, EnhancedStatusCode(4, 2, 0), ["a  b", "", "c"])
        message.recipients[1].recipient.notify = []
        message.recipients[1].isInternal = true
        message.recipients[1].state = .held
        try store.commit(.accept(message))
        let detail = try #require(try store.message(message.record.id))
        #expect(detail.record == message.record)
        #expect(detail.recipients == message.recipients)
        #expect(detail.recipients.map(\.recipient.address.description) == message.recipients.map(\.recipient.address.description))
        #expect(detail.events.isEmpty)
        #expect(try store.content(of: message.record.id, tenant: .standard) == message.content)
        #expect(try store.content(of: message.record.id, tenant: TenantID(2)) == nil)
        #expect(try store.newestMessage() == message.record.id)
    }

    @Test(arguments: StoreDriver.all)
    func aVerdictWithoutFindingsReadsBack(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        var message = Sample.message(1)
        message.record.fields.scan = ScanSummary(score: 0, kind: .clean, findings: [])
        try store.commit(.accept(message))
        #expect(try store.message(Sample.id(1))?.record == message.record)
    }

    @Test(arguments: StoreDriver.all)
    func anEmptyBodyIsABody(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        try store.commit(.accept(Sample.message(1, content: [])))
        #expect(try store.content(of: Sample.id(1), tenant: .standard) == [])
    }

    @Test(arguments: StoreDriver.all)
    func theLedgerFollowsEachStepAndTheRows(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        let message = Sample.message(1, to: ["a@x.net", "b@x.net", "c@x.net", "d@x.net", "e@x.net"])
        let steps: [([StoreWork], (inout Ledger) -> Void)] = [
            (
                [.accept(message)],
                {
                    $0.accepted = 5
                    $0.queued = 5
                }
            ),
            (
                [.accept(Sample.message(2, state: .held))],
                {
                    $0.accepted = 6
                    $0.held = 1
                }
            ),
            (
                [.settle(Sample.settlement(message, [Sample.outcome(.delivered), Sample.outcome(.bounced, index: 1)]))],
                {
                    $0.queued = 3
                    $0.delivered = 1
                    $0.bounced = 1
                }
            ),
            ([.settle(Sample.settlement(message, [Sample.outcome(.queued, index: 2)]))], { _ in }),
            (
                [.settle(Sample.settlement(message, [Sample.outcome(.expired, index: 2), Sample.outcome(.suppressed, index: 3)]))],
                {
                    $0.queued = 1
                    $0.expired = 1
                    $0.suppressed = 1
                }
            ),
            (
                [Sample.act(.cancel)],
                {
                    $0.queued = 0
                    $0.held = 0
                    $0.cancelled = 2
                }
            ),
        ]
        var expected = Ledger()
        for (works, change) in steps {
            if case .act = works[0] { _ = try store.affected(works[0]) } else { _ = try store.commit(works) }
            change(&expected)
            #expect(try store.ledger() == expected)
            #expect(try store.recount() == expected)
            #expect(expected.isBalanced)
        }
    }

    @Test(arguments: StoreDriver.all)
    func theBodyGoesWithTheLastOpenRecipient(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        let message = Sample.message(1, to: ["a@x.net", "b@x.net"])
        try store.commit(.accept(message))
        try store.commit(.settle(Sample.settlement(message, [Sample.outcome(.delivered)])))
        #expect(try store.content(of: message.record.id, tenant: .standard) == message.content)
        try store.commit(.settle(Sample.settlement(message, [Sample.outcome(.bounced, index: 1)])))
        #expect(try store.content(of: message.record.id, tenant: .standard) == nil)
    }

    @Test(arguments: StoreDriver.all)
    func aFinalStateIsFinal(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        let message = Sample.message(1)
        try store.commit(.accept(message))
        try store.commit(.settle(Sample.settlement(message, [Sample.outcome(.delivered)])))
        let notice = Sample.message(2, from: "postern@example.org")
        for state in [RecipientState.bounced, .queued, .delivered] {
            for old in [RecipientState.queued, .delivered] {
                try store.commit(.settle(Sample.settlement(message, [Sample.outcome(state, from: old)], notices: [notice])))
            }
        }
        let detail = try #require(try store.message(message.record.id))
        #expect(detail.recipients[0].state == .delivered)
        #expect(detail.events.map(\.kind) == ["delivered", "delivered", "delivered"], "each delivery is told")
        #expect(detail.events.map { $0.findings.contains { $0.rule == "lease.late" } } == [false, true, true])
        #expect(try store.message(notice.record.id) == nil)
        #expect(try store.ledger() == store.recount())
    }

    @Test(arguments: StoreDriver.all)
    func theLedgerMovesFromTheRealStateNotTheStatedOne(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        let message = Sample.message(1, state: .held)
        try store.commit(.accept(message))
        try store.commit(.settle(Sample.settlement(message, [Sample.outcome(.bounced, from: .queued)])))
        #expect(try store.ledger() == store.recount())
        #expect(try store.ledger().bounced == 1)
    }

    @Test(arguments: StoreDriver.all)
    func aRunCannotSettleWhatAnotherHolds(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        let message = Sample.message(1, lease: Lease(owner: 7))
        try store.commit(.accept(message))
        try store.commit(.settle(Sample.settlement(message, [Sample.outcome(.bounced)], owner: 8)))
        #expect(try store.ledger().queued == 1)
        try store.commit(.settle(Sample.settlement(message, [Sample.outcome(.delivered)], owner: 7)))
        #expect(try store.ledger().delivered == 1)
    }

    @Test(arguments: StoreDriver.all)
    func aNoticeIsCommittedWithTheOutcomeThatCallsForIt(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        let message = Sample.message(1)
        try store.commit(.accept(message))
        let notice = Sample.message(2, to: ["writer@example.org"])
        try store.commit(.settle(Sample.settlement(message, [Sample.outcome(.bounced)], notices: [notice])))
        #expect(try store.content(of: notice.record.id, tenant: .standard) == notice.content)
        #expect(try store.ledger().accepted == 2)
        // The same identifier again: the whole commit fails, the outcome with it.
        let other = Sample.message(3)
        try store.commit(.accept(other))
        #expect(throws: StoreError.self) {
            try store.commit(.settle(Sample.settlement(other, [Sample.outcome(.bounced)], notices: [notice])))
        }
        #expect(try store.message(other.record.id)?.recipients[0].state == .queued)
    }

    @Test(arguments: StoreDriver.all)
    func eachAttemptLeavesAnEvent(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        let message = Sample.message(1)
        try store.commit(.accept(message))
        let later = Sample.start + .seconds(60)
        try store.commit(.settle(Sample.settlement(message, [Sample.outcome(.queued, dueAt: later)])))
        try store.commit(.settle(Sample.settlement(message, [Sample.outcome(.delivered, attempts: 2)], at: later)))
        let detail = try #require(try store.message(message.record.id))
        #expect(detail.events.map(\.kind) == ["deferred", "delivered"])
        let first = try #require(detail.events.first)
        #expect(first.reply == SMTPReply(451, nil, ["no", "twice no"]))
        #expect(first.stage == .recipient)
        #expect(first.route == "default")
        #expect(first.connection == Sample.settlement(message, []).connection)
        #expect(detail.events[1].at == later)
        #expect(detail.recipients[0].attempts == 2)
        #expect(detail.recipients[0].lastReply?.code == 250)
    }

    @Test(arguments: StoreDriver.all)
    func aCommitThatFailsLeavesNothing(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        try store.commit(.accept(Sample.message(1)))
        let before = try store.ledger()
        #expect(throws: StoreError.self) {
            _ = try store.commit([
                .accept(Sample.message(2)), .settle(Sample.settlement(Sample.message(1), [Sample.outcome(.delivered)])),
                .accept(Sample.message(1)),
            ])
        }
        #expect(try store.message(Sample.id(2)) == nil)
        #expect(try store.ledger() == before)
        #expect(try store.recount() == before)
        #expect(try store.content(of: Sample.id(1), tenant: .standard) != nil)
        try store.commit(.accept(Sample.message(2)))
        #expect(try store.ledger().accepted == 2)
    }

    @Test(arguments: StoreDriver.all)
    func aMessageThatContradictsItselfIsRejected(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        var miscounted = Sample.message(1)
        miscounted.record.fields.recipientCount = 2
        var disordered = Sample.message(2)
        disordered.recipients[0].index = 1
        for message in [miscounted, disordered, Sample.message(3, to: []), Sample.message(4, state: .delivered)] {
            #expect(throws: StoreError.self) { try store.commit(.accept(message)) }
        }
        #expect(try store.ledger() == Ledger())
    }

    @Test(arguments: StoreDriver.all)
    func whatWasCommittedIsThereAfterReopening(_ driver: StoreDriver) throws {
        let first = try driver.open(folder)
        try first.commit(.accept(Sample.message(1)))
        try driver.close(first)
        #expect(throws: StoreError.stopped) { try first.commit(.accept(Sample.message(2))) }
        let second = try driver.open(folder)
        #expect(try second.content(of: Sample.id(1), tenant: .standard) == Sample.message(1).content)
        #expect(try second.ledger().queued == 1)
    }
}
