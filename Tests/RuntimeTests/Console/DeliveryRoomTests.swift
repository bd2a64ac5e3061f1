import Foundation
import MailModel
import OutboundPolicy
import OwnThreads
import Testing

@testable import PosternRuntime

/// Shaping, rules and routes by form, against a gate that serves.
@Suite(.ownThreads) struct DeliveryRoomTests {
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
            #expect(page.body.contains("The route is off"))
            #expect(page.body.contains("oauth-microsoft") && page.body.contains("client-1") && !page.body.contains("much~secret"))
            #expect(
                try await visitor.post("/routes/office", ["do": "preset", "preset": "microsoft-365-mailbox"]).location == "/routes/office")
            #expect(try await visitor.get("/routes/office").body.contains("30 messages per minute"))
        }
    }

    @Test func aRouteIsOffUntilItIsSwitchedOnAndCanBeChangedAndRemoved() async throws {
        try await APIServer.run(people: DeliveryRoomTests.administrator) { server in
            let visitor = try await Visitor.signedIn(server, "a@example.org")
            // What is missing is said at the field.
            let hostless = try await visitor.post(
                "/routes", ["do": "add", "name": "relay", "kind": "smarthost", "user": "u", "password": "p"])
            #expect(hostless.status == 400 && hostless.body.contains("is missing: give the smarthost") && !hostless.body.contains("graph"))
            let userless = try await visitor.post(
                "/routes",
                ["do": "add", "name": "relay", "kind": "smarthost", "host": "smtp.example.net", "oauth": "microsoft", "secret": "x"])
            #expect(userless.body.contains("give the mailbox to sign in as"))
            let odd = try await visitor.post("/routes", ["do": "add", "name": "relay", "kind": "mx", "host": "smtp.example.net"])
            #expect(odd.body.contains("choose that kind"))
            let added = try await visitor.post(
                "/routes",
                ["do": "add", "name": "relay", "kind": "smarthost", "host": "smtp.example.net", "user": "u", "password": "first"])
            #expect(added.location == "/routes/relay", "\(added.body)")
            let access = try await AdministrationAccess.open(server.directory)
            func route() async throws -> RouteView? { try await access.perform(ListRoutes()).first { $0.name == "relay" } }
            let made = try #require(try await route())
            #expect(made.disabled && made.host == "smtp.example.net:587" && made.tls == "verify" && !made.isDefault)
            #expect(try await visitor.get("/routes/relay").body.contains("The route is off: no mail takes it"))
            // For all mail: asked about first.
            let asked = try await visitor.post("/routes/relay", ["do": "switch", "to": "on"])
            #expect(asked.status == 200 && asked.body.contains("Are you sure?") && asked.body.contains("all mail that no other route"))
            #expect(try await visitor.post("/routes/relay", ["do": "switch", "to": "on", "sure": "yes"]).location == "/routes/relay")
            #expect(try await route()?.disabled == false)
            let moved = try await visitor.post("/routes/relay", ["do": "change", "host": "smtp.evil.example", "user": "u"])
            #expect(moved.status == 422 && moved.body.contains("goes to no other host"))
            let changed = try await visitor.post(
                "/routes/relay",
                [
                    "do": "change", "host": "smtp.example.org", "port": "465", "user": "v", "password": "sesame-77",
                    "senderDomains": "news.example.org", "recipientDomains": "", "order": "5", "connections": "3",
                ])
            #expect(changed.location == "/routes/relay", "\(changed.body)")
            let now = try #require(try await route())
            #expect(now.senderDomains == ["news.example.org"] && now.order == 5 && now.connections == 3)
            #expect(now.host == "smtp.example.org:465" && now.user == "v" && now.signIn == "password")
            #expect(try await !visitor.get("/routes/relay").body.contains("sesame-77"))
            // Each route can be removed, after a question.
            #expect(try await visitor.post("/routes/relay", ["do": "remove"]).body.contains("Are you sure?"))
            #expect(try await visitor.post("/routes/relay", ["do": "remove", "sure": "yes"]).location == "/routes")
            #expect(try await route() == nil)
        }
    }

    @Test func dkimRecordsAreShownApartAndKeysAreMadeFromTheDomainsPage() async throws {
        try await APIServer.run(people: DeliveryRoomTests.administrator) { server in
            let visitor = try await Visitor.signedIn(server, "a@example.org")
            #expect(try await visitor.post("/domains", ["do": "add", "domain": "example.org"]).location == "/domains")
            let domain = try await visitor.get("/domains/example.org").body
            for href in ["/domain-health/example.org", "/dkim?domain=example.org"] {
                #expect(domain.contains("href=\"\(href)\""), "\(href)")
            }
            let made = try await visitor.post("/dkim", ["do": "add", "domain": "example.org", "selector": "s1"])
            #expect(made.location == "/dkim?domain=example.org", "\(made.body)")
            let page = try await visitor.get(made.location).body
            #expect(page.contains("<code>s1r._domainkey.example.org</code>") && page.contains("<code>v=DKIM1;"))
            #expect(try await !visitor.get("/dkim?domain=other.example").body.contains("s1r._domainkey"))
        }
    }

    @Test func aSourceIsWarmedUpPausedSetBackAndEnded() async throws {
        try await APIServer.run(people: DeliveryRoomTests.administrator) { server in
            let visitor = try await Visitor.signedIn(server, "a@example.org")
            let added = try await visitor.post("/sources", ["do": "add", "name": "vienna", "helloName": "vienna.example.org"])
            #expect(added.location == "/sources/vienna", "\(added.body)")
            let begun = try await visitor.post("/sources/vienna", ["do": "warm-up", "provider": "google", "plan": "careful", "day": "4"])
            #expect(begun.location == "/sources/vienna/google", "\(begun.body)")
            let page = try await visitor.get("/sources/vienna/google")
            #expect(
                page.body.contains("class=\"calendar\"") && page.body.contains("aria-current=\"date\"") && page.body.contains("Day 4 of 60")
            )
            let hasty = try await visitor.post("/sources/vienna/google", ["do": "pause", "hours": "many", "reason": "the list"])
            #expect(hasty.status == 400 && hasty.body.contains("value=\"many\""))
            #expect(
                try await visitor.post("/sources/vienna/google", ["do": "pause", "hours": "12", "reason": "the list was bad"]).location
                    == "/sources/vienna/google")
            let paused = try await visitor.get("/sources/vienna/google")
            #expect(paused.body.contains("the list was bad") && paused.body.contains("Let it go on") && !paused.body.contains("Pause it"))
            #expect(try await visitor.get("/sources").body.contains("paused"))
            for fields: KeyValuePairs in [
                ["do": "resume", "reason": "mended"], ["do": "step-back", "day": "2", "reason": "complaints"],
                ["do": "set", "plan": "", "caps": "5, 10, 20"],
            ] {
                #expect(try await visitor.post("/sources/vienna/google", fields).location == "/sources/vienna/google")
            }
            let changed = try await visitor.get("/sources/vienna/google")
            #expect(
                changed.body.contains("days of one&#39;s own") && changed.body.contains("Day 2 of 3") && changed.body.contains("complaints")
            )
            #expect(try await visitor.post("/sources/vienna/google", ["do": "end", "reason": "known"]).location == "/sources/vienna")
            #expect(try await visitor.get("/sources/vienna/google").status == 404)
            #expect(try await visitor.get("/audit").body.contains("warmup.remove"))
            #expect(try await visitor.post("/sources/vienna", ["do": "remove"]).location == "/sources")
        }
    }

    @Test func addressesAreRewrittenAndTriedOnThePagesOfConnectorsAndRoutes() async throws {
        try await APIServer.run(people: DeliveryRoomTests.administrator) { server in
            let visitor = try await Visitor.signedIn(server, "a@example.org")
            _ = try await visitor.post(
                "/connectors", ["do": "add", "name": "printers", "networks": "192.0.2.0/24", "grants": "*", "senderIdentity": "connector"])
            let wrong = try await visitor.post("/connectors/printers", ["do": "rewrite", "rules": "root", "parts": "envelope"])
            #expect(wrong.status == 400 && wrong.body.contains("which is no PATTERN=ADDRESS"))
            #expect(
                try await visitor.post(
                    "/connectors/printers",
                    ["do": "rewrite", "rules": "root@*=scanner@example.org", "parts": "from", "original": "field"]
                ).location == "/connectors/printers")
            let tried = try await visitor.get("/connectors/printers?try=root%40printer")
            #expect(tried.body.contains("root@printer becomes scanner@example.org") && tried.body.contains("by root@*=scanner@example.org"))
            #expect(try await visitor.get("/connectors/printers?try=kim%40example.org").body.contains("kim@example.org stays"))
            #expect(try await visitor.get("/connectors/printers?try=kim").body.contains("&quot;kim&quot; is no address"))
            #expect(try await visitor.get("/connectors").body.contains("1 rule"))
            _ = try await visitor.post(
                "/routes",
                [
                    "do": "add", "name": "office", "kind": "smarthost", "host": "smtp.office365.com", "user": "postern@example.org",
                    "oauth": "microsoft", "tenant": "contoso.example", "clientID": "client-1", "secret": "s",
                ])
            for fields: KeyValuePairs in [
                ["do": "rewrite", "rules": "*@old.example=*@example.org", "parts": "envelope", "original": "dropped"],
                ["do": "identity", "pattern": "*@example.org", "user": "{sender}"],
            ] {
                let answer = try await visitor.post("/routes/office", fields)
                #expect(answer.location == "/routes/office", "\(answer.body)")
            }
            let route = try await visitor.get("/routes/office?try=kim%40old.example")
            #expect(route.body.contains("kim@old.example becomes kim@example.org") && route.body.contains("Handed on as kim@example.org"))
            #expect(route.body.contains("Remove the identity of *@example.org"))
            #expect(
                try await visitor.post("/routes/office", ["do": "remove-identity", "pattern": "*@example.org"]).location
                    == "/routes/office")
            #expect(try await visitor.post("/connectors/printers", ["do": "remove"]).location == "/connectors")
        }
    }

    /// Two people have the same page open; the second to save is told.
    @Test func whatSomebodyElseHasChangedIsNotOverwritten() async throws {
        try await APIServer.run(people: DeliveryRoomTests.administrator) { server in
            let visitor = try await Visitor.signedIn(server, "a@example.org")
            _ = try await visitor.post("/shaping", ["do": "set", "name": "night", "connections": "5"])
            let seen = try await visitor.get("/shaping/night").value(of: "seen")
            #expect(!seen.isEmpty)
            #expect(try await visitor.post("/shaping/night", ["do": "set", "connections": "6", "seen": seen]).location == "/shaping/night")
            let late = try await visitor.post("/shaping/night", ["do": "set", "connections": "7", "seen": seen])
            #expect(late.status == 409 && late.body.contains("changed by someone else meanwhile") && late.body.contains("value=\"7\""))
            let again = try await visitor.post("/shaping/night", ["do": "set", "connections": "7", "seen": late.value(of: "seen")])
            #expect(again.location == "/shaping/night")
            // Changes of other things are no matter.
            let route = try await visitor.get("/routes/built-in").value(of: "seen")
            _ = try await visitor.post("/shaping", ["do": "set", "name": "day", "connections": "5"])
            #expect(
                try await visitor.post("/routes/built-in", ["do": "sources", "sources": "", "seen": route]).location == "/routes/built-in")
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
