import Foundation
import GateSupport
import MailModel
import OwnThreads
import PosternRuntime
import Testing

/// What the scan policy does with mail, and what people decide about held mail.
@Suite("Scan policy and review", .serialized, .ownThreads)
struct ReviewTests {
    /// A program attached: suspicious. With a name that hides it: spam.
    private func content(_ subject: String, file: String = "a.exe") -> String {
        "From: kim@example.org\r\nTo: b@example.net\r\nSubject: \(subject)\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
            + "--x\r\nContent-Type: text/plain\r\n\r\nPlease look at this file and tell me what you think of it.\r\n"
            + "--x\r\nContent-Type: application/octet-stream; name=\"\(file)\"\r\nContent-Disposition: attachment; filename=\"\(file)\"\r\n\r\n"
            + "MZ\r\n--x--\r\n"
    }

    private func submit(_ gate: GateProcess, _ content: String) throws {
        let client = try SMTPDialogue(port: gate.port)
        client.open()
        let reply = client.submit(from: "kim@example.org", to: ["b@example.net"], content)
        #expect(reply.code == 250, "\(reply)")
    }

    private func held(_ gate: GateProcess) throws -> [ReviewLine] {
        let run = try gate.tried(["review", "--json"])
        return try run.output.split(separator: "\n").map { try JSONDecoder().decode(ReviewLine.self, from: Data($0.utf8)) }
    }

    @Test func `suspicious mail is held, read, let go or rejected, and its sender is told`() throws {
        let outside = ScriptedServer()
        let inside = ScriptedServer()
        defer {
            outside.stop()
            inside.stop()
        }
        try GateProcess.run { gate in
            try gate.route(to: outside)
            try gate.command("domains", "add", "example.org", "--host", "127.0.0.1:\(inside.port)")
            try gate.command("scan", "policy", "set", "--suspicious", "hold")
            for number in 1...3 { try submit(gate, content("number \(number)")) }
            let lines = try held(gate)
            #expect(lines.map(\.subject) == ["number 3", "number 2", "number 1"] && Set(lines.map(\.reason)) == [.suspicious])
            #expect(try gate.command("review", "show", lines[0].message).contains("a.exe (application/octet-stream"))
            try gate.command("review", "release", lines[2].message, "--notify")
            #expect(eventually { outside.mailCount == 1 && inside.mailCount == 1 })
            #expect(outside.mails.first?.field("Subject") == "number 1")
            #expect(inside.mails.first?.addresses == ["kim@example.org"])
            #expect(inside.mails.first?.field("Subject") == "Released: number 1")
            #expect(try gate.tried(["review", "reject", lines[0].message]).status != 0, "without a reason")
            try gate.command("review", "reject", lines[0].message, lines[1].message, "--reason", "no programs by mail")
            #expect(eventually { inside.mailCount == 3 })
            #expect(inside.mails.last?.text.contains("Reason: no programs by mail") == true)
            let ledger = try gate.emptied()
            #expect(ledger.cancelled == 2 && ledger.held == 0 && outside.mailCount == 1)
        }
    }

    @Test func `a copy goes to the reviewer, and none of the copy`() throws {
        let outside = ScriptedServer()
        let inside = ScriptedServer()
        defer {
            outside.stop()
            inside.stop()
        }
        try GateProcess.run { gate in
            try gate.route(to: outside)
            try gate.command("domains", "add", "example.org", "--host", "127.0.0.1:\(inside.port)")
            #expect(try gate.tried(["scan", "policy", "set", "--suspicious", "copy", "--reviewer", "r@elsewhere.example"]).status != 0)
            try gate.command("scan", "policy", "set", "--suspicious", "copy", "--reviewer", "review@example.org")
            try submit(gate, content("odd"))
            #expect(eventually { outside.mailCount == 1 && inside.mailCount == 1 })
            let copy = try #require(inside.mails.first)
            #expect(copy.addresses == ["review@example.org"] && copy.from.contains("<>"))
            #expect(copy.field("Subject") == "[suspicious] odd" && copy.text.contains("Content-Type: message/rfc822"))
            #expect(copy.text.contains("\r\nSubject: odd\r\n"))
            let ledger = try gate.emptied()
            #expect(ledger.accepted == 2 && ledger.delivered == 2)
        }
    }

    @Test func `spam is never let go by the normal pool`() throws {
        let outside = ScriptedServer()
        let risky = ScriptedServer()
        defer {
            outside.stop()
            risky.stop()
        }
        try GateProcess.run { gate in
            try gate.route(to: outside)
            try gate.command("scan", "policy", "set", "--spam", "hold")
            try submit(gate, content("spam", file: "bill.pdf.exe"))
            let line = try #require(try held(gate).first)
            #expect(line.reason == .spam && line.pool == "high-risk")
            try gate.command("review", "release", line.message)
            // It waits for a source of its pool, whatever the normal one could do.
            #expect(eventually { (try? gate.queue().map(\.state)) == ["queued"] })
            try gate.command("routes", "add", "risky", "--smarthost", "127.0.0.1:\(risky.port)")
            try gate.command("routes", "pool", "risky", "high-risk")
            try gate.command("queue", "retry", line.message)
            #expect(eventually { risky.mailCount == 1 })
            #expect(outside.mailCount == 0)
        }
    }

    @Test(.enabled(if: Program.isThere(RspamdServer.path), "rspamd is not installed"))
    func `rspamd is asked, counts, and is missed as the policy says`() throws {
        let server = ScriptedServer()
        defer { server.stop() }
        let rspamd = try #require(try RspamdServer.start(), "rspamd does not start")
        var isUp = true
        defer { if isUp { rspamd.stop() } }
        try GateProcess.run { gate in
            try gate.route(to: server)
            try gate.command("routes", "add", "risky", "--smarthost", "127.0.0.1:\(server.port)")
            try gate.command("routes", "pool", "risky", "high-risk")
            try gate.command("scan", "policy", "set", "--rspamd", "http://127.0.0.1:\(rspamd.port)", "--rspamd-timeout", "30000")
            func scan(_ subject: String) throws -> MessageScanView {
                let client = try SMTPDialogue(port: gate.port)
                client.open()
                #expect(client.submit(from: "a@example.org", to: ["b@example.net"], message(subject)).code == 250)
                let id = try #require(try gate.trace("--limit", "1").first?.message)
                return try #require(try gate.show(id).scan)
            }
            let prize = try scan("you won a prize")
            #expect(prize.verdict == .spam && prize.findings.first?.rule == "scan.second-opinion")
            #expect(prize.findings.first?.matched == "TEST_PRIZE 20.0" && prize.findings.first?.weight == 10.7)
            let friend = try scan("hello friend")
            #expect(friend.findings.contains { $0.matched == "TEST_FRIEND -3.0" && $0.weight == -1.6 })
            #expect(try scan("plain").findings.contains { $0.rule == "scan.second-opinion" && $0.weight == 0 })

            rspamd.stop()
            isUp = false
            // More often than it takes to be left alone.
            for number in 0..<8 {
                let missed = try scan("missed \(number)")
                #expect(missed.findings.contains { $0.explanation.hasPrefix("It was judged without rspamd") })
            }
            try gate.command("scan", "policy", "set", "--rspamd-down", "defer")
            let client = try SMTPDialogue(port: gate.port)
            client.open()
            let reply = client.submit(from: "a@example.org", to: ["b@example.net"], message("deferred"))
            #expect(reply.code == 451 && reply.text.contains("the second scanner gave no answer"), "\(reply)")
        }
    }
}
