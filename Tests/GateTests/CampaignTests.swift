import Campaigns
import Crypto
import Foundation
import GateSupport
import OutboundPolicy
import OwnThreads
import PosternRuntime
import Synchronization
import Testing

/// Campaigns, from the file of people to the report, through the command line and the receiver.
@Suite("Campaigns", .serialized, .ownThreads)
struct CampaignTests {
    private static let settings = [
        "bulk.return-path-domain=bounces.example.org", "bulk.feedback-sender-id=Northwind1",
        "campaigns.public-url=https://mail.example.org",
    ]

    /// Takes everybody but one.
    private func makeServer() -> ScriptedServer {
        ScriptedServer { server in
            server.serve { step in
                if case .command(let line) = step, line.contains("<gone@") { return .say("550 5.1.1 No such user") }
                return nil
            }
        }
    }

    private func row<Row: Decodable>(_ gate: GateProcess, _ words: String...) throws -> Row {
        let run = try gate.tried(words + ["--json"])
        guard run.status == 0, let line = run.output.split(separator: "\n").first else {
            throw GateProcess.Failure(description: "\(words) ended with \(run.status): \(run.output)\(run.errors)")
        }
        return try JSONDecoder().decode(Row.self, from: Data(line.utf8))
    }

    private func report(_ gate: GateProcess, _ name: String = "spring") throws -> CampaignReport {
        try row(gate, "campaign", "report", name)
    }

    /// `bad`: somebody in whose name a link stands that leads to an unusual port.
    private func list(_ gate: GateProcess, _ people: [String], bad: String? = nil) throws {
        try gate.command("dkim", "add", "example.org", "--selector", "s1")
        let file = gate.directory.appendingPathComponent("people.csv")
        let rows = people.enumerated().map { "\($1),\($0 % 2 == 0 ? "Ada \($0)" : "")" }
        try Data((["email,first name"] + rows + (bad.map { ["\($0),https://www.two.example:8081/x1"] } ?? [])).joined(separator: "\n").utf8)
            .write(
                to: file)
        try gate.command("lists", "import", file.path, "--list", "news", "--source", "sign-up")
    }

    /// Up to the pilot, which has arrived.
    private func draft(_ gate: GateProcess, _ server: ScriptedServer, _ options: String...) throws {
        let text = gate.directory.appendingPathComponent("text.md")
        try Data("# News\n\nDear {{first name|reader}}, here is [the page](https://www.example.org/news).\n".utf8).write(to: text)
        let words = [
            "campaign", "create", "spring", "--list", "news", "--from", "Northwind News <news@example.org>", "--subject",
            "News for {{first name|you}}", "--content", text.path, "--postal", "1 Main Street\\nTown",
        ]
        #expect(try gate.tried(words + options).status == 0)
        let checklist: ChecklistView = try row(gate, "campaign", "check", "spring")
        #expect(checklist.red == 0, "\(checklist.lines.filter { $0.level == .red })")
        #expect(checklist.state == .draft && checklist.open > 0)
        let ticks = checklist.lines.filter { $0.level == .amber }.flatMap { ["--accept", $0.code] }
        let accepted = try gate.tried(["campaign", "check", "spring", "--json"] + ticks)
        #expect(accepted.output.contains("\"state\":\"checked\""), "\(accepted)")
        #expect(try gate.tried(["campaign", "start", "spring"]).status == 4, "nothing starts before its pilot")
        try gate.command("campaign", "pilot", "spring", "--to", "boss@example.net")
        #expect(try eventually { try report(gate).pilot.delivered == 1 })
        #expect(server.mails.count == 1)
    }

