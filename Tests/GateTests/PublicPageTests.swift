import Campaigns
import Foundation
import GateSupport
import OutboundPolicy
import OwnThreads
import PosternRuntime
import Testing

/// The pages of readers, from outside: over HTTP, against a gate that sends real mail.
@Suite("Public pages", .serialized, .ownThreads)
struct PublicPageTests {
    private static let settings = [
        "bulk.return-path-domain=bounces.example.org", "campaigns.public-url=https://mail.example.org", "campaigns.machine-time=0s",
    ]
    private static let form = "application/x-www-form-urlencoded"

    private func ask(
        _ gate: GateProcess, _ method: String, _ path: String, body: String? = nil,
        agent: String = "Mozilla/5.0 (X11; Linux) Firefox/140.0",
        language: String = ""
    ) throws -> String {
        let stream = try LoopbackStream.connect(port: try #require(gate.addresses["http"]))
        var head = "\(method) \(path) HTTP/1.1\r\nHost: mail.example.org\r\nConnection: close\r\nUser-Agent: \(agent)\r\n"
        if !language.isEmpty { head += "Accept-Language: \(language)\r\n" }
        if let body { head += "Content-Type: \(PublicPageTests.form)\r\nContent-Length: \(body.utf8.count)\r\n" }
        stream.write("\(head)\r\n\(body ?? "")")
        return String(decoding: stream.readToEnd(), as: UTF8.self)
    }

    private func status(_ answer: String) -> String { String(answer.dropFirst(9).prefix(3)) }

    private func text(_ answer: String) -> String { answer.components(separatedBy: "\r\n\r\n").dropFirst().joined(separator: "\r\n\r\n") }

    private func row<Row: Decodable>(_ gate: GateProcess, _ words: String...) throws -> Row {
        let run = try gate.tried(words + ["--json"])
        guard run.status == 0, let line = run.output.split(separator: "\n").first else {
            throw GateProcess.Failure(description: "\(words) ended with \(run.status): \(run.output)\(run.errors)")
        }
        return try JSONDecoder().decode(Row.self, from: Data(line.utf8))
    }

    /// The path in a mail that leads below the public address, unfolded.
    private func path(_ mail: ScriptedServer.Mail, _ kind: String) throws -> String {
        let text = mail.text.replacing("=\r\n", with: "").replacing("=3D", with: "=")
        let start = try #require(text.firstRange(of: "https://mail.example.org/\(kind)/"), "\(text)")
        return "/\(kind)/" + text[start.upperBound...].prefix { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" }
    }

    @Test func `a person signs up, and is on the list only after confirming`() throws {
        let server = ScriptedServer { $0.serve { _ in nil } }
        defer { server.stop() }
        try GateProcess.run(PublicPageTests.settings) { gate in
            try gate.route(to: server)
            try gate.command("lists", "create", "news", "--title", "Northwind <News>")
            #expect(status(try ask(gate, "GET", "/l/news")) == "404", "off by default")
            #expect(try gate.tried(["lists", "pages", "news", "--sign-up", "yes"]).status != 0, "nobody to send the confirmation as")
            try gate.command(
                "lists", "pages", "news", "--sign-up", "yes", "--from", "Northwind News <news@example.org>", "--tracking", "yes")

            let page = try ask(gate, "GET", "/l/news", language: "de-AT,de;q=0.9")
            #expect(status(page) == "200" && page.contains("lang=\"de\"") && page.contains("Northwind &lt;News&gt;"))
            #expect(!page.lowercased().contains("set-cookie") && page.contains("default-src 'none'"))
            let wrong = try ask(gate, "POST", "/l/news", body: "email=nobody")
            #expect(status(wrong) == "422" && wrong.contains("aria-invalid"))

            // The same answer for who is new, who was asked enough, and what fills in what nobody sees.
            let first = try ask(gate, "POST", "/l/news", body: "email=Ada%40one.example&tracking=yes&website=")
            #expect(status(first) == "200")
            #expect(eventually { server.mails.count == 1 })
            for body in [
                "email=bot%40one.example&website=x", "email=ada%40one.example", "email=ada%40one.example", "email=ada%40one.example",
            ] {
                #expect(text(try ask(gate, "POST", "/l/news", body: body)) == text(first), "\(body)")
            }
            #expect(eventually { server.mails.count == 2 })
            #expect(server.mails.allSatisfy { $0.addresses == ["ada@one.example"] || $0.addresses == ["Ada@one.example"] })
            let mail = try #require(server.mails.first)
            #expect(mail.from.contains("news@example.org") && mail.text.contains("Auto-Submitted: auto-generated"))
            #expect(try gate.command("lists", "show", "news").contains("0 subscribed"))

            let link = try path(mail, "s")
            #expect(try status(ask(gate, "GET", link)) == "200" && status(ask(gate, "HEAD", link)) == "200")
            #expect(try gate.command("lists", "show", "news").contains("0 subscribed"), "scanners follow links")
            #expect(status(try ask(gate, "POST", String(link.dropLast(3)) + "AAA")) == "404")
            #expect(status(try ask(gate, "POST", link, body: "")) == "200")
            #expect(try gate.command("lists", "show", "news").contains("1 subscribed"))

            let person: PersonView = try row(gate, "subscribers", "show", "ada@one.example")
            #expect(person.lists.first?.consent == "valid" && person.lists.first?.trackingConsent == "valid")
            #expect(person.lists.first?.attributes["language"] == "en")
            #expect(person.consent.map(\.act) == ["asked", "granted", "granted"])
            #expect(person.consent.allSatisfy { $0.formVersion == "2" && $0.wordingHash.count == 64 && $0.basis == "express" })
            #expect(person.consent.allSatisfy { $0.wording.hasPrefix("I would like to receive Northwind <News> by email.") })

            // Who left is not brought back by the same link, but by asking again.
            try gate.command("subscribers", "unsubscribe", "ada@one.example", "--list", "news")
            _ = try ask(gate, "POST", link, body: "")
            #expect(try gate.command("lists", "show", "news").contains("0 subscribed, 1 unsubscribed"))
            _ = try ask(gate, "POST", try path(server.mails[1], "s"), body: "")
            #expect(try gate.command("lists", "show", "news").contains("1 subscribed, 0 unsubscribed"))
        }
    }

    // MARK: - Campaigns

    /// Two lists, two people who agreed to mail, one of whom agreed to being counted; a campaign to them that has ended.
    private func sent(_ gate: GateProcess, _ server: ScriptedServer) throws {
        try gate.route(to: server)
        try gate.command("dkim", "add", "example.org", "--selector", "s1")
        let file = gate.directory.appendingPathComponent("people.csv")
        try Data("email,first name\nada@one.example,Ada\nbob@one.example,Bob\n".utf8).write(to: file)
        try gate.command("lists", "import", file.path, "--list", "news", "--source", "sign-up")
        try gate.command("lists", "import", file.path, "--list", "events", "--source", "sign-up")
        try gate.command("lists", "import", file.path, "--list", "board", "--source", "sign-up")
        try gate.command("lists", "pages", "news", "--archive", "yes")
        try gate.command("lists", "pages", "events", "--public", "yes")
        try gate.command("subscribers", "consent", "ada@one.example", "--list", "news", "--tracking", "--source", "a test")
        let text = gate.directory.appendingPathComponent("text.md")
        let body =
            "Dear {{first name|reader}}, [the page](https://www.example.org/news?a=1&b=2). [In the browser]({{browser}}), [your choices]({{preferences}})\n"
        try Data(body.utf8).write(to: text)
        try gate.command(
            "campaign", "create", "spring", "--list", "news", "--from", "News <news@example.org>", "--subject",
            "News for {{first name|you}}",
            "--content", text.path, "--postal", "1 Main Street", "--track", "yes", "--canary-wait", "0")
        let checklist: ChecklistView = try row(gate, "campaign", "check", "spring")
        #expect(checklist.red == 0, "\(checklist.lines.filter { $0.level == .red })")
        let ticks = checklist.lines.filter { $0.level == .amber }.flatMap { ["--accept", $0.code] }
        #expect(try gate.tried(["campaign", "check", "spring"] + ticks).status == 0)
        try gate.command("campaign", "pilot", "spring", "--to", "boss@one.example")
        #expect(eventually { server.mails.count == 1 })
        try gate.command("campaign", "start", "spring")
        #expect(try eventually { try report(gate).state == .done })
    }

    private func report(_ gate: GateProcess) throws -> CampaignReport { try row(gate, "campaign", "report", "spring") }

    private func mail(_ server: ScriptedServer, to address: String) throws -> ScriptedServer.Mail {
        try #require(server.mails.first { $0.addresses == [address] })
    }

    @Test func `links and opens are counted of who consented, and of nobody else`() throws {
        let server = ScriptedServer { $0.serve { _ in nil } }
        defer { server.stop() }
        try GateProcess.run(PublicPageTests.settings) { gate in
            try sent(gate, server)
            for address in ["bob@one.example", "boss@one.example"] {
                let mail = try mail(server, to: address)
                #expect(!mail.text.contains("mail.example.org/c/") && !mail.text.contains("mail.example.org/o/"))
            }
            let mail = try mail(server, to: "ada@one.example")
            let (click, open) = (try path(mail, "c"), try path(mail, "o"))
            let answer = try ask(gate, "GET", click)
            #expect(
                status(answer) == "303" && answer.contains("\r\nlocation: https://www.example.org/news?a=1&b=2\r\n")
                    || answer.contains("Location: https://www.example.org/news?a=1&b=2"), "\(answer)")
            #expect(status(try ask(gate, "GET", String(click.dropLast(3)) + "AAA")) == "404", "no open redirect")
            _ = try ask(gate, "GET", click)
            _ = try ask(gate, "HEAD", click)
            _ = try ask(gate, "GET", click, agent: "Barracuda Sentinel (EE)")
            #expect(try ask(gate, "GET", open).contains("image/gif"))
            _ = try ask(gate, "GET", open, agent: "Mozilla/5.0")
            _ = try ask(gate, "GET", open, agent: "Mozilla/5.0 (via ggpht.com GoogleImageProxy)")
            let counted = try report(gate).responses
            #expect(counted.counted && counted.opens == 1 && counted.proxyOpens == 1 && counted.machineOpens == 1)
            #expect(counted.clicks == 1 && counted.machineClicks == 2)
            #expect(counted.links.map(\.address) == ["https://www.example.org/news?a=1&b=2"] && counted.links.first?.total == 2)
            #expect(Set(counted.machines.map(\.rule)) == [.head, .scanner, .applePrivacy, .gmailProxy])
            #expect(try gate.command("campaign", "report", "spring", "--links-csv").contains("https://www.example.org/news?a=1&b=2,1,2,2"))

            // Withdrawn, the link leads on and counts nothing.
            try gate.command(
                "subscribers", "consent", "ada@one.example", "--list", "news", "--tracking", "--withdrawn", "--source", "a test")
            #expect(status(try ask(gate, "GET", click)) == "303")
            #expect(try report(gate).responses.links.first?.total == 2)
            try gate.command("subscribers", "erase", "ada@one.example")
            #expect(try report(gate).responses.links.isEmpty)
        }
    }

    @Test func `a person chooses lists, pauses and leaves, and only by POST`() throws {
        let server = ScriptedServer { $0.serve { _ in nil } }
        defer { server.stop() }
        try GateProcess.run(PublicPageTests.settings) { gate in
            try sent(gate, server)
            let choices = try path(try mail(server, to: "ada@one.example"), "p")
            let page = try ask(gate, "GET", choices, language: "fr")
            #expect(
                status(page) == "200" && page.contains("lang=\"fr\"") && page.contains("value=\"news\"")
                    && page.contains("value=\"events\""))
            #expect(!page.contains("board"), "a list that is not public stands in no other list's page")
            #expect(status(try ask(gate, "GET", String(choices.dropLast(3)) + "AAA")) == "404")
            #expect(status(try ask(gate, "GET", "\(choices)?do=leave-all")) == "200")
            #expect(try gate.command("lists", "show", "news").contains("2 subscribed"))

            _ = try ask(gate, "POST", choices, body: "do=save&lists=news&pause=30&tracking=")
            let person: PersonView = try row(gate, "subscribers", "show", "ada@one.example")
            #expect(person.lists.filter(\.subscribed).map(\.list).sorted() == ["board", "news"])
            #expect(person.lists.first { $0.list == "news" }?.trackingConsent == "withdrawn")
            #expect(try gate.command("suppressions", "check", "ada@one.example").contains("unsubscribe"))
            _ = try ask(gate, "POST", choices, body: "do=save&lists=news&lists=events&pause=&tracking=yes")
            let back: PersonView = try row(gate, "subscribers", "show", "ada@one.example")
            #expect(back.lists.allSatisfy { $0.subscribed } && back.lists.first { $0.list == "news" }?.trackingConsent == "valid")
            #expect(try gate.command("suppressions", "check", "ada@one.example").contains("ended"), "the pause is over")
            _ = try ask(gate, "POST", choices, body: "do=leave-all")
            #expect(try gate.command("lists", "show", "news").contains("1 subscribed, 1 unsubscribed"))
            #expect(try gate.command("lists", "show", "events").contains("1 subscribed, 1 unsubscribed"))
        }
    }

