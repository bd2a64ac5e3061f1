import Foundation
import MailModel
import OutboundPolicy
import Testing

@testable import PosternRuntime

/// Shaping, rules and routes by form, against a gate that serves.
struct DeliveryRoomTests {
    private static let administrator: [String: [Role]] = ["a@example.org": [.administrator]]

    @Test func aShapingPolicyIsSetChangedAndRemoved() async throws {
        try await APIServer.run(people: DeliveryRoomTests.administrator) { server in
            let visitor = try await Visitor.signedIn(server, "a@example.org")
            let wrong = try await visitor.post("/shaping", ["do": "set", "name": "night", "messages": "many"])
            #expect(wrong.status == 422 && wrong.body.contains("many is no rate") && wrong.body.contains("value=\"many\""))
            let set = try await visitor.post(
                "/shaping",
                [
                    "do": "set", "name": "night", "provider": "google", "eachSource": "yes", "connections": "5",
                    "messages": "30/min, 600/h:20", "hours": "Mon,Tue 20:00-06:00\nSat 00:00-24:00", "reason": "newsletters",
                ])
            #expect(set.location == "/shaping/night", "\(set.body)")
            let page = try await visitor.get("/shaping/night")
            #expect(page.body.contains("value=\"30/min, 600/h:20\"") && page.body.contains("Mon,Tue 20:00-06:00\nSat 00:00-24:00"))
            #expect(page.body.contains("<option value=\"google\" selected>"))
            #expect(
                try await visitor.post("/shaping/night", ["do": "set", "provider": "google", "connections": "7"]).location
                    == "/shaping/night")
            let changed = try await visitor.get("/shaping")
            #expect(changed.body.contains("7 connections") && !changed.body.contains("600 messages per hour"))
            #expect(try await visitor.post("/shaping/night", ["do": "remove"]).location == "/shaping")
            #expect(try await visitor.get("/shaping/night").status == 404)
        }
    }

    @Test func aRouteIsAddedWithTokensAndGetsTheLimitsOfItsAccount() async throws {
        try await APIServer.run(people: DeliveryRoomTests.administrator) { server in
            let visitor = try await Visitor.signedIn(server, "a@example.org")
            let half: KeyValuePairs = [
                "do": "add", "name": "office", "kind": "smarthost", "host": "smtp.office365.com", "port": "587",
                "user": "scanner@example.org", "oauth": "microsoft", "clientID": "client-1", "secret": "much~secret",
            ]
            let unfinished = try await visitor.post("/routes", half)
            #expect(unfinished.status == 422 && unfinished.body.contains("wants the tenant"), "\(unfinished.body)")
            #expect(!unfinished.body.contains("much~secret"))
            let added = try await visitor.post(
                "/routes",
                [
                    "do": "add", "name": "office", "kind": "smarthost", "host": "smtp.office365.com", "port": "587",
                    "user": "scanner@example.org", "oauth": "microsoft", "tenant": "contoso.example", "clientID": "client-1",
                    "secret": "much~secret",
                ])
            #expect(added.location == "/routes/office", "\(added.body)")
            let page = try await visitor.get("/routes/office")
            #expect(page.body.contains("oauth-microsoft") && page.body.contains("client-1") && !page.body.contains("much~secret"))
            #expect(
                try await visitor.post("/routes/office", ["do": "preset", "preset": "microsoft-365-mailbox"]).location == "/routes/office")
            #expect(try await visitor.get("/routes/office").body.contains("30 messages per minute"))
        }
    }

    @Test func aRuleIsProvedBeforeItIsPut() async throws {
        try await APIServer.run(people: DeliveryRoomTests.administrator) { server in
            let visitor = try await Visitor.signedIn(server, "a@example.org")
            let known = try await visitor.get("/rules?text=421+4.7.28+Our+system+has+detected+an+unusual+rate&provider=google")
            #expect(known.body.contains("The rule google."))
            let unproved = try await visitor.post(
                "/rules",
                [
                    "do": "check", "name": "partner.busy", "codes": "451", "words": "come back", "action": "pause", "seconds": "600",
                    "mustMatch": "451 4.3.2 Go away", "mustNotMatch": "451 4.7.1 Greylisted",
                ])
            #expect(unproved.status == 422 && unproved.body.contains("it does not match") && unproved.body.contains("value=\"come back\""))
            let checked = try await visitor.post(
                "/rules",
                [
                    "do": "check", "name": "partner.busy", "codes": "451", "words": "come back", "action": "pause", "seconds": "600",
                    "mustMatch": "451 4.3.2 Come back later\n451 4.3.2 Please come back", "mustNotMatch": "451 4.7.1 Greylisted",
                ])
            #expect(checked.status == 200 && checked.body.contains("No recorded reply"), "\(checked.body)")
            #expect(try await visitor.get("/rules/partner.busy").status == 404)
            let json = checked.value(of: "rule").replacing("&quot;", with: "\"")
            #expect(json.contains("partner.busy"))
            let put = try await visitor.post("/rules", ["do": "put", "rule": json, "reason": "their host says so"])
            #expect(put.location == "/rules/partner.busy", "\(put.body)")
            #expect(try await visitor.get("/rules/partner.busy").body.contains("pause for 10 min"))
            #expect(try await visitor.get("/audit").body.contains("their host says so"))
            #expect(try await visitor.post("/rules/partner.busy", ["do": "remove"]).location == "/rules")
            #expect(try await visitor.post("/rules", ["do": "put", "rule": "{}"]).status == 400)
        }
    }
}
