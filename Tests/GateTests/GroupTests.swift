import Foundation
import GateSupport
import MailModel
import OutboundPolicy
import OwnThreads
import PosternRuntime
import Testing

/// Groups, unknown recipients and expired accounts, end to end.
@Suite("Groups and known recipients", .serialized, .ownThreads)
struct GroupTests {
    private func client(_ gate: GateProcess) throws -> SMTPDialogue {
        let client = try SMTPDialogue(port: gate.port)
        client.open()
        return client
    }

    @Test func `each member of a group gets the message, and each counts`() throws {
        let server = ScriptedServer()
        defer { server.stop() }
        try GateProcess.run { gate in
            try gate.route(to: server)
            try gate.command("domains", "add", "groups.example")
            try gate.command("groups", "add", "inner@groups.example", "--member", "a@one.example", "--member", "b@one.example")
            try gate.command(
                "groups", "add", "all@groups.example", "--member", "inner@groups.example", "--member", "b@one.example", "--member",
                "c@one.example")
            try gate.command("policy", "preset", "standard")
            try gate.command("policy", "set", "default", "--external-per-hour", "5", "--action", "refuse")
            let client = try client(gate)
            #expect(client.submit(from: "a@example.org", to: ["all@groups.example"], message("to all")).code == 250)
            #expect(try gate.emptied().delivered == 3)
            #expect(Set(server.mails.flatMap { $0.addresses }) == ["a@one.example", "b@one.example", "c@one.example"])
            let id = try #require(try gate.trace().first?.message)
            #expect(try gate.show(id).findings.first { $0.rule == "group.expanded" }?.matched == "all@groups.example")
            let refused = client.submit(from: "a@example.org", to: ["all@groups.example"], message("again"))
            #expect(refused.description.contains("has used 3 of 5 external recipients in any hour"), "\(refused)")
            #expect(refused.text.contains("this message would add 3"))

            let loop = try gate.tried(["groups", "members", "add", "inner@groups.example", "all@groups.example"])
            #expect(loop.status == 2)
            #expect(loop.errors.contains("inner@groups.example → all@groups.example → inner@groups.example"), "\(loop.errors)")
        }
    }

    @Test func `a recipient that does not exist is refused where the domain is checked`() throws {
        try GateProcess.run { gate in
            try gate.command("domains", "add", "checked.example")
            let file = gate.directory.appendingPathComponent("people.csv")
            try Data("name,mail\nKim,kim@checked.example\n".utf8).write(to: file)
            try gate.command("domains", "recipients", "import", "checked.example", file.path)
            let client = try client(gate)
            #expect(client.submit(from: "a@example.org", to: ["pat@checked.example"], message("not checked")).code == 250)
            try gate.command("domains", "recipients", "check", "checked.example", "on")
            let refused = client.submit(from: "a@example.org", to: ["kim@checked.example", "pat@checked.example"], message("x"))
            #expect(refused.description.hasPrefix("550 5.1.10 Recipient not found: pat@checked.example"), "\(refused)")
            #expect(client.say("RSET").code == 250)
            #expect(client.submit(from: "a@example.org", to: ["Kim@checked.example"], message("x")).code == 250)
            #expect(try gate.trace("--status", "refused").first?.findings.map { $0.rule } == ["recipient.unknown"])
            try Data("mail\nkim\n".utf8).write(to: file)
            let wrong = try gate.tried(["domains", "recipients", "import", "checked.example", file.path])
            #expect(wrong.status == 2 && wrong.errors.contains("line 2"), "\(wrong)")
        }
    }

    @Test(.enabled(if: Program.isThere(Program.openSSL), "needs openssl"))
    func `an expired account signs in, is told why, and is throttled when it goes on`() throws {
        try GateProcess.run(["submission.throttle-errors=3"]) { gate in
            try gate.command("accounts", "expire", GateProcess.account, "2020-01-01")
            let client = try SMTPDialogue(tlsPort: gate.tlsPort, startTLS: false, from: "127.0.0.2")
            client.open()
            #expect(client.signIn(GateProcess.account, gate.appPassword).code == 235)
            for _ in 0..<3 {
                let reply = client.say("MAIL FROM:<\(GateProcess.account)>")
                #expect(reply.description.hasPrefix("550 5.7.1 The account \(GateProcess.account) has expired"), "\(reply)")
            }
            #expect(client.say("MAIL FROM:<\(GateProcess.account)>").description.hasPrefix("550 5.2.253"))
        }
    }
}
