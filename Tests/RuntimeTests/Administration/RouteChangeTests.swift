import DeliveryPlanning
import MailModel
import OutboundPolicy
import OwnThreads
import Storage
import Testing

@testable import PosternRuntime

@Suite(.ownThreads) struct RouteChangeTests {
    private func relay() async throws -> TestData {
        let data = try await TestData()
        let hop = NextHop(host: "smtp.example.net", port: 587, tls: .verify, userName: "u")
        let route = Route(name: "relay", kind: .smarthost(hop), createdAt: TestData.now)
        _ = try await data.perform(AddRoute(route: route, password: "first"))
        return data
    }

    private func hop(_ data: TestData) async throws -> NextHop {
        guard case .smarthost(let hop)? = try await data.administration().directory().routes["relay"]?.kind else {
            throw AdministrationError(.failed, "no smarthost")
        }
        return hop
    }

    /// Whoever may change routes may not know the password, so it must not be sent to a host of their own.
    @Test func aKeptPasswordGoesToNoOtherHostAndStandsForNobodyElse() async throws {
        let data = try await relay()
        let kept = try await hop(data)
        for change in [
            ChangeRoute(route: "relay", host: "smtp.evil.example"), ChangeRoute(route: "relay", user: "somebody"),
            ChangeRoute(route: "relay", host: "not a host", password: "x"), ChangeRoute(route: "relay", port: 0),
            ChangeRoute(route: "relay", connections: 0),
        ] {
            let error = await #expect(throws: AdministrationError.self) { try await data.perform(change) }
            #expect(error?.kind == .invalid)
        }
        #expect(try await hop(data) == kept)
        let moved = ChangeRoute(route: "relay", host: "smtp.example.org", port: 465, user: "v", password: "second")
        #expect(try await data.perform(moved).host == "smtp.example.org:465")
        let now = try await hop(data)
        #expect(now.isImplicitTLS && now.userName == "v" && now.sealedPassword != nil && now.sealedPassword != kept.sealedPassword)
        // Back on a port with STARTTLS.
        _ = try await data.perform(ChangeRoute(route: "relay", port: 587))
        #expect(try await !hop(data).isImplicitTLS)
    }

    @Test func withoutAUserNothingOfThePasswordStays() async throws {
        let data = try await relay()
        _ = try await data.perform(ChangeRoute(route: "relay", user: ""))
        let bare = try await hop(data)
        #expect(bare.userName == nil && bare.password == nil)
        // Now it may move, and sign in anew; with a password never in the clear.
        _ = try await data.perform(ChangeRoute(route: "relay", host: "smtp.example.org"))
        await #expect(throws: AdministrationError.self) { try await data.perform(ChangeRoute(route: "relay", user: "w")) }
        _ = try await data.perform(ChangeRoute(route: "relay", user: "w", password: "third"))
        #expect(try await hop(data).tls == .verify)
    }

    @Test func whatIsNotGivenStaysAndTheAuditSaysWhatWasDone() async throws {
        let data = try await relay()
        let domain = try #require(DomainName("news.example.org"))
        _ = try await data.perform(ChangeRoute(route: "relay", senderDomains: [domain], order: 7))
        let off = try await data.perform(ChangeRoute(route: "relay", enabled: false))
        #expect(off.disabled && off.senderDomains == ["news.example.org"] && off.order == 7 && off.signIn == "password")
        #expect(try await !data.perform(ChangeRoute(route: "relay", enabled: true, senderDomains: [])).disabled)
        let actions = try await data.perform(ListAudit(limit: 10)).map(\.action)
        #expect(actions.prefix(3) == ["route.enable", "route.disable", "route.set"])
        _ = try await data.perform(AddRoute(route: Route(name: "mx", kind: .mx, createdAt: TestData.now), password: nil))
        await #expect(throws: AdministrationError.self) { try await data.perform(ChangeRoute(route: "mx", host: "smtp.example.org")) }
    }
}

/// What becomes of mail that has not left, when its sender is released.
@Suite(.ownThreads) struct ReleasedMailTests {
    private static let sender = RestrictedEntity(senderNamed: "a@example.org")

    /// Restricted, with two recipients that are held and one that waits: its attempt was under way when the restriction came.
    private func restricted() async throws -> TestData {
        let data = try await TestData()
        try await data.accept(MessageIDText.of(at: TestData.now), recipients: ["b@x.net", "c@y.net"])
        _ = try await data.perform(AddRestriction(entity: ReleasedMailTests.sender))
        try await data.accept(MessageIDText.of(at: TestData.now + .seconds(1)), recipients: ["d@z.net"])
        return data
    }

    private func states(_ data: TestData) async throws -> [RecipientState] {
        try await data.store.read { try $0.queue(QueueQuery()) }.map(\.state)
    }

    private func release(_ data: TestData, _ mail: ReleaseRestriction.Mail) async throws -> (ReleaseOutcome, RestrictionView) {
        let outcome = try await data.perform(ReleaseRestriction(entity: ReleasedMailTests.sender, checks: [], mail: mail))
        return (outcome, try await data.perform(ShowRestriction(entity: ReleasedMailTests.sender)))
    }

    @Test func whatIsHeldAndWhatWaitsAreCounted() async throws {
        let data = try await restricted()
        let view = try await data.perform(ShowRestriction(entity: ReleasedMailTests.sender))
        #expect(view.held == 2 && view.waiting == 1)
    }

    @Test func keptMailIsHeldAndNothingOfItLeavesUnseen() async throws {
        let data = try await restricted()
        let (outcome, view) = try await release(data, .keep)
        #expect(try await states(data) == [.held, .held, .held])
        #expect(outcome.mailAffected == 1 && outcome.mailHeld == 3)
        #expect(view.state == "released" && view.releases.last?.mail == "keep" && view.releases.last?.recipients == 3)
    }

    @Test func cancelledMailIsGoneAlsoWhereItWaited() async throws {
        let data = try await restricted()
        let (outcome, view) = try await release(data, .cancel)
        #expect(try await states(data).isEmpty)
        #expect(outcome.mailAffected == 3 && outcome.mailHeld == 0)
        #expect(view.releases.last?.mail == "cancel" && view.releases.last?.recipients == 3)
    }

    @Test func mailThatIsLetGoWaitsForItsAttempt() async throws {
        let data = try await restricted()
        let (outcome, view) = try await release(data, .release)
        #expect(try await states(data) == [.queued, .queued, .queued])
        #expect(outcome.mailAffected == 2 && view.releases.last?.recipients == 3)
    }
}
