import Foundation
import OutboundPolicy
import OwnThreads
import Testing

@testable import PosternRuntime

/// From the advice to the draft, in the console alone.
@Suite(.ownThreads) struct CampaignRoomTests {
    @Test func theAdviceLeadsToAListAndADraftOfItsOwn() async throws {
        try await APIServer.run(people: ["a@example.org": [.administrator]]) { server in
            let visitor = try await Visitor.signedIn(server, "a@example.org")
            let advice = try await visitor.get("/advise?recipients=5000&external=yes")
            #expect(advice.body.contains("To set up first") && !advice.body.contains("postern "), "no command where there is a page")
            #expect(advice.body.contains("href=\"/routes\"") && advice.body.contains("href=\"/lists\""))
            let path = "/advise?recipients=5000&external=yes"
            let from = "News <news@gate.example.org>"
            let wrong = try await visitor.post(
                path, ["do": "draft", "title": "Grüße im Mai", "list": "", "newList": "Leser", "from": "no"])
            #expect(wrong.status == 400 && wrong.body.contains("is no mailbox"))
            #expect(try await !visitor.get("/lists").body.contains("href=\"/lists/leser\""), "no list without a draft")
            let made = try await visitor.post(
                path, ["do": "draft", "title": "Grüße im Mai", "list": "", "newList": "Leser", "from": from, "canary": "250"])
            #expect(made.location == "/lists/leser/import", "\(made.body)")
            let view = try await server.call("GET", "/v1/campaigns/gruesse-im-mai").fields
            #expect(view["list"] as? String == "leser")
            let again = try await visitor.post(
                "/campaigns", ["do": "add", "title": "Grüße im Mai", "list": "leser", "from": from, "subject": "Hello"])
            #expect(again.location == "/campaigns/gruesse-im-mai-2/edit", "\(again.body)")
            #expect(try await visitor.get("/campaigns?list=leser").body.contains("value=\"leser\" selected"))
            let list = try await visitor.post("/lists", ["do": "add", "title": "Freunde & Förderer"])
            #expect(list.location == "/lists/freunde-foerderer/import")
            #expect(try await visitor.post("/lists", ["do": "add", "title": "???"]).body.contains("give a name too"))
        }
    }

    @Test func aFileIsUploadedAndPeopleAreShownByState() async throws {
        try await APIServer.run(people: ["a@example.org": [.administrator]]) { server in
            let visitor = try await Visitor.signedIn(server, "a@example.org")
            _ = try await visitor.post("/lists", ["do": "add", "name": "news"])
            _ = try await visitor.post(
                "/campaigns",
                ["do": "add", "title": "Spring", "list": "news", "from": "News <news@gate.example.org>", "subject": "Hello"])
            let edit = "/campaigns/spring/edit"
            #expect(try await visitor.get(edit).body.contains("enctype=\"multipart/form-data\""))
            let attached = try await visitor.upload(edit, act: "attach", file: "C:\\plans\\plan.txt", "the plan")
            #expect(attached.location == edit, "\(attached.body)")
            #expect(try await visitor.get(edit).body.contains(">plan.txt<"))
            let empty = try await visitor.upload(edit, act: "attach", file: "none.txt", "")
            #expect(empty.status == 400 && empty.body.contains("is missing or empty"))
            let large = try await visitor.upload(edit, act: "attach", file: "large.txt", String(repeating: "x", count: 700_001))
            #expect(large.status == 400 && large.body.contains("700,000 at most"))
            #expect(try await visitor.post(edit, ["do": "detach", "filename": "plan.txt"]).location == edit)

            // What stands in the way is not said in green, and how it would go is said before it is started.
            let checked = try await visitor.post("/campaigns/spring", ["do": "check"])
            #expect(checked.location == "/campaigns/spring")
            let page = try await visitor.get("/campaigns/spring")
            #expect(page.body.contains("notice bad") && page.body.contains("The last one, started now"), "\(page.body)")
            let people = try await visitor.get("/campaigns/spring/recipients?status=bounced")
            #expect(people.status == 200 && people.body.contains("value=\"bounced\" selected") && people.body.contains("Nobody."))
            #expect(try await visitor.get("/campaigns/spring/recipients?status=nonsense").status == 422)
        }
    }

    @Test(arguments: [
        ("Newsletter Freunde", "newsletter-freunde"), ("Grüße, Straße & Café", "gruesse-strasse-cafe"), ("  2026/27 ", "2026-27"),
        ("Ångström", "angstroem"),
    ])
    func aNameIsMadeFromATitle(_ title: String, _ name: String) {
        #expect(NameFromTitle.make(title, isTaken: { _ in false }) == name)
        #expect(NameFromTitle.make(title, isTaken: { $0 == name }) == "\(name)-2")
        let long = String(repeating: "\(title) ", count: 50)
        #expect((NameFromTitle.make(long, isTaken: { _ in false })?.count ?? 99) <= 48)
    }

    @Test func whatHoldsNoLetterGivesNoName() {
        for title in ["", "???", "日本"] { #expect(NameFromTitle.make(title, isTaken: { _ in false }) == nil) }
        #expect(NameFromTitle.make(String(repeating: "x", count: 500), isTaken: { _ in false })?.count == 48)
    }
}