    @Test func `a copy shows itself in the browser until its person is erased, and the archive shows nobody's`() throws {
        let server = ScriptedServer { $0.serve { _ in nil } }
        defer { server.stop() }
        try GateProcess.run(PublicPageTests.settings) { gate in
            try sent(gate, server)
            let own = try path(try mail(server, to: "ada@one.example"), "b")
            let copy = try ask(gate, "GET", own)
            #expect(status(copy) == "200" && copy.contains("Dear Ada") && copy.contains("sandbox allow-popups") && !copy.contains("/c/"))
            #expect(try report(gate).responses.opens == 0, "what is looked at here is not counted")
            let list = try ask(gate, "GET", "/l/news/archive")
            #expect(status(list) == "200" && list.contains("News for you") && list.contains("/l/news/archive/spring"))
            let archived = try ask(gate, "GET", "/l/news/archive/spring")
            #expect(
                status(archived) == "200" && archived.contains("Dear reader") && !archived.contains("/u/")
                    && !archived.contains("@one.example"))
            #expect(
                try status(ask(gate, "GET", "/l/events/archive")) == "404" && status(ask(gate, "GET", "/l/news/archive/none")) == "404")
            try gate.command("subscribers", "erase", "ada@one.example")
            let gone = try ask(gate, "GET", own, language: "es")
            #expect(status(gone) == "410" && gone.contains("lang=\"es\""))
        }
    }
}
