import DeliveryPlanning
import MailModel
import OutboundPolicy
import OwnThreads
import Storage
import Submission
import Testing

@testable import PosternRuntime

@Suite(.ownThreads) struct AdministrationTests {
    private let address = EmailAddress("a@example.org")!

    private func fails(
        _ kind: AdministrationError.Kind, sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> some Any
    ) async {
        let error = await #expect(throws: AdministrationError.self, sourceLocation: sourceLocation) { _ = try await body() }
        #expect(error?.kind == kind, sourceLocation: sourceLocation)
    }

    @Test func anAccountSignsInWithThePasswordItWasGiven() async throws {
        let data = try await TestData()
        let chosen = try await data.perform(AddAccount(address: address, password: "long enough", grants: [.any]))
        #expect(chosen.generatedPassword == nil)
        #expect(chosen.account.grants == ["*"])
        let account = try #require(try await data.administration().directory().accounts[address.key])
        #expect(PasswordHash.accepts(Array("long enough".utf8), for: account))
        #expect(account.passwordHash?.contains("long enough") == false)
    }

    @Test func aPasswordThatWasMadeIsShownOnceAndSignsIn() async throws {
        let data = try await TestData()
        let made = try #require(try await data.perform(AddAccount(address: address)).generatedPassword)
        let account = try await data.administration().account(address)
        #expect(PasswordHash.accepts(Array(made.utf8), for: account))
        #expect(try await data.perform(ListAccounts()).map(\.address) == ["a@example.org", "admin@gate.example.org"])
    }

    @Test func accountsAreRefusedWithTheirReason() async throws {
        let data = try await TestData()
        _ = try await data.perform(AddAccount(address: address, password: "long enough"))
        await fails(.conflict) { try await data.perform(AddAccount(address: EmailAddress("A@Example.ORG")!)) }
        await fails(.invalid) { try await data.perform(AddAccount(address: EmailAddress("b@example.org")!, password: "short")) }
        await fails(.invalid) { try await data.perform(AddAccount(address: EmailAddress("b@[192.0.2.1]")!)) }
        await fails(.invalid) { try await data.perform(AddAccount(address: EmailAddress("b@example.org")!, roles: ["king"])) }
        await fails(.notFound) { try await data.perform(SetPassword(address: EmailAddress("c@example.org")!, password: nil)) }
    }

    @Test func anAppPasswordCanBeWithdrawnAlone() async throws {
        let data = try await TestData()
        _ = try await data.perform(AddAccount(address: address, password: "long enough"))
        let scanner = try #require(try await data.perform(AddAppPassword(address: address, label: "scanner")).generatedPassword)
        let printer = try #require(try await data.perform(AddAppPassword(address: address, label: "printer")).generatedPassword)
        await fails(.conflict) { try await data.perform(AddAppPassword(address: address, label: "printer")) }
        _ = try await data.perform(RemoveAppPassword(address: address, label: "scanner"))
        let account = try await data.administration().account(address)
        #expect(!PasswordHash.accepts(Array(scanner.utf8), for: account))
        #expect(PasswordHash.accepts(Array(printer.utf8), for: account))
        await fails(.notFound) { try await data.perform(RemoveAppPassword(address: address, label: "scanner")) }
    }

    @Test func grantsAndDisablingAreKept() async throws {
        let data = try await TestData()
        _ = try await data.perform(AddAccount(address: address, password: "long enough"))
        let grant = AddressGrant.domain(DomainName("example.net")!)
        _ = try await data.perform(ChangeGrants(address: address, add: [grant, grant, .any], remove: []))
        _ = try await data.perform(ChangeGrants(address: address, add: [], remove: [.any]))
        _ = try await data.perform(SetAccountEnabled(address: address, isEnabled: false))
        var account = try await data.administration().account(address)
        #expect(account.grants == [grant])
        #expect(account.isDisabled)
        _ = try await data.perform(SetAccountEnabled(address: address, isEnabled: true))
        account = try await data.administration().account(address)
        #expect(!account.isDisabled)
    }