    @Test func `the report says what the receiver saw`() throws {
        let server = makeServer()
        defer { server.stop() }
        try GateProcess.run(CampaignTests.settings) { gate in
            try gate.route(to: server)
            let people = (0..<10).map { "p\($0)@\($0 < 5 ? "one" : "two").example" } + ["gone@one.example", "tired@two.example"]
            try list(gate, people)
            try gate.command("suppressions", "add", "tired@two.example")
            try draft(gate, server, "--canary", "4", "--canary-wait", "0")
            try gate.command("campaign", "start", "spring")
            #expect(try eventually { try report(gate).state == .done })
            let end = try report(gate)
            #expect(end.recipients == 12 && end.sums.delivered == 10 && end.sums.bounced == 1 && end.sums.skipped == 1)
            #expect(end.pilot.delivered == 1 && end.hardBounces == 1 && end.finish >= end.started)
            #expect(end.domains.map(\.recipients) == [6, 6])
            #expect(end.providers.map(\.provider) == ["other"])
            let receiver = try #require(end.providers.first)
            #expect(receiver.delivered == 11 && receiver.bounced == 1 && receiver.reasons.map(\.reason) == ["address-dead"])
            #expect(end.steps.reduce(0) { $0 + $1.delivered } == 11)
            let table = try gate.command("campaign", "report", "spring", "--csv")
            #expect(table.contains("other,11,0,1,0,address-dead 1"), "\(table)")
            let rows = try gate.command("campaign", "recipients", "spring", "--csv").split(separator: "\r\n")
            #expect(rows.count == 13 && rows.first == "recipient,state,reason,message,changed")
            let seen = server.mails.flatMap(\.addresses).sorted()
            #expect(seen == (people.filter { $0.hasPrefix("p") } + ["boss@example.net"]).sorted())
            let bounced = try gate.command("campaign", "recipients", "spring", "--status", "bounced")
            #expect(bounced.contains("gone@one.example") && bounced.contains("No such user"))
            try look(at: server)
        }
    }

