import Console
import Foundation
import MailModel
import OutboundPolicy
import OwnThreads
import Testing

@testable import PosternRuntime

/// The rooms, against a gate that serves.
@Suite(.ownThreads) struct RoomTests {
    /// Every page that needs no name in its path.
    private static let paths = [
        "/", "/trace", "/queue", "/suppressions", "/returns", "/pauses", "/explain", "/alerts", "/restricted", "/throttles", "/limits",
        "/service-limits", "/policies",
        "/policies/test", "/requests", "/accounts", "/connectors", "/groups", "/group-posts", "/ldap-servers",
        "/domains", "/routes", "/sources", "/shaping", "/rules",
        "/rules/replay", "/reputation", "/dkim", "/domain-health", "/domain-reports", "/tls-reports", "/setup", "/review", "/scanning",
        "/scanning/trial",
        "/duplicates", "/pools", "/lists", "/subscribers", "/campaigns",
        "/advise",
        "/sessions", "/sign-in-providers",
        "/keys", "/notices", "/simulations", "/twin", "/nodes", "/audit", "/me", "/me/security", "/help", "/help/console", "/go",
    ]

    @Test func everyPageStandsOnAnEmptyGate() async throws {
        try await APIServer.run(people: ["a@example.org": [.administrator]]) { server in
            let visitor = try await Visitor.signedIn(server, "a@example.org")
            for path in RoomTests.paths {
                let answer = try await visitor.get(path)
                #expect(answer.status == 200, "\(path) \(answer.body)")
                #expect(answer.body.contains("<h1>"), "\(path)")
            }
            #expect(try await visitor.get("/nothing").status == 404)
            #expect(try await visitor.get("/alerts/none").status == 404)
            #expect(try await visitor.get("/trace/1").status == 404)
            #expect(try await visitor.get("/restricted/sender:b@example.org").status == 404)
        }
    }