    @Test func aConnectorThatCouldBeAnyoneIsRefused() async throws {
        let data = try await TestData()
        await fails(.invalid) { try await data.perform(AddConnector(connector: Connector(name: "x"))) }
        var connector = Connector(name: "no spaces")
        connector.networks = [IPNetwork("10.0.0.0/8")!]
        await fails(.invalid) { [connector] in try await data.perform(AddConnector(connector: connector)) }
        connector.name = "erp"
        connector.onlyRoute = "nowhere"
        await fails(.notFound) { [connector] in try await data.perform(AddConnector(connector: connector)) }
        connector.onlyRoute = nil
        connector.certificateFingerprints = [String(repeating: "AB:", count: 31) + "AB"]
        let view = try await data.perform(AddConnector(connector: connector))
        #expect(view.certificates == [String(repeating: "ab", count: 32)])
        await fails(.conflict) { [connector] in try await data.perform(AddConnector(connector: connector)) }
        let granted = try await data.perform(ChangeConnectorGrants(connector: connector.name, add: [.any], remove: connector.grants))
        #expect(granted.grants == ["*"])
        #expect(granted.networks == view.networks)
        await fails(.notFound) { try await data.perform(ChangeConnectorGrants(connector: "nobody", add: [.any], remove: [])) }
        _ = try await data.perform(RemoveConnector(connector: "erp"))
        #expect(try await data.perform(ListConnectors()) == [])
    }

    @Test func theNewestRouteWithoutConditionsIsTheDefault() async throws {
        let data = try await TestData()
        #expect(try await data.perform(ListRoutes()).filter(\.isDefault).map(\.name) == ["built-in"])
        let hop = NextHop(host: "relay.example.net", port: 25)
        let administration = data.administration()
        func add(_ name: String, secondsLater: Int64, domains: [DomainName] = []) async throws -> RouteView {
            let act = Act(actor: "local:tester", reason: "", at: TestData.now + .seconds(secondsLater))
            let route = Route(name: name, kind: .smarthost(hop), createdAt: TestData.now, recipientDomains: domains)
            return try await administration.perform(AddRoute(route: route, password: nil), act)
        }
        #expect(try await add("first", secondsLater: 1).isDefault)
        #expect(try await !add("some", secondsLater: 2, domains: [DomainName("example.com")!]).isDefault)
        #expect(try await add("second", secondsLater: 3).isDefault)
        #expect(try await data.perform(ListRoutes()).map(\.name) == ["some", "second", "first", "built-in"])
    }

    @Test func aSmarthostsPasswordIsSealedInTheStoreAndNeverGoesOutInTheClear() async throws {
        let data = try await TestData()
        func route(_ tls: TLSRequirement) -> Route {
            let hop = NextHop(host: "relay.example.net", port: 587, tls: tls, userName: "u")
            return Route(name: "relay", kind: .smarthost(hop), createdAt: TestData.now)
        }
        await fails(.invalid) { try await data.perform(AddRoute(route: route(.opportunistic), password: "p")) }
        await fails(.invalid) { try await data.perform(AddRoute(route: route(.verify), password: nil)) }
        _ = try await data.perform(AddRoute(route: route(.verify), password: "p4ss"))
        guard case .smarthost(let hop)? = try await data.administration().directory().routes["relay"]?.kind else {
            Issue.record("no smarthost")
            return
        }
        let kept = try #require(hop.password)
        let passwords = RoutePasswords(directory: data.directory, vault: try KeyVault(data.directory))
        #expect(passwords.read(kept, ofRoute: "relay") == "p4ss")
        #expect(passwords.read(kept, ofRoute: "other") == nil, "it belongs to its route")
        #expect(hop.sealedPassword?.contains("p4ss") == false)
    }

    @Test func aTokensSecretIsSealedAndNotShown() async throws {
        let data = try await TestData()
        func route(_ tls: TLSRequirement, user: String? = "scanner@example.org") -> Route {
            Route(
                name: "office", kind: .smarthost(NextHop(host: "smtp.office365.com", port: 587, tls: tls, userName: user)),
                createdAt: TestData.now)
        }
        let account = OAuthAccount(provider: .microsoft, tenant: "example.org", clientID: "c-1", secret: "s3cret\n")
        await fails(.invalid) { try await data.perform(AddRoute(route: route(.opportunistic), password: nil, oauth: account)) }
        await fails(.invalid) { try await data.perform(AddRoute(route: route(.verify), password: "p", oauth: account)) }
        await fails(.invalid) { try await data.perform(AddRoute(route: route(.verify, user: nil), password: nil, oauth: account)) }
        var other = account
        other.tokenURL = "http://192.0.2.1/token"
        await fails(.invalid) { try await data.perform(AddRoute(route: route(.verify), password: nil, oauth: other)) }
        let view = try await data.perform(AddRoute(route: route(.verify), password: nil, oauth: account))
        #expect(view.signIn == "oauth-microsoft" && view.clientID == "c-1" && view.tenant == "example.org" && view.notice == nil)
        guard case .smarthost(let hop)? = try await data.administration().directory().routes["office"]?.kind else {
            Issue.record("no smarthost")
            return
        }
        #expect(hop.oauth?.endpoint == "https://login.microsoftonline.com/example.org/oauth2/v2.0/token")
        let sealed = try #require(hop.oauth?.sealedSecrets)
        #expect(!sealed.contains("s3cret"))
        let vault = try KeyVault(data.directory)
        #expect(String(decoding: try vault.open(sealed, context: "route-oauth:office"), as: UTF8.self).contains("\"s3cret\""))
        #expect(throws: (any Error).self) { try vault.open(sealed, context: "route-oauth:other") }
    }

