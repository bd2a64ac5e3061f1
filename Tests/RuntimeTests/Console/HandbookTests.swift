import Console
import Foundation
import OutboundPolicy
import OwnThreads
import Testing

@testable import PosternRuntime

struct HandbookTests {
    private static func rooms() async throws -> [Room] {
        Rooms(administration: try await TestData().administration(), checkOwnPassword: { _, _, _ in .busy }, now: { .now }).all
    }

    @Test func everyRoomHasHelpThatIsThere() async throws {
        for room in try await HandbookTests.rooms() {
            let parts = room.help.split(separator: "#", maxSplits: 1).map(String.init)
            let page = try #require(HandbookPage(parts.first ?? ""), "\(room.path): \(room.help)")
            if parts.count > 1 { #expect(page.anchors.contains(parts[1]), "\(room.path): \(room.help)") }
        }
    }

    @Test func everyPageOfTheSourceIsPartOfTheProgram() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: "\(SourceTree.root)/docs").filter { $0.hasSuffix(".md") }
        #expect(Set(files.map { String($0.dropLast(3)) }) == Set(HandbookText.pages.keys).union(["five-tasks"]))
    }

    /// Each link between pages has an end, and nothing of the text is lost to the reader.
    @Test func linksLeadToPagesAndHeadings() throws {
        for name in HandbookText.pages.keys {
            let page = try #require(HandbookPage(name))
            #expect(!page.title.isEmpty && !page.html.contains("<img"), "\(name)")
            #expect(!page.html.contains("<h1"), "\(name)")
            #expect(!page.html.contains("<p>|"), "\(name) has a table that was not read")
            for match in page.html.matches(of: #/href="([^"]*)"/#) {
                let address = String(match.output.1)
                if address.hasPrefix("https://") { continue }
                let parts = address.split(separator: "#", omittingEmptySubsequences: false).map(String.init)
                let target = parts[0].isEmpty ? page : HandbookPage(String(parts[0].dropFirst("/help/".count)))
                #expect(parts[0].isEmpty || parts[0].hasPrefix("/help/"), "\(name): \(address)")
                let found = try #require(target, "\(name): \(address)")
                if parts.count > 1 { #expect(found.anchors.contains(parts[1]), "\(name): \(address)") }
            }
        }
    }

    @Test func tablesAndListingsAreRead() throws {
        let html = try #require(HandbookPage("console")).html
        #expect(html.contains("<th scope=\"col\">role</th>") && html.contains("<code>operator</code></td>"))
        #expect(html.contains("<pre><code>postern accounts add"))
        #expect(html.contains("<a href=\"/help/api#a-key\">The whole table</a>"))
        #expect(HandbookPage("five-tasks") == nil && HandbookPage("../README") == nil)
    }
}

@Suite(.ownThreads) struct GoRoomTests {
    @Test func aFewLettersLeadToAPageAndNamesToThings() async throws {
        try await APIServer.run(people: ["a@example.org": [.administrator], "b@example.org": []]) { server in
            let visitor = try await Visitor.signedIn(server, "a@example.org")
            let help = try await visitor.get("/restricted")
            #expect(help.body.contains("href=\"/help/restricted\""))
            #expect(try await visitor.get("/go?q=Stop%20button").location == "/pauses")
            let found = try await visitor.get("/go?q=smarth")
            #expect(
                found.body.contains("href=\"/routes\"")
                    && !found.body.contains("<th scope=\"row\" class=\"\" data-label=\"\"><a href=\"/dkim\""))
            let address = try await visitor.get("/go?q=b%40example.org").body
            for href in ["/accounts/b%40example.org", "/trace?q=b%40example.org", "/limits/b%40example.org"] {
                #expect(address.contains("href=\"\(href)\""), "\(href)")
            }
            #expect(try await visitor.get("/go?q=northern.example").body.contains("href=\"/domain-health/northern.example\""))
            #expect(try await visitor.get("/go?q=0s9py461m0g00").body.contains("href=\"/trace/0s9py461m0g00\""))
            #expect(try await visitor.get("/go?q=%3Czzz%3E").body.contains("Nothing has that name"))
            // Nothing is named to those who may not see it.
            let own = try await Visitor.signedIn(server, "b@example.org")
            let little = try await own.get("/go?q=b%40example.org").body
            #expect(!little.contains("href=\"/accounts") && !little.contains("href=\"/limits"))
            #expect(try await own.get("/go?q=accounts").body.contains("Nothing has that name"))
        }
    }

    @Test func whoSendsCampaignsHasListsAndCampaignsAlone() async throws {
        try await APIServer.run(people: ["c@example.org": [.campaigns]]) { server in
            let visitor = try await Visitor.signedIn(server, "c@example.org")
            for path in ["/campaigns", "/lists", "/subscribers", "/advise", "/groups", "/me"] {
                #expect(try await visitor.get(path).status == 200, "\(path)")
            }
            for path in ["/routes", "/queue", "/trace", "/accounts", "/audit", "/dkim"] {
                #expect(try await visitor.get(path).status == 403, "\(path)")
            }
            let lists = try await visitor.get("/lists")
            #expect(
                try await visitor.post("/lists", ["do": "add", "list": "freunde", "title": "Freunde"], token: lists.token).status != 403)
        }
    }
}
