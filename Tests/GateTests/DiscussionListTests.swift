import Foundation
import GateSupport
import MailModel
import OwnThreads
import PosternRuntime
import Testing

/// Discussion lists and moderated groups, from the outside.
@Suite("Discussion lists", .serialized, .ownThreads)
struct DiscussionListTests {
    private static let settings = [
        "bulk.return-path-domain=bounces.example.org", "campaigns.public-url=https://mail.example.org",
    ]

    private func client(_ gate: GateProcess) throws -> SMTPDialogue {
        let client = try SMTPDialogue(port: gate.port)
        client.open()
        return client
    }

    private func posts(_ gate: GateProcess) throws -> [GroupPostLine] {
        try gate.command("groups", "posts", "--json").split(separator: "\n").map {
            try JSONDecoder().decode(GroupPostLine.self, from: Data($0.utf8))
        }
    }

    /// Of a mail, unfolded.
    private func field(_ name: String, _ mail: ScriptedServer.Mail) -> String? {
        mail.text.replacing("\r\n ", with: " ").split(separator: "\r\n", omittingEmptySubsequences: false).prefix { !$0.isEmpty }
            .first { $0.lowercased().hasPrefix("\(name.lowercased()):") }.map { line in
                line.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces)
            }
    }

    /// The line that holds a link, or a token of one.
    private func path(_ mail: ScriptedServer.Mail) throws -> String {
        let text = mail.text.replacing("=\r\n", with: "").replacing("=3D", with: "=")
        let start = try #require(text.range(of: "https://mail.example.org"))
        return String(text[start.upperBound...].prefix { !$0.isWhitespace && $0 != ">" })
    }

    private func ask(_ gate: GateProcess, _ method: String, _ path: String, _ body: String = "") throws -> String {
        let stream = try LoopbackStream.connect(port: try #require(gate.addresses["http"]))
        var head = "\(method) \(path) HTTP/1.1\r\nHost: mail.example.org\r\nConnection: close\r\n"
        if method == "POST" { head += "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: \(body.utf8.count)\r\n" }
        stream.write("\(head)\r\n\(body)")
        return String(decoding: stream.readToEnd(), as: UTF8.self)
    }

    @Test func `a post becomes the list's own mail, for each member with a way to leave`() throws {
        let server = ScriptedServer()
        defer { server.stop() }
        try GateProcess.run(DiscussionListTests.settings) { gate in
            try gate.route(to: server)
            try gate.command("domains", "add", "example.org")
            try gate.command(
                "groups", "add", "talk@example.org", "--member", "a@one.example", "--member", "b@one.example", "--member",
                "ada@strict.test", "--owner", "olga@example.org")
            try gate.command(
                "groups", "set", "talk@example.org", "--list", "--title", "The Talk", "--prefix", "Talk", "--posting", "members", "--from",
                "list",
                "--no-author-copy", "--joining", "anyone")
            let client = try client(gate)
            let refused = client.submit(from: "x@example.org", to: ["talk@example.org"], message("not me"))
            #expect(refused.description.hasPrefix("550 5.7.1 a@example.org may not write to the group"), "\(refused)")
            #expect(client.say("RSET").code == 250)
            let content = "From: Ada <ada@strict.test>\r\nTo: talk@example.org\r\nCc: cc@two.example\r\nSubject: Hello\r\n\r\nHi\r\n"
            let taken = client.submit(from: "ada@strict.test", to: ["talk@example.org", "cc@two.example"], content)
            #expect(taken.code == 250, "\(taken)")
            #expect(eventually { server.mailCount == 3 }, "\(gate.log)")
            #expect(Set(server.mails.flatMap(\.addresses)) == ["a@one.example", "b@one.example", "cc@two.example"])

            let copy = try #require(server.mails.first { $0.addresses == ["cc@two.example"] })
            #expect(copy.field("List-Id") == nil && copy.field("Subject") == "Hello", "who was written to beside the list")
            let mail = try #require(server.mails.first { $0.addresses == ["a@one.example"] })
            #expect(field("List-Id", mail) == "The Talk <talk.example.org>")
            #expect(field("List-Post", mail) == "<mailto:talk@example.org>")
            #expect(field("List-Owner", mail) == "<mailto:talk-owner@example.org>")
            #expect(field("List-Subscribe", mail) == "<mailto:talk-join@example.org>")
            #expect(field("Precedence", mail) == "list")
            #expect(field("Subject", mail) == "[Talk] Hello")
            #expect(field("From", mail) == "\"Ada via The Talk\" <talk@example.org>")
            #expect(field("Reply-To", mail) == "Ada <ada@strict.test>")
            #expect(mail.from.contains("@bounces.example.org"), "a return path of its own: \(mail.from)")
            #expect(field("List-Unsubscribe-Post", mail) == "List-Unsubscribe=One-Click")
            #expect(mail.text.contains("d=example.org"), "signed by the list's domain")

            // It goes round: the list has had it before.
            let again = client.submit(
                from: "a@one.example", to: ["talk@example.org"], "List-Id: <talk.example.org>\r\n" + message("x", from: "a@one.example"))
            #expect(again.description.contains("it has been on this list before"), "\(again)")
            #expect(client.say("RSET").code == 250)

            // Nobody leaves by a GET or by what is made up; a POST without anything else is enough.
            let leave = try path(mail)
            #expect(try ask(gate, "GET", leave).contains("Leave The Talk"))
            #expect(try ask(gate, "POST", String(leave.dropLast(2)) + "zz", "List-Unsubscribe=One-Click").hasPrefix("HTTP/1.1 404"))
            #expect(try gate.command("groups", "expand", "talk@example.org", "--json").contains("\"recipients\":3"))
            #expect(try ask(gate, "POST", leave, "List-Unsubscribe=One-Click").hasPrefix("HTTP/1.1 200"))
            #expect(try gate.command("groups", "show", "talk@example.org").contains("a@one.example") == false)
        }
    }

    @Test func `From is rewritten where the author's domain would have copies refused, and left where not`() throws {
        let server = ScriptedServer()
        func policy(_ text: String) -> ScriptedDNSServer.Reply { .records([txtData("v=DMARC1; \(text)")]) }
        let dns = ScriptedDNSServer([
            "_dmarc.reject.example TXT": policy("p=reject"), "_dmarc.quarantine.example TXT": policy("p=quarantine"),
            "_dmarc.below.example TXT": policy("p=none; sp=reject"), "_dmarc.none.example TXT": policy("p=none"),
            "_dmarc.silent.example TXT": .serverFailure, "_dmarc.example.org TXT": policy("p=reject"),
        ])
        defer {
            server.stop()
            dns.stop()
        }
        try GateProcess.run(DiscussionListTests.settings + ["delivery.resolver=127.0.0.1@\(dns.port)"]) { gate in
            try gate.route(to: server)
            try gate.command("domains", "add", "example.org")
            try gate.command("groups", "add", "talk@example.org", "--member", "a@one.example")
            try gate.command("groups", "set", "talk@example.org", "--list", "--title", "The Talk")
            let client = try client(gate)
            let authors = [
                ("reject.example", true), ("quarantine.example", true), ("mail.below.example", true), ("silent.example", true),
                ("below.example", false), ("none.example", false), ("unsaid.example", false),
                // Its policy holds too, and we sign for it.
                ("example.org", false),
            ]
            for (place, (domain, isRewritten)) in authors.enumerated() {
                let content = "From: Ada <ada@\(domain)>\r\nTo: talk@example.org\r\nSubject: from \(domain)\r\n\r\nHi\r\n"
                #expect(client.submit(from: "ada@\(domain)", to: ["talk@example.org"], content).code == 250, "\(domain)")
                #expect(eventually { server.mailCount == place + 1 }, "\(domain) \(gate.log)")
                let mail = try #require(server.mails.first { field("Subject", $0) == "from \(domain)" }, "\(domain)")
                let from = field("From", mail)
                #expect(from == (isRewritten ? "\"Ada via The Talk\" <talk@example.org>" : "Ada <ada@\(domain)>"), "\(domain)")
                #expect(field("X-Original-From", mail) == (isRewritten ? "Ada <ada@\(domain)>" : nil), "\(domain)")
            }
            #expect(dns.count("_dmarc.reject.example TXT") > 0 && dns.count("_dmarc.example.org TXT") == 0)
        }
    }

    @Test func `who asks by mail to join has to confirm it`() throws {
        let server = ScriptedServer()
        defer { server.stop() }
        try GateProcess.run(DiscussionListTests.settings) { gate in
            try gate.route(to: server)
            try gate.command("domains", "add", "example.org")
            try gate.command("groups", "add", "talk@example.org", "--member", "a@one.example")
            try gate.command("groups", "set", "talk@example.org", "--list", "--joining", "anyone")
            let client = try client(gate)
            #expect(client.submit(from: "new@two.example", to: ["talk-join@example.org"], message("", from: "new@two.example")).code == 250)
            #expect(eventually { server.mailCount == 1 }, "\(gate.log)")
            let question = server.mails[0]
            #expect(question.addresses == ["new@two.example"])
            #expect(try !gate.command("groups", "show", "talk@example.org").contains("new@two.example"))
            let token = try #require(try path(question).split(separator: "/").last.map(String.init))
            // By mail, as by the link.
            let answer = "From: new@two.example\r\nSubject: Re: \(token)\r\n\r\nyes\r\n"
            #expect(client.submit(from: "new@two.example", to: ["talk-confirm@example.org"], answer).code == 250)
            #expect(try eventually { try gate.command("groups", "show", "talk@example.org").contains("new@two.example") })
            // A program is not answered.
            let robot = "From: a@one.example\r\nAuto-Submitted: auto-replied\r\nSubject: x\r\n\r\nx\r\n"
            #expect(client.submit(from: "a@one.example", to: ["talk-help@example.org"], robot).code == 250)
            _ = try gate.emptied()
            #expect(server.mailCount == 1)
            // Leaving is asked back too, where anybody could have written that.
            #expect(client.submit(from: "a@one.example", to: ["talk-leave@example.org"], message("", from: "a@one.example")).code == 250)
            #expect(eventually { server.mailCount == 2 })
            #expect(try ask(gate, "POST", try path(server.mails[1])).hasPrefix("HTTP/1.1 200"))
            #expect(try !gate.command("groups", "show", "talk@example.org").contains("a@one.example"))
        }
    }

    @Test func `what waits for an owner goes out when one lets it go, and never otherwise`() throws {
        let server = ScriptedServer()
        defer { server.stop() }
        try GateProcess.run(DiscussionListTests.settings) { gate in
            try gate.route(to: server)
            try gate.command("domains", "add", "example.org")
            try gate.command(
                "groups", "add", "all@example.org", "--member", "a@one.example", "--member", "b@one.example", "--owner", "olga@two.example",
                "--owner", "otto@two.example")
            try gate.command("groups", "set", "all@example.org", "--moderation", "all")
            let client = try client(gate)
            for subject in ["first", "second"] {
                #expect(
                    client.submit(
                        from: "kim@example.org", to: ["all@example.org", "cc@three.example"], message(subject, from: "kim@example.org")
                    ).code == 250)
            }
            // Two owners and the author are told of each; who was written to directly has it already.
            #expect(eventually { server.mailCount == 8 }, "\(server.mails.map(\.addresses)) \(gate.log)")
            #expect(!server.mails.contains { $0.addresses.contains("a@one.example") })
            let waiting = try posts(gate)
            #expect(waiting.count == 2 && waiting.allSatisfy { $0.recipients == 2 && $0.group == "all@example.org" })

            let link = try path(try #require(server.mails.first { $0.addresses == ["olga@two.example"] && $0.text.contains("first") }))
            let page = try ask(gate, "GET", link)
            #expect(page.contains("first") && page.contains("Let it go"))
            #expect(try posts(gate).count == 2, "looking at it does nothing")
            #expect(try ask(gate, "POST", link, "decision=approve").contains("Let go"))
            #expect(
                eventually { server.mails.filter { $0.text.contains("Subject: first\r\n") }.flatMap(\.addresses).contains("b@one.example") }
            )
            let second = try ask(gate, "POST", link, "decision=approve")
            #expect(second.hasPrefix("HTTP/1.1 409"), "it was decided: \(second.prefix(100))")

            let other = try #require(try posts(gate).first)
            let wrong = try gate.tried(["groups", "reject", other.message, "--reason", ""])
            #expect(wrong.status == 2)
            try gate.command("groups", "reject", other.message, "--reason", "off topic")
            #expect(try posts(gate).isEmpty)
            #expect(eventually { server.mails.contains { $0.addresses == ["kim@example.org"] && $0.text.contains("off topic") } })
            _ = try gate.emptied()
            #expect(!server.mails.contains { $0.addresses.contains("a@one.example") && $0.text.contains("Subject: second\r\n") })
            // The author's own report path stays: what a group lets through is its author's mail.
            let first = try #require(server.mails.first { $0.addresses.contains("a@one.example") })
            #expect(first.from.hasPrefix("<kim@example.org>"))
        }
    }

    @Test func `all of them count before anything is sent`() throws {
        let server = ScriptedServer()
        defer { server.stop() }
        try GateProcess.run(DiscussionListTests.settings) { gate in
            try gate.route(to: server)
            try gate.command("domains", "add", "example.org")
            try gate.command("groups", "add", "talk@example.org", "--member", "a@one.example", "--member", "b@one.example")
            try gate.command("groups", "set", "talk@example.org", "--list", "--recipients-max", "2")
            try gate.command("policy", "preset", "standard")
            try gate.command("policy", "set", "default", "--external-per-hour", "3", "--action", "refuse")
            let client = try client(gate)
            #expect(client.submit(from: "a@example.org", to: ["talk@example.org"], message("one", from: "a@example.org")).code == 250)
            let refused = client.submit(from: "a@example.org", to: ["talk@example.org"], message("two", from: "a@example.org"))
            #expect(refused.description.contains("has used 2 of 3 external recipients in any hour"), "\(refused)")
            #expect(client.say("RSET").code == 250)
            try gate.command("groups", "members", "add", "talk@example.org", "c@one.example")
            let large = client.submit(from: "b@example.org", to: ["talk@example.org"], message("three", from: "b@example.org"))
            #expect(large.description.hasPrefix("554 5.5.3 talk@example.org stands for 3 recipients"), "\(large)")
        }
    }
}