    @Test func passwordsAtMicrosoftComeWithANotice() {
        let hop = NextHop(host: "SMTP.office365.com", port: 587, tls: .verify, userName: "u")
        #expect(hop.passwordNotice(at: Timestamp(rfc3339: "2026-11-22T00:00:00Z")!)?.hasPrefix("At the end of December 2026") == true)
        #expect(hop.passwordNotice(at: Timestamp(rfc3339: "2027-01-01T00:00:00Z")!)?.contains("since the end of December 2026") == true)
        #expect(NextHop(host: "relay.example.org", userName: "u").passwordNotice(at: TestData.now) == nil)
        #expect(NextHop(host: "smtp.office365.com").passwordNotice(at: TestData.now) == nil)
    }

    @Test func aRouteThatAConnectorIsTiedToStays() async throws {
        let data = try await TestData()
        var connector = Connector(name: "demo")
        connector.networks = [IPNetwork("127.0.0.1")!]
        connector.onlyRoute = "built-in"
        _ = try await data.perform(AddConnector(connector: connector))
        await fails(.conflict) { try await data.perform(RemoveRoute(route: "built-in")) }
        _ = try await data.perform(RemoveConnector(connector: "demo"))
        _ = try await data.perform(RemoveRoute(route: "built-in"))
        #expect(try await data.perform(ListRoutes()) == [])
    }

    @Test func aPauseWantsAReasonAndEndsOnce() async throws {
        let data = try await TestData()
        let silent = Act(actor: "local:tester", reason: "", at: TestData.now)
        await fails(.invalid) { try await data.administration().perform(AddPause(scope: .external), silent) }
        await fails(.notFound) { try await data.perform(AddPause(scope: .route("nowhere"))) }
        _ = try await data.perform(AddPause(scope: .external))
        #expect(try await data.perform(ListPauses()).map(\.scope) == ["external"])
        _ = try await data.perform(RemovePause(scope: .external))
        await fails(.notFound) { try await data.perform(RemovePause(scope: .external)) }
    }

    @Test func dkimSelectorsOfOneMonthDoNotCollide() async throws {
        let data = try await TestData()
        let domain = DomainName("example.net")!
        let first = try await data.perform(AddDKIMKeys(domain: domain, selector: nil))
        let second = try await data.perform(AddDKIMKeys(domain: domain, selector: nil))
        #expect(first.map(\.selector) == ["p202701r", "p202701e"])
        #expect(second.map(\.selector) == ["p202701-2r", "p202701-2e"])
        #expect(first.map(\.algorithm) == ["rsa-sha256", "ed25519-sha256"])
        await fails(.conflict) { try await data.perform(AddDKIMKeys(domain: domain, selector: "p202701")) }
        await fails(.invalid) { try await data.perform(AddDKIMKeys(domain: domain, selector: "a.b")) }
        _ = try await data.perform(RemoveDKIMKey(domain: domain, selector: "p202701r"))
        #expect(try await data.perform(ListDKIMKeys(domain: domain)).count == 3)
    }

    @Test func everyActIsAudited() async throws {
        let data = try await TestData()
        _ = try await data.perform(AddAccount(address: address, password: "long enough"))
        _ = try await data.perform(AddPause(scope: .all))
        _ = try await data.perform(ActOnQueue(verb: .cancel, filter: QueueFilter()))
        let acts = try await data.perform(ListAudit(limit: 3))
        #expect(acts.map(\.action) == ["queue.cancel", "pause.add", "account.add"])
        #expect(acts.map(\.target) == ["all", "all", "a@example.org"])
        #expect(acts.allSatisfy { $0.actor == "local:tester" && $0.reason == "a test" })
    }