    /// What each copy carries.
    private func look(at server: ScriptedServer) throws {
        let mail = try #require(server.mails.first { $0.addresses == ["p0@one.example"] })
        let header = mail.text.replacing("\r\n ", with: " ").replacing("\r\n\t", with: " ")
        func field(_ name: String) -> String {
            header.split(separator: "\r\n").first { $0.lowercased().hasPrefix("\(name.lowercased()):") }.map(String.init) ?? ""
        }
        #expect(field("Subject") == "Subject: News for Ada 0")
        #expect(field("List-Unsubscribe").contains("<https://mail.example.org/u/"))
        #expect(field("List-Unsubscribe-Post") == "List-Unsubscribe-Post: List-Unsubscribe=One-Click")
        #expect(field("List-Id") == "List-Id: news <news.example.org>")
        #expect(field("Precedence") == "Precedence: bulk" && field("Feedback-ID").hasSuffix(":news:marketing:Northwind1"))
        let signature = field("DKIM-Signature").lowercased()
        for name in ["list-unsubscribe", "list-unsubscribe-post", "list-id", "feedback-id"] { #expect(signature.contains(name)) }
        #expect(mail.from.hasPrefix("<b-") && mail.from.contains("@bounces.example.org>"))
        #expect(mail.text.contains("Dear Ada 0") && mail.text.contains("1 Main Street"))
        #expect(server.mails.contains { $0.text.contains("Dear reader") })
    }

    private func ask(_ gate: GateProcess, _ method: String, _ path: String, _ type: String = "", _ body: String = "") throws -> String {
        let stream = try LoopbackStream.connect(port: try #require(gate.addresses["http"]))
        var head = "\(method) \(path) HTTP/1.1\r\nHost: mail.example.org\r\nConnection: close\r\n"
        if !type.isEmpty { head += "Content-Type: \(type)\r\nContent-Length: \(body.utf8.count)\r\n" }
        stream.write("\(head)\r\n\(body)")
        return String(decoding: stream.readToEnd(), as: UTF8.self)
    }

    private func path(_ gate: GateProcess, of address: String) throws -> String {
        let preview: CampaignPreview = try row(gate, "campaign", "preview", "spring", "--recipient", address)
        let field = try #require(preview.headers.first { $0.hasPrefix("List-Unsubscribe:") })
        return String(field.drop { $0 != "<" }.dropFirst().prefix { $0 != ">" }.dropFirst("https://mail.example.org".count))
    }

    @Test func `one click takes a person off the list and their mail out of the queue`() throws {
        let server = makeServer()
        defer { server.stop() }
        try GateProcess.run(CampaignTests.settings) { gate in
            try gate.route(to: server)
            try list(gate, (0..<5).map { "p\($0)@one.example" })
            try draft(gate, server, "--canary-wait", "0")
            try gate.command("pause", "all", "--reason", "test")
            try gate.command("campaign", "start", "spring")
            #expect(try eventually { try report(gate).sums.queued == 5 })
            let form = "application/x-www-form-urlencoded"
            let (first, second) = (try path(gate, of: "p1@one.example"), try path(gate, of: "p2@one.example"))

            let page = try ask(gate, "GET", first)
            #expect(page.hasPrefix("HTTP/1.1 200") && page.contains("<form method=\"post\">"))
            #expect(try ask(gate, "POST", String(first.dropLast(4)) + "AAAA", form, "List-Unsubscribe=One-Click").hasPrefix("HTTP/1.1 404"))
            #expect(try report(gate).sums.queued == 5 && report(gate).left == 0)

            let answer = try ask(gate, "POST", first, form, "List-Unsubscribe=One-Click")
            #expect(answer.hasPrefix("HTTP/1.1 200") && !answer.lowercased().contains("set-cookie"), "\(answer)")
            let parts = "--XX\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--XX--\r\n"
            #expect(try ask(gate, "POST", second, "multipart/form-data; boundary=XX", parts).hasPrefix("HTTP/1.1 200"))
            #expect(try ask(gate, "POST", second, "multipart/form-data; boundary=XX", parts).hasPrefix("HTTP/1.1 200"))
            #expect(try report(gate).sums.unsubscribed == 2 && report(gate).left == 2)
            #expect(try gate.command("lists", "show", "news").contains("3 subscribed, 2 unsubscribed"))

            try gate.command("resume", "all")
            #expect(try eventually { try report(gate).state == .done })
            #expect(Set(server.mails.flatMap(\.addresses)) == ["boss@example.net", "p0@one.example", "p3@one.example", "p4@one.example"])
        }
    }

    @Test func `the address for one click is tried before anything leaves`() throws {
        func line(publicPort: Int, ownPort: Int) throws -> ChecklistView.Line? {
            let url = "http://127.0.0.1:\(publicPort)"
            let settings = [
                "http.port=\(ownPort)", "campaigns.public-url=\(url)", "delivery.allow-special-addresses=true",
                "bulk.feedback-sender-id=Northwind1",
            ]
            var found: ChecklistView.Line?
            try GateProcess.run(settings) { gate in
                try list(gate, ["p1@one.example"])
                try gate.command(
                    "campaign", "create", "spring", "--list", "news", "--from", "News <news@example.org>", "--subject", "News of May")
                let checklist: ChecklistView = try row(gate, "campaign", "check", "spring")
                found = checklist.lines.first { $0.code == "GM-08" }
                let path = "/u/self-test.abc1"
                #expect(
                    try ask(gate, "POST", path, "application/x-www-form-urlencoded", "List-Unsubscribe=One-Click").hasPrefix("HTTP/1.1 200")
                )
                #expect(try gate.command("lists", "show", "news").contains("1 subscribed"))
            }
            return found
        }
        let port = freePort()
        #expect(try line(publicPort: port, ownPort: port)?.level == .green)
        let elsewhere = try line(publicPort: freePort(), ownPort: freePort())
        #expect(elsewhere?.level == .amber && elsewhere?.why.contains("127.0.0.1") == true, "\(elsewhere as Any)")
    }

    @Test func `mail to the address in the header takes a person off the list`() throws {
        let server = makeServer()
        defer { server.stop() }
        try GateProcess.run(CampaignTests.settings + ["reports.port=\(freePort())"]) { gate in
            try list(gate, (0..<3).map { "p\($0)@one.example" })
            try gate.command(
                "campaign", "create", "spring", "--list", "news", "--from", "News <news@example.org>", "--subject", "x")
            let preview: CampaignPreview = try row(gate, "campaign", "preview", "spring", "--recipient", "p1@one.example")
            let field = try #require(preview.headers.first { $0.hasPrefix("List-Unsubscribe:") })
            let address = "unsubscribe@bounces.example.org"
            let token = String(try #require(field.components(separatedBy: "<mailto:\(address)?subject=").last).prefix { $0 != ">" })
            let reports = try SMTPDialogue(port: try #require(gate.addresses["reports"]))
            reports.open()
            #expect(reports.submit(from: "p1@one.example", to: [address], message(String(token.dropLast(4)) + "AAAA")).code == 250)
            #expect(try gate.command("lists", "show", "news").contains("3 subscribed"))
            #expect(reports.submit(from: "p1@one.example", to: [address], message(token)).code == 250)
            #expect(try gate.command("lists", "show", "news").contains("2 subscribed, 1 unsubscribed"))
        }
    }

    @Test func `a campaign is paused, gone on with and cancelled`() throws {
        let server = makeServer()
        defer { server.stop() }
        try GateProcess.run(CampaignTests.settings) { gate in
            try gate.route(to: server)
            try list(gate, (0..<20).map { "p\($0)@one.example" })
            try draft(gate, server, "--canary", "5", "--canary-wait", "0", "--per-hour", "5")
            try gate.command("campaign", "start", "spring")
            #expect(try eventually { try report(gate).state == .rest })
            #expect(try report(gate).sums.delivered == 5)
            try gate.command("campaign", "pause", "spring", "--reason", "a mistake")
            #expect(try gate.command("campaign", "show", "spring").contains("stands still: a mistake"))
            #expect(try gate.command("pauses").contains("sender:campaign:spring"))
            try gate.command("campaign", "resume", "spring")
            #expect(try !gate.command("pauses").contains("sender:campaign:spring"))
            try gate.command("campaign", "cancel", "spring")
            let end = try report(gate)
            #expect(end.state == .cancelled && end.sums.cancelled == 15 && end.sums.delivered == 5)
            #expect(server.mails.count == 6)
        }
    }

    /// What became of somebody's copy.
    private func story(_ gate: GateProcess, of address: String) throws -> String {
        let line = try #require(try gate.trace("--recipient", address).first)
        return try gate.command("explain", line.message)
    }

    /// The octets without the signatures that were put on top.
    private func unsigned(_ text: String) -> [UInt8] {
        var lines = text.components(separatedBy: "\r\n")[...]
        while lines.first?.hasPrefix("DKIM-Signature:") == true {
            lines = lines.dropFirst()
            while lines.first?.hasPrefix(" ") == true || lines.first?.hasPrefix("\t") == true { lines = lines.dropFirst() }
        }
        return Array(lines.joined(separator: "\r\n").utf8)
    }

    @Test func `each attempt sends the octets that the trace has the digest of`() throws {
        let tries = Mutex(0)
        let server = ScriptedServer { server in
            server.serve { step in
                guard case .command(let line) = step, line.contains("RCPT TO:<p1@") else { return nil }
                return tries.withLock { tries in
                    tries += 1
                    return tries == 1 ? .say("451 4.3.0 Later") : nil
                }
            }
        }
        defer { server.stop() }
        try GateProcess.run(CampaignTests.settings) { gate in
            try gate.route(to: server)
            try list(gate, (0..<3).map { "p\($0)@one.example" })
            try draft(gate, server, "--canary-wait", "0")
            try gate.command("pause", "all", "--reason", "test")
            try gate.command("campaign", "start", "spring")
            #expect(try eventually { try report(gate).sums.queued == 3 })
            try gate.command("resume", "all")
            #expect(try eventually { try report(gate).sums.deferred == 1 })
            try gate.command("queue", "retry", "--all", "--reason", "test")
            #expect(try eventually { try report(gate).state == .done })
            #expect(server.mails.count == 4)
            for mail in server.mails {
                let address = try #require(mail.addresses.first)
                let digest = SHA256.hash(data: unsigned(mail.text)).map { String(format: "%02x", $0) }.joined()
                let story = try story(gate, of: address)
                let count = story.components(separatedBy: "campaign.copy: \(digest)").count - 1
                #expect(count == (address == "p1@one.example" ? 2 : 1), "\(story)")
            }
        }
    }

    @Test func `a copy that is judged spam is held with its campaign`() throws {
        let server = makeServer()
        defer { server.stop() }
        try GateProcess.run(CampaignTests.settings) { gate in
            try gate.route(to: server)
            try list(gate, ["p0@one.example"], bad: "bad@two.example")
            try draft(gate, server, "--canary-wait", "0")
            // The copies wait until their scan is a stricter one than the checklist's was.
            try gate.command("pause", "all", "--reason", "test")
            try gate.command("campaign", "start", "spring")
            #expect(try eventually { try report(gate).sums.queued == 2 })
            try gate.command("scan", "policy", "set", "--weight", "links.port=20")
            try gate.command("resume", "all")
            #expect(try eventually { try report(gate).sums.held == 1 })
            #expect(try report(gate).state == .paused)
            #expect(try gate.command("campaign", "show", "spring").contains("judged spam"))
            let held = try #require(try gate.trace("--status", "held").first)
            #expect(held.recipient == "bad@two.example" && held.reply.contains("judged spam"))
            #expect(try gate.command("review", "show", held.message).contains("www.two.example:8081"))
            #expect(!server.mails.flatMap(\.addresses).contains("bad@two.example"))
            // Who lets it go lets it be looked at again.
            try gate.command("campaign", "resume", "spring")
            try gate.command("review", "release", held.message)
            #expect(try eventually { try report(gate).state == .paused && report(gate).sums.held == 1 })
            try gate.command("scan", "policy", "set", "--weight", "links.port=usual")
            try gate.command("campaign", "resume", "spring")
            try gate.command("review", "release", held.message)
            #expect(try eventually { try report(gate).state == .done })
            #expect(try report(gate).sums.delivered == 2)
        }
    }

    @Test func `nobody is lost by kill -9, and nobody gets it twice but those in flight`() throws {
        let server = makeServer()
        defer { server.stop() }
        let gate = GateProcess(CampaignTests.settings, on: try GateTemplate.copy())
        defer { gate.remove() }
        try gate.start()
        try gate.route(to: server)
        let people = (0..<400).map { "p\($0)@d\($0 % 7).example" }
        try list(gate, people)
        try draft(gate, server, "--canary", "50", "--canary-wait", "0")
        try gate.command("campaign", "start", "spring")
        for count in [20, 120, 250] {
            #expect(eventually { server.mails.count >= count })
            gate.kill()
            try gate.start()
        }
        #expect(try eventually { try report(gate).state == .done })
        let sums = try report(gate).sums
        #expect(sums.delivered == 400, "\(sums)")
        let seen = server.mails.flatMap(\.addresses).filter { $0.hasPrefix("p") }
        #expect(Set(seen) == Set(people))
        #expect(try gate.ledger(verified: true).accepted == 401)
        let twice = Dictionary(seen.map { ($0, 1) }, uniquingKeysWith: +).filter { $0.value > 1 }.keys
        print("\(seen.count) copies for 400 people")
        for address in twice {
            #expect(try story(gate, of: address).contains("interrupted.attempt"), "\(address) got it twice, and nothing says so")
        }
    }
}
