import DeliveryPlanning
import MailModel
import OutboundPolicy
import OwnThreads
import Storage
import Testing

/// What alerts and their notices promise on every driver.
@Suite(.ownThreads) struct AlertContract {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private static let start = Sample.start
    private func at(_ seconds: Int) -> Timestamp { Sample.start + .seconds(seconds) }

    /// Two addresses and a webhook are told of everything.
    private static let rules: AlertRules = {
        var directory = Directory()
        directory.webhooks["chat"] = Webhook(name: "chat", url: "https://example.org/", sealedSecret: "", createdAt: start)
        return AlertRules(directory, usual: [Sample.address("a@example.org"), Sample.address("b@example.org")])
    }()

    private func condition(
        _ subject: String = "route:out", _ kind: AlertKind = .upstreamStopped, seconds: Int = 0, stage: Int = 0, isOver: Bool = false,
        word: SenderWord? = nil
    ) -> AlertCondition {
        AlertCondition(
            kind, subject: subject, at: at(seconds), text: "It does not go.", advice: "Make it go.",
            findings: [Finding(rule: "r", matched: "m", explanation: "e")], stage: stage, senderWord: word, isOver: isOver)
    }

    @Test(arguments: StoreDriver.onGivenTime)
    func anIncidentIsOneAlertHoweverOftenItIsReported(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        #expect(try store.report([condition()], "one", Self.rules, at: at(0)) == 3)
        for second in 1...20 { #expect(try store.report([condition(seconds: second)], "no\(second)", Self.rules, at: at(second)) == 0) }
        let rows = try store.alerts(AlertQuery())
        #expect(rows.map(\.incident.id) == ["one"] && rows[0].incident.hits == 21 && rows[0].incident.lastAt == at(20))
        #expect(rows[0].incident.findings.count == 1 && rows[0].incident.advice == "Make it go." && rows[0].incident.severity == .high)
        try driver.close(store)
        #expect(try driver.open(folder).alerts(AlertQuery()).map(\.incident) == rows.map(\.incident))
    }

    @Test(arguments: StoreDriver.onGivenTime)
    func subjectsKindsAndTenantsAreApart(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        var other = condition()
        other.tenant = TenantID(7)
        let all = [condition(), condition("route:b"), condition("route:out", .queueStuck), other]
        #expect(try store.report(all, "x", Self.rules, at: at(0)) == 12)
        #expect(try store.alerts(AlertQuery()).count == 4)
    }

    @Test(arguments: StoreDriver.onGivenTime)
    func peopleAcknowledgeAndResolve(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        _ = try store.report([condition()], "one", Self.rules, at: at(0))
        #expect(try store.act(.acknowledge, "one", at: at(1))?.state == .acknowledged)
        #expect(try store.act(.resolve, "one", at: at(2))?.state == .resolved)
        #expect(try store.act(.resolve, "one", at: at(3)) == nil)
        #expect(try store.act(.resolve, "two", at: at(3)) == nil)
        #expect(try store.audit(limit: 10).map(\.action) == ["alert.resolve", "alert.acknowledge"])
        #expect(try store.alerts(AlertQuery()).isEmpty)
        // It comes again: another alert, with notices of its own.
        #expect(try store.report([condition(seconds: 9)], "two", Self.rules, at: at(9)) == 3)
        var all = AlertQuery()
        all.isOpenOnly = false
        #expect(try store.alerts(all).map(\.incident.id) == ["two", "one"])
        all.limit = 1
        all.before = AlertQuery.Key(lastAt: at(9), id: "two")
        #expect(try store.alerts(all).map(\.incident.id) == ["one"])
    }

    @Test(arguments: StoreDriver.onGivenTime)
    func anEndEndsItAndWhatComesAgainOpensTheSame(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        _ = try store.report([condition()], "one", Self.rules, at: at(0))
        #expect(try store.report([condition(seconds: 5, isOver: true)], "two", Self.rules, at: at(5)) == 3, "people hear that it is over")
        #expect(try store.alerts(AlertQuery()).isEmpty)
        #expect(try store.report([condition(seconds: 9)], "three", Self.rules, at: at(9)) == 0, "and that it is not, in the same notice")
        #expect(try store.alerts(AlertQuery()).map(\.incident.id) == ["one"])
        #expect(try store.report([condition("route:none", isOver: true)], "four", Self.rules, at: at(9)) == 0)
        #expect(try store.alerts(AlertQuery()).count == 1)
    }

    @Test(arguments: StoreDriver.onGivenTime)
    func whatIsQuietEndsAndWhatIsOldGoes(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        let quiet = condition("queue", .queueStuck)
        _ = try store.report([quiet, condition()], "x", Self.rules, at: at(0))
        #expect(try store.tidy(Self.rules, keepSince: at(-1), at: at(3599)) == 0)
        #expect(try store.tidy(Self.rules, keepSince: at(-1), at: at(3600)) == 1)
        #expect(try store.alerts(AlertQuery()).map(\.incident.subject) == ["route:out"])
        #expect(try store.tidy(Self.rules, keepSince: at(1), at: at(3601)) == 1, "the one that is over")
        var all = AlertQuery()
        all.isOpenOnly = false
        #expect(try store.alerts(all).count == 1)
        #expect(try store.claimNotices(1, at: at(3700)).count == 3, "its notices are gone with it")
    }

    @Test(arguments: StoreDriver.onGivenTime)
    func aNoticeIsOneNodesAtATime(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        _ = try store.report([condition()], "one", Self.rules, at: at(0))
        #expect(try store.nextNotice() == at(0))
        let mine = try store.claimNotices(11, limit: 2, at: at(0))
        let others = try store.claimNotices(12, at: at(0))
        #expect(mine.count == 2 && others.count == 1)
        #expect(Set((mine + others).map(\.channel.description)) == ["mail:a@example.org", "mail:b@example.org", "webhook:chat"])
        #expect((mine + others).allSatisfy { $0.occasion == "one/1" && $0.incident.subject == "route:out" && $0.attempts == 0 })
        #expect(try store.nextNotice() == at(120))
        // The node dies; another takes them, and the first one's word comes too late.
        let again = try store.claimNotices(12, at: at(120))
        #expect(again.count == 3)
        #expect(try !store.conclude(mine[0], 11, .sent, at: at(121)))
        for notice in again { #expect(try store.conclude(notice, 12, .sent, at: at(121))) }
        #expect(try store.nextNotice() == nil && store.claimNotices(13, at: at(9999)).isEmpty)
        var one = AlertQuery()
        one.id = "one"
        #expect(try store.alerts(one).first?.notices.map(\.outcome) == ["sent", "sent", "sent"])
    }

    @Test(arguments: StoreDriver.onGivenTime)
    func whatFailsComesAgainLater(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        _ = try store.report([condition()], "one", Self.rules, at: at(0))
        let taken = try store.claimNotices(11, at: at(0))
        #expect(try store.conclude(taken[0], 11, .retry(at: at(30), "answered 500"), at: at(1)))
        #expect(try store.conclude(taken[1], 11, .givenUp("gone"), at: at(1)))
        #expect(try store.conclude(taken[2], 11, .sent, at: at(1)))
        #expect(try store.claimNotices(11, at: at(29)).isEmpty)
        let again = try store.claimNotices(12, at: at(30))
        #expect(again.map(\.attempts) == [1] && again.map(\.occasion) == ["one/1"])
    }

    @Test(arguments: StoreDriver.onGivenTime)
    func theMailComesToTheQueueWithTheEndOfItsNotice(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        _ = try store.report([condition()], "one", Self.rules, at: at(0))
        let taken = try store.claimNotices(11, limit: 1, at: at(0))
        // The first message of its day.
        let day = at(86_400 * 40)
        #expect(try store.conclude(taken[0], 11, .mailed(Sample.message(1, at: day)), at: at(0)))
        #expect(try !store.conclude(taken[0], 11, .mailed(Sample.message(2, at: day)), at: at(0)))
        #expect(try store.ledger().queued == 1 && store.recount() == store.ledger())
    }

    @Test(arguments: StoreDriver.onGivenTime)
    func aSenderHearsAWordOnce(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        func report(_ occasion: String, _ stage: Int, _ second: Int, _ id: String) throws -> Int {
            let word = SenderWord(to: Sample.address("s@example.org"), occasion: occasion, text: "You are at \(stage) %.")
            let near = condition("s@example.org", .limitNear, seconds: second, stage: stage, word: word)
            return try store.report([near], id, Self.rules, at: at(second))
        }
        #expect(try report("hour/1", 80, 0, "one") == 2, "the sender and the webhook")
        #expect(try report("hour/1", 80, 1, "x") == 0)
        #expect(try report("hour/1", 90, 2, "x") == 2, "the webhook when the window is over")
        #expect(try report("hour/2", 80, 3, "x") == 1)
        _ = try store.act(.resolve, "one", at: at(4))
        #expect(try report("hour/2", 80, 5, "two") == 1, "another alert, but no new word")
        let words = try store.claimNotices(11, at: at(5)).filter { !$0.text.isEmpty }
        #expect(words.map(\.text).sorted() == ["You are at 80 %.", "You are at 80 %.", "You are at 90 %."])
    }

    @Test(arguments: StoreDriver.onGivenTime)
    func aDaysNoticesAreLimitedOverAllIncidentsOfTheKind(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        var directory = Directory()
        var change = AlertPolicyChange(kind: .upstreamStopped)
        change.noticesPerDayMax = 3
        directory.alertPolicies[.upstreamStopped] = change
        let rules = AlertRules(directory, usual: [Sample.address("a@example.org")])
        let made = try (0..<10).reduce(0) { try $0 + store.report([condition("route:\($1)")], "id\($1)", rules, at: at($1)) }
        #expect(made == 3)
        #expect(try store.report([condition("queue", .queueStuck)], "other", rules, at: at(10)) == 1)
        #expect(try store.report([condition("route:next", seconds: 86_400)], "next", rules, at: at(86_400)) == 1)
        #expect(try store.alerts(AlertQuery()).count == 12)
    }

    @Test(arguments: StoreDriver.onGivenTime)
    func thereIsABoundToWhatIsOpen(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        let reports = (0..<1005).map { AlertReport(condition("route:\($0)")) }
        let work = AlertWork.report(reports, ids: reports.indices.map { "id\($0)" }, AlertRules(Directory(), usual: []), at: at(0))
        _ = try store.commit(.alert(work))
        var query = AlertQuery()
        query.limit = 10_000
        let rows = try store.alerts(query)
        #expect(rows.count == 1001)
        #expect(rows.first { $0.incident.subject == AlertReport.others }?.incident.hits == 5)
    }

    @Test(arguments: StoreDriver.onGivenTime)
    func aPolicyThatIsOffMakesNoAlert(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        var directory = Directory()
        directory.alertPolicies[.upstreamStopped] = AlertPolicyChange(kind: .upstreamStopped)
        directory.alertPolicies[.upstreamStopped]?.isOn = false
        #expect(try store.report([condition()], "one", AlertRules(directory, usual: []), at: at(0)) == 0)
        #expect(try store.alerts(AlertQuery()).isEmpty)
    }
}

extension Store {
    /// How many notices it made; -1 for another answer. `id`: of the first alert; further ones get it with a number.
    fileprivate func report(_ conditions: [AlertCondition], _ id: String, _ rules: AlertRules, at now: Timestamp) throws -> Int {
        let ids = conditions.indices.map { $0 == 0 ? id : "\(id)\($0)" }
        guard case .alert(.reported(let count)) = try commit(.alert(.report(conditions.map(AlertReport.init), ids: ids, rules, at: now)))
        else { return -1 }
        return count
    }

    /// Nil where it changed nothing.
    fileprivate func act(_ verb: AlertAct.Verb, _ id: String, at now: Timestamp) throws -> Incident? {
        let act = AlertAct(verb, id: id, audit: Sample.audit("alert.\(verb.rawValue)", at: now))
        guard case .alert(.acted(let incident, true)) = try commit(.alert(.act(act))) else { return nil }
        return incident
    }

    fileprivate func tidy(_ rules: AlertRules, keepSince: Timestamp, at now: Timestamp) throws -> Int? {
        guard case .alert(.tidied(let count)) = try commit(.alert(.tidy(rules, keepSince: keepSince, limit: 100, at: now))) else {
            return nil
        }
        return count
    }

    fileprivate func claimNotices(_ owner: Int64, limit: Int = 100, at now: Timestamp) throws -> [AlertNotice] {
        let claim = NoticeClaim(owner: owner, lease: .seconds(120), limit: limit, at: now)
        guard case .alert(.claimed(let notices)) = try commit(.alert(.claim(claim))) else { return [] }
        return notices
    }

    fileprivate func conclude(_ notice: AlertNotice, _ owner: Int64, _ outcome: NoticeConclusion.Outcome, at now: Timestamp) throws -> Bool
    {
        guard case .alert(.concluded(let isDone)) = try commit(.alert(.conclude(NoticeConclusion(notice, owner: owner, outcome, at: now))))
        else { return false }
        return isDone
    }
}