    @Test func whoHasNoRoleSeesOwnPagesAlone() async throws {
        try await APIServer.run(people: ["b@example.org": []]) { server in
            let visitor = try await Visitor.signedIn(server, "b@example.org")
            // What waits for an owner of a group is for whoever owns one.
            for path in RoomTests.paths where !["me", "help", "go", "group-posts"].contains(path.split(separator: "/").first) {
                let answer = try await visitor.get(path)
                #expect(path == "/" ? answer.location == "/me" : answer.status == 403, "\(path)")
            }
            let own = try await visitor.get("/me")
            #expect(own.status == 200 && !own.body.contains("href=\"/accounts\"") && !own.body.contains("role=\"search\""))
            #expect(
                try await visitor.post("/me", ["do": "ask", "limit": "recipients-per-day", "value": "5000", "reason": "the annual letter"])
                    .location == "/me")
            #expect(try await visitor.get("/me").body.contains("5000 recipients-per-day"))
            #expect(try await visitor.post("/accounts", ["do": "add", "address": "c@example.org"], token: own.token).status == 403)
        }
    }

    @Test func theHelpDeskMayLookAndNotTouch() async throws {
        try await APIServer.run(people: ["h@example.org": [.helpDesk]]) { server in
            let visitor = try await Visitor.signedIn(server, "h@example.org")
            let page = try await visitor.get("/accounts")
            #expect(page.status == 200 && !page.body.contains("Add an account"))
            let refused = try await visitor.post("/accounts", ["do": "add", "address": "c@example.org"], token: page.token)
            #expect(refused.status == 403 && refused.body.contains("accounts:write"))
        }
    }

    @Test func aSenderIsRestrictedReadAndReleased() async throws {
        try await APIServer.run(people: ["a@example.org": [.administrator], "b@example.org": []]) { server in
            let visitor = try await Visitor.signedIn(server, "a@example.org")
            let empty = try await visitor.post("/restricted", ["do": "add", "entity": "nobody", "reason": "odd mail"])
            #expect(empty.status == 400 && empty.body.contains("odd mail") && empty.body.contains("is no sender:ADDRESS"))
            let added = try await visitor.post("/restricted", ["do": "add", "entity": "b@example.org", "reason": "odd <mail>"])
            #expect(added.location == "/restricted/sender%3Ab%40example.org")
            let page = try await visitor.get(added.location)
            #expect(page.body.contains("odd &lt;mail&gt;") && !page.body.contains("odd <mail>"))
            #expect(try await visitor.get("/accounts").body.contains("<a href=\"/restricted/sender%3Ab%40example.org\">restricted</a>"))
            let sender = Visitor(server)
            _ = try await sender.signIn("b@example.org")
            #expect(try await sender.get("/me").body.contains("You cannot send at the moment"))
            let painted = try await visitor.post(added.location, ["do": "release", "mail": "keep", "reason": "\u{1B}[2Jnew password"])
            #expect(painted.status == 400 && painted.body.contains("holds a control character"))
            // What was not checked is asked about first.
            let asked = try await visitor.post(
                added.location, ["do": "release", "checks": "password-changed", "mail": "keep", "reason": "new password"])
            #expect(asked.status == 200 && asked.body.contains("Are you sure?") && asked.body.contains("the cause is fixed"))
            #expect(asked.body.contains("name=\"reason\" value=\"new password\""))
            #expect(try await sender.get("/me").body.contains("You cannot send at the moment"))
            let unsaid = try await visitor.post(
                added.location, ["do": "release", "checks": "password-changed", "mail": "keep", "reason": "", "sure": "yes"])
            #expect(unsaid.status == 422 && unsaid.body.contains("a release wants a reason"))
            #expect(unsaid.body.contains("value=\"password-changed\" checked"))
            let released = try await visitor.post(
                added.location, ["do": "release", "checks": "password-changed", "mail": "keep", "reason": "new password", "sure": "yes"])
            #expect(released.location == added.location)
            let over = try await visitor.get(added.location).body
            #expect(over.contains("may send again") && over.contains("by account:a@example.org: new password"))
            #expect(over.contains("kept: 0 recipients held") && !over.contains("a person releases it"))
            #expect(try await visitor.get("/audit").body.contains("restriction.release"))
            #expect(try await !sender.get("/me").body.contains("You cannot send"))
        }
    }

    @Test func whoMakesAnAccountIsToldWhatToEnterInTheProgram() async throws {
        try await APIServer.run(people: ["a@example.org": [.administrator]]) { server in
            let visitor = try await Visitor.signedIn(server, "a@example.org")
            let made = try await visitor.post("/accounts", ["do": "add", "address": "app@example.org", "class": "application"]).body
            #expect(made.contains("class=\"secret\">") && made.contains("Enter this in the program"))
            #expect(made.contains("<code>app@example.org</code>") && made.contains("<code>gate.example.org</code>"))
        }
    }

    @Test func whatIsMadeIsShownOnceAndWorks() async throws {
        try await APIServer.run(people: ["a@example.org": [.administrator]]) { server in
            let visitor = try await Visitor.signedIn(server, "a@example.org")
            let key = try await visitor.post("/keys", ["do": "add", "name": "shop", "roles": "viewer"])
            let token = try #require(
                key.body.range(of: "class=\"secret\">").map { String(key.body[$0.upperBound...].prefix { $0 != "<" }) })
            #expect(try await server.call("GET", "/v1/ledger", key: token).status == 200)
            #expect(try await !visitor.get("/keys").body.contains(token))
            #expect(try await visitor.post("/policies", ["do": "preset", "preset": "standard"]).location == "/policies")
            #expect(try await visitor.get("/policies").body.contains("href=\"/policies/default\""))
            let test = try await visitor.get("/policies/test?sender=a%40example.org&external=2000")
            #expect(test.body.contains("refuse") || test.body.contains("restrict"))
            let changed = try await visitor.post(
                "/policies/default", ["do": "change", "externalPerHour": "7", "action": "refuse", "forwarding": "off"])
            #expect(changed.location == "/policies/default")
            #expect(try await visitor.get("/policies").body.contains("data-label=\"External an hour\">7<"))
            let wrong = try await visitor.post("/policies/default", ["do": "change", "externalPerHour": "many"])
            #expect(wrong.status == 400 && wrong.body.contains("is not a whole number") && wrong.body.contains("value=\"many\""))
        }
    }

    @Test func everyNameInTheNavigationLeadsToARoom() async throws {
        let administration = try await TestData().administration()
        let rooms = Rooms(administration: administration, checkOwnPassword: { _, _, _ in .busy }, now: { .now })
        let paths = rooms.all.map(\.path)
        #expect(Set(paths).count == paths.count)
        for href in Navigation.groups.flatMap({ $0.places.map(\.href) }) { #expect(paths.contains(href), "\(href)") }
        for path in RoomTests.paths where path != "/help/console" { #expect(paths.contains(path), "\(path)") }
        let scopes = Set(AccessScope.allCases.map(\.rawValue))
        for room in rooms.all {
            #expect(room.scopes.isSubset(of: scopes), "\(room.path)")
            for (name, act) in room.acts { #expect(act.scopes.isSubset(of: scopes), "\(room.path) \(name)") }
        }
    }
}