    @Test func theQueueIsHeldReleasedAndCancelled() async throws {
        let data = try await TestData()
        let id = MessageID(1 << 40)
        try await data.accept(id, recipients: ["b@example.com", "c@example.net"])
        var filter = QueueFilter()
        filter.domain = DomainName("example.net")
        #expect(try await data.perform(ActOnQueue(verb: .hold, filter: filter)).count == 1)
        #expect(try await data.perform(ShowLedger(verifies: true)).held == 1)
        #expect(try await data.perform(ActOnQueue(verb: .release, filter: QueueFilter())).count == 1)
        #expect(try await data.perform(ActOnQueue(verb: .cancel, filter: QueueFilter())).count == 2)
        let ledger = try await data.perform(ShowLedger(verifies: true))
        #expect(ledger.cancelled == 2)
        #expect(ledger.balanced)
        #expect(ledger.verified == true)
        #expect(try await data.perform(ShowMessage(message: id)).recipients.map(\.state) == ["cancelled", "cancelled"])
        await fails(.notFound) { try await data.perform(ShowMessage(message: MessageID(5))) }
    }

    @Test func theTraceHasALineForEachRecipientAndPagesByKey() async throws {
        let data = try await TestData()
        for number in 0..<3 { try await data.accept(MessageID(Int64(number + 1) << 40), recipients: ["b@example.com", "c@example.net"]) }
        var query = TraceQuery()
        query.limit = 4
        let first = try await data.perform(SearchTrace(query: query))
        query.before = try #require(first.last?.key)
        let second = try await data.perform(SearchTrace(query: query))
        #expect(first.count == 4)
        #expect(second.count == 2)
        #expect(Set((first + second).map(\.id)).count == 6)
        #expect(first.first?.status == "queued")
        query.status = "lost"
        await fails(.invalid) { [query] in try await data.perform(SearchTrace(query: query)) }
        query.status = nil
        query.limit = 10_001
        await fails(.invalid) { [query] in try await data.perform(SearchTrace(query: query)) }
    }

    @Test func aTraceLineHasTheFieldsThatOthersRelyOn() async throws {
        let data = try await TestData()
        try await data.accept(MessageID(1 << 40), recipients: ["b@example.com"])
        let line = try #require(try await data.perform(SearchTrace(query: TraceQuery())).first)
        let json = try JSONText.encode(line)
        for key in ["id", "time", "sender", "recipient", "subject", "status", "pool", "reply", "findings"] {
            #expect(json.contains("\"\(key)\":"), "\(key)")
        }
        #expect(!json.contains("\n"))
    }

    @Test func whereAGateRunsItHearsOfChangesAndPerformsQueueActs() async throws {
        let data = try await TestData()
        let gate = RecordingGate()
        let administration = data.administration(live: gate)
        _ = try await administration.perform(AddPause(scope: .all), TestData.act)
        let outcome = try await administration.perform(ActOnQueue(verb: .retry, filter: QueueFilter()), TestData.act)
        #expect(outcome.count == 7)
        #expect(gate.recorded == ["directoryChanged", "act retry"])
        #expect(try await administration.perform(TestRoute(route: "built-in", recipient: nil), TestData.act).map(\.text) == ["built-in"])
        #expect(try await administration.perform(PreflightRoute(route: "built-in"), TestData.act).map(\.stage) == ["mail", "limits"])
    }

    @Test func withoutAGateWhatNeedsOneSaysSo() async throws {
        let data = try await TestData()
        await fails(.unavailable) { try await data.perform(TestRoute(route: "built-in", recipient: nil)) }
        await fails(.unavailable) { try await data.perform(ShowStatus()) }
    }

    @Test func aPurgeAheadOfNowIsRefused() async throws {
        let data = try await TestData()
        await fails(.invalid) { try await data.perform(PurgeTrace(before: TestData.now + .seconds(1))) }
        #expect(try await data.perform(PurgeTrace(before: TestData.now)).count == 0)
    }

    @Test func everyOperationHasANameOfItsOwn() {
        #expect(Set(OperationRegistry.typeNames).count == OperationRegistry.names.count)
    }
}
