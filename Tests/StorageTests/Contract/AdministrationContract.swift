import DeliveryPlanning
import MailModel
import OutboundPolicy
import OwnThreads
import Storage
import Testing

/// What acts on the queue, changes of the directory, the audit log and the purge promise on every driver.
@Suite(.ownThreads) struct AdministrationContract {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    @Test(arguments: StoreDriver.all)
    func actsChangeOnlyWhatTheyAreFor(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        let later = Sample.start + .seconds(600)
        try store.commit(.accept(Sample.message(1, to: ["a@x.net", "b@y.net"], dueAt: later)))
        try store.commit(.accept(Sample.message(2, from: "Other@example.org", dueAt: later)))
        try store.commit(.accept(Sample.message(3, lease: Lease(owner: 7))))
        var domain = QueueFilter()
        domain.domain = DomainName("y.net")
        var sender = QueueFilter()
        sender.sender = "oTHER@example.org"
        var message = QueueFilter()
        message.message = Sample.id(1)
        message.recipientIndex = 0
        let now = Sample.start + .seconds(5)
        #expect(try store.affected(Sample.act(.hold, domain)) == 1)
        #expect(try store.affected(Sample.act(.hold, domain)) == 0, "held already")
        #expect(try store.affected(Sample.act(.retry, sender, at: now)) == 1)
        #expect(try store.affected(Sample.act(.hold, message)) == 1)
        #expect(try store.affected(Sample.act(.release, domain, at: now)) == 1)
        #expect(
            try store.claim(owner: 9, at: now)?.ids.map(\.description)
                == [Sample.id(1), Sample.id(2)].enumerated().map {
                    "\($0.element)/\(1 - $0.offset)"
                })
        #expect(try store.affected(Sample.act(.cancel)) == 4, "the others once the runs that hold them end")
        #expect(try store.ledger() == store.recount())
        let detail = try #require(try store.message(Sample.id(1)))
        #expect(detail.recipients.map(\.state) == [.cancelled, .queued])
        #expect(detail.events.map { "\($0.index) \($0.kind)" } == ["0 held", "0 cancelled", "1 held", "1 released"])
        #expect(
            try store.audit(limit: 100).map(\.action) == [
                "queue.cancel", "queue.release", "queue.hold", "queue.retry", "queue.hold", "queue.hold",
            ])
        #expect(try store.content(of: Sample.id(1), tenant: .standard) != nil)
    }

    @Test(arguments: StoreDriver.all)
    func aCancelledMessageLosesItsBody(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        try store.commit(.accept(Sample.message(1, to: ["a@x.net", "b@x.net"])))
        #expect(try store.affected(Sample.act(.cancel)) == 2)
        #expect(try store.content(of: Sample.id(1), tenant: .standard) == nil)
    }

    @Test(arguments: StoreDriver.all)
    func anActReachesMoreRowsThanItReadsAtATime(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        let recipients = (0..<100).map { "r\($0)@x.net" }
        _ = try store.commit((1...50).map { .accept(Sample.message($0, to: recipients, dueAt: Sample.start + .seconds($0 % 7))) })
        let now = Sample.start + .seconds(3)
        #expect(try store.affected(Sample.act(.retry, at: now)) == 5000)
        #expect(try store.affected(Sample.act(.hold)) == 5000)
        #expect(try store.affected(Sample.act(.release, at: now)) == 5000)
        #expect(try store.affected(Sample.act(.cancel)) == 5000)
        #expect(try store.recount().cancelled == 5000)
        #expect(try store.ledger() == store.recount())
    }

    @Test(arguments: StoreDriver.all)
    func anActComesInPartsThatAreBoundedByWhatTheyRead(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        let recipients = (0..<100).map { "r\($0)@x.net" }
        _ = try store.commit((1...25).map { .accept(Sample.message($0, to: recipients)) })
        try store.commit(.accept(Sample.message(26, to: ["last@y.net"], dueAt: Sample.start + .seconds(1))))
        var filter = QueueFilter()
        filter.domain = DomainName("y.net")
        var act = QueueAct(verb: .cancel, filter: filter, audit: Sample.audit("queue.cancel"))

        guard case .acted(0, let first?) = try store.commit(.act(act)) else { throw StoreError.rejected("the first part ends the act") }
        // What comes in between the parts, behind what was read, is reached as well.
        try store.commit(.accept(Sample.message(27, to: ["late@y.net"], dueAt: Sample.start + .seconds(2))))
        act.place = first
        #expect(try store.affected(.act(act)) == 2)
        #expect(try store.recount().cancelled == 2)
        #expect(try store.ledger() == store.recount())
        #expect(try store.audit(limit: 100).count == 1)
    }

    private func change(_ pause: String, value: String?, expecting version: Int64?) -> StoreWork {
        .change(DirectoryChange(kind: .pause, name: pause, value: value, expectedVersion: version, audit: Sample.audit("pause.change")))
    }

    @Test(arguments: StoreDriver.all)
    func aChangeIsMadeOnlyFromTheVersionItWasReadAt(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        let value = try DirectoryCoding.text(Pause(scope: .all))
        func answer(_ work: StoreWork) throws -> String {
            switch try store.commit(work) {
            case .changed(let version): "changed \(version)"
            case .conflict(let version): "conflict \(version)"
            default: "?"
            }
        }
        #expect(try answer(change("all", value: value, expecting: 3)) == "conflict 0")
        #expect(try answer(change("all", value: value, expecting: 0)) == "changed 1")
        #expect(try answer(change("all", value: value, expecting: 0)) == "conflict 1")
        #expect(try answer(change("all", value: value, expecting: 1)) == "changed 2")
        #expect(try store.directory().pauses == [.all])
        #expect(try answer(change("all", value: nil, expecting: 1)) == "conflict 2")
        #expect(try answer(change("all", value: nil, expecting: nil)) == "changed 3")
        #expect(try store.directory().pauses == [])
        #expect(try store.directory().version == 3)
        #expect(try store.directoryVersion() == 3)
        #expect(try answer(change("all", value: value, expecting: 0)) == "changed 4")
        #expect(try store.audit(limit: 100).count == 4, "a change that was not made is not audited")
        // Whoever has seen the whole directory as of a version changes nothing that came after it.
        func changed(seen: Int64) throws -> String {
            var change = DirectoryChange(kind: .pause, name: "all", value: value, audit: Sample.audit("pause.change"))
            change.notAfter = seen
            return try answer(.change(change))
        }
        #expect(try changed(seen: 4) == "changed 5")
        #expect(try changed(seen: 4) == "conflict 5")
        #expect(try changed(seen: 5) == "changed 6")
    }

    @Test(arguments: StoreDriver.all)
    func everyKindOfObjectReadsBack(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        let domain = try #require(DomainName("example.org"))
        var account = Account(address: Sample.address("Writer@example.org"), passwordHash: "scrypt$x")
        account.grants = [.domain(domain), .any]
        account.appPasswords = [AppPassword(label: "scanner", hash: "scrypt$y", createdAt: Sample.start)]
        var connector = Connector(name: "erp")
        connector.networks = [try #require(IPNetwork("192.0.2.0/24"))]
        connector.senderIdentity = .header("X-Sender")
        let route = Route(name: "out", kind: .smarthost(NextHop(host: "relay.example.net", port: 587)), createdAt: Sample.start)
        var accepted = AcceptedDomain(name: domain)
        accepted.nextHop = NextHop(host: "mail.example.org")
        let key = DKIMKeyRecord(domain: domain, selector: "s1", algorithm: .ed25519, sealedPrivateKey: "x", publicRecord: "v=DKIM1")
        var stop = UpstreamStop(
            route: "out", cause: .signIn, since: Sample.start, reply: SMTPReply(535, EnhancedStatusCode(5, 7, 3), "No"),
            finding: Finding(rule: "upstream.stopped", matched: "out", explanation: "It stands."), advice: "Mend it.",
            probeAt: Sample.start, nextWaitSeconds: 60)
        stop.probe = UpstreamStop.Probe(owner: 7, until: Sample.start)
        let objects: [(DirectoryKind, String, String)] = [
            (.account, account.address.key, try DirectoryCoding.text(account)), (.connector, "erp", try DirectoryCoding.text(connector)),
            (.route, "out", try DirectoryCoding.text(route)), (.domain, "example.org", try DirectoryCoding.text(accepted)),
            (.dkimKey, "example.org/s1", try DirectoryCoding.text(key)),
            (.pause, "external", try DirectoryCoding.text(Pause(scope: .external))),
            (.upstreamStop, "out", try DirectoryCoding.text(stop)),
        ]
        for (kind, name, value) in objects {
            try store.commit(.change(DirectoryChange(kind: kind, name: name, value: value, audit: Sample.audit("add"))))
        }
        let directory = try store.directory()
        #expect(directory.accounts == [account.address.key: account])
        #expect(directory.connectors == ["erp": connector])
        #expect(directory.routes == ["out": route])
        #expect(directory.domains == [domain: accepted])
        #expect(directory.dkimKeys == [domain: [key]])
        #expect(directory.pauses == [.external])
        // Whoever changes it says which version it was made from.
        stop.version = directory.version
        #expect(directory.upstreamStops == ["out": stop])
        #expect(directory.version == 7)
    }

    @Test(arguments: StoreDriver.all)
    func severalObjectsChangeTogetherOrNotAtAll(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        func change(_ scope: Pause.Scope, expecting: Int64?) throws -> DirectoryChange {
            DirectoryChange(
                kind: .pause, name: scope.description, value: try DirectoryCoding.text(Pause(scope: scope)), expectedVersion: expecting,
                audit: Sample.audit("pause.add"))
        }
        guard case .changed(2) = try store.commit(.changeAll([change(.all, expecting: 0), change(.external, expecting: 0)])) else {
            Issue.record("not changed")
            return
        }
        let mixed = try [change(.sender("a@x.test"), expecting: 0), change(.all, expecting: 0)]
        guard case .conflict(1) = try store.commit(.changeAll(mixed)) else {
            Issue.record("no conflict")
            return
        }
        #expect(try store.directory().pauses == [.all, .external])
        #expect(try store.audit(limit: 100).count == 2)
    }

    /// A store that goes on from what it read before says the same as one that reads everything.
    @Test(arguments: StoreDriver.all)
    func theDirectoryIsReadOnFromWhatIsKnown(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        var random = SystemRandomNumberGenerator()
        let domain = try #require(DomainName("example.org"))
        for step in 0..<60 {
            var changes: [DirectoryChange] = []
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let number = Int.random(in: 0..<5, using: &random)
                let isRemoved = Int.random(in: 0..<3, using: &random) == 0
                let change: (DirectoryKind, String, String)
                switch Int.random(in: 0..<3, using: &random) {
                case 0:
                    var account = Account(address: Sample.address("a\(number)@example.org"), passwordHash: "scrypt$\(step)")
                    account.isDisabled = step % 2 == 0
                    change = (.account, account.address.key, try DirectoryCoding.text(account))
                case 1:
                    let key = DKIMKeyRecord(
                        domain: domain, selector: "s\(number)", algorithm: .ed25519, sealedPrivateKey: "\(step)", publicRecord: "v=DKIM1")
                    change = (.dkimKey, "example.org/s\(number)", try DirectoryCoding.text(key))
                default:
                    let scope = Pause.Scope.sender("p\(number)@example.org")
                    change = (.pause, scope.description, try DirectoryCoding.text(Pause(scope: scope)))
                }
                changes.append(
                    DirectoryChange(kind: change.0, name: change.1, value: isRemoved ? nil : change.2, audit: Sample.audit("walk")))
            }
            _ = try store.commit(.changeAll(changes))
            // Not after each: several versions of one object may lie in between.
            guard step % 3 != 1 else { continue }
            let known = try store.directory()
            if step % 10 == 0 || step == 59 {
                let fresh = try driver.open(folder)
                let whole = try fresh.directory()
                #expect(known.version == whole.version && known.accounts == whole.accounts)
                #expect(known.dkimKeys == whole.dkimKeys && known.pauses == whole.pauses)
                try driver.close(fresh)
            }
        }
    }

    @Test(arguments: StoreDriver.all)
    func anObjectThatDoesNotDecodeIsNotTaken(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        let change = DirectoryChange(kind: .route, name: "bad", value: "{}", audit: Sample.audit("route.add"))
        let error = #expect(throws: StoreError.self) { try store.commit(.change(change)) }
        guard case .undecodable("route", "bad", _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try store.directory().version == 0)
    }

    @Test(arguments: StoreDriver.all)
    func aPurgeKeepsTheLedgerAndWhatIsOpen(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        let nextDay = Sample.start + .seconds(86_400)
        for number in 1...9 {
            let message = Sample.message(number, to: ["a@x.net", "b@x.net"])
            try store.commit(.accept(message))
            let last: RecipientState = number == 9 ? .queued : .bounced
            try store.commit(.settle(Sample.settlement(message, [Sample.outcome(.delivered), Sample.outcome(last, index: 1)])))
        }
        try store.commit(.refuse(Sample.refusal(20)))
        let fresh = Sample.message(30, at: nextDay)
        try store.commit(.accept(fresh))
        try store.commit(.settle(Sample.settlement(fresh, [Sample.outcome(.delivered)])))
        let before = try store.ledger()
        #expect(try store.affected(.purge(before: Sample.day, limit: 100)) == 0)
        #expect(try store.affected(.purge(before: nextDay.day, limit: 5)) == 5)
        #expect(try store.recount() == before)
        #expect(try store.affected(.purge(before: nextDay.day, limit: 100)) == 4, "three messages and a refusal")
        #expect(try store.affected(.purge(before: nextDay.day, limit: 100)) == 0)
        #expect(try store.ledger() == before)
        #expect(try store.recount() == before)
        #expect(try store.trace(TraceQuery()).map(\.id.message) == [fresh.record.id, Sample.id(9), Sample.id(9)])
        #expect(try store.message(Sample.id(1)) == nil)
        let last = Sample.message(9, to: ["a@x.net", "b@x.net"])
        try store.commit(.settle(Sample.settlement(last, [Sample.outcome(.bounced, index: 1)])))
        #expect(try store.affected(.purge(before: nextDay.day, limit: 100)) == 1)
        #expect(try store.recount() == store.ledger())
        #expect(try store.ledger().isBalanced)
    }
}
