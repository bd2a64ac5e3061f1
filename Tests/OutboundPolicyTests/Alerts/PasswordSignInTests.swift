import MailModel
import Testing

@testable import OutboundPolicy

struct PasswordSignInTests {
    private static let now = Timestamp(rfc3339: "2026-11-22T00:00:00Z")!

    private func directory(_ host: String, isDisabled: Bool = false) -> Directory {
        var route = Route(name: "office", kind: .smarthost(NextHop(host: host, tls: .verify, userName: "u")), createdAt: Self.now)
        route.isDisabled = isDisabled
        return Directory(routes: ["office": route])
    }

    private func incident(_ ending: AlertCondition?) throws -> Incident {
        let condition = PasswordSignIn.conditions(directory("smtp.office365.com"), known: [], at: Self.now)[0]
        var incident = try #require(Incident(AlertReport(condition), id: "i"))
        if let ending { _ = incident.reported(AlertReport(ending), policy: .builtIn(.passwordSignIn), noticesToday: 0, at: Self.now) }
        return incident
    }

    @Test func `such a route is told of once`() throws {
        let there = directory("smtp.office365.com")
        let told = PasswordSignIn.conditions(there, known: [], at: Self.now)
        #expect(told.map(\.subject) == ["route:office"] && told[0].text.contains("end of December 2026"))
        #expect(PasswordSignIn.isAny(there, at: Self.now) && AlertPolicy.builtIn(.passwordSignIn).severity == .low)
        #expect(PasswordSignIn.conditions(there, known: [try incident(nil)], at: Self.now).isEmpty)
        for other in [directory("relay.example.org"), directory("smtp.office365.com", isDisabled: true)] {
            #expect(PasswordSignIn.conditions(other, known: [], at: Self.now).isEmpty && !PasswordSignIn.isAny(other, at: Self.now))
        }
    }

    @Test func `it is over with the route, and begins anew with another`() throws {
        let gone = PasswordSignIn.conditions(directory("relay.example.org"), known: [try incident(nil)], at: Self.now)
        #expect(gone.count == 1 && gone[0].isOver)
        let over = try incident(gone[0])
        #expect(over.ending == .over)
        #expect(PasswordSignIn.conditions(directory("relay.example.org"), known: [over], at: Self.now).isEmpty)
        #expect(PasswordSignIn.conditions(directory("smtp.office365.com"), known: [over], at: Self.now).count == 1)
    }
}
