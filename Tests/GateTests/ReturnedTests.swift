import Foundation
import GateSupport
import MailModel
import OwnThreads
import PosternRuntime
import Testing

/// What comes back to the listener for reports: who is believed, and what follows.
@Suite("Returned mail", .serialized, .ownThreads)
struct ReturnedTests {
    private func run(_ body: (GateProcess, ScriptedServer, SMTPDialogue) throws -> Void) throws {
        let server = ScriptedServer { $0.serve(extensions: ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "DSN"]) { _ in nil } }
        defer { server.stop() }
        let settings = [
            "bulk.return-path-domain=bounces.example.org", "reports.port=\(freePort())",
            "reports.complaint-addresses=complaints@example.org",
        ]
        try GateProcess.run(settings) { gate in
            try gate.route(to: server)
            try gate.command("connectors", "add", "news", "--ip", "127.0.0.9", "--plaintext", "--any-sender", "--class", "campaign")
            let reports = try SMTPDialogue(port: try #require(gate.addresses["reports"]))
            reports.open()
            try body(gate, server, reports)
        }
    }

    /// Sends bulk mail and returns the return path that it left with.
    private func returnPath(_ gate: GateProcess, _ server: ScriptedServer, of recipient: String, _ subject: String) throws -> String {
        let client = try SMTPDialogue(port: gate.port, from: "127.0.0.9")
        client.open()
        #expect(client.submit(from: "news@example.org", to: [recipient], message(subject)).code == 250)
        #expect(eventually { server.mail(subject: subject) != nil })
        let from = try #require(server.mail(subject: subject)?.from)
        return String(from.dropFirst().prefix { $0 != ">" })
    }

    private func bounce(of recipient: String, _ status: String, _ reply: String) -> String {
        """
        From: Mail Delivery System <MAILER-DAEMON@mx.example.net>\r
        To: news@example.org\r
        Subject: Undelivered Mail Returned to Sender\r
        MIME-Version: 1.0\r
        Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r
        \r
        --b\r
        Content-Type: text/plain\r
        \r
        Your message could not be delivered.\r
        --b\r
        Content-Type: message/delivery-status\r
        \r
        Reporting-MTA: dns; mx.example.net\r
        \r
        Final-Recipient: rfc822; \(recipient)\r
        Action: failed\r
        Status: \(status)\r
        Diagnostic-Code: smtp; \(reply)\r
        \r
        --b--\r

        """
    }

    private let complaint = """
        From: feedback@arf.example.com\r
        To: complaints@example.org\r
        Subject: complaint\r
        MIME-Version: 1.0\r
        Content-Type: multipart/report; report-type=feedback-report; boundary="b"\r
        \r
        --b\r
        Content-Type: message/feedback-report\r
        \r
        Feedback-Type: abuse\r
        User-Agent: test/1\r
        Version: 1\r
        Original-Rcpt-To: fine@example.net\r
        \r
        --b--\r

        """

    @Test func `a bounce of a dead address suppresses it, and the trace says so`() throws {
        try run { gate, server, reports in
            let path = try returnPath(gate, server, of: "dead@example.net", "first")
            let content = bounce(of: "dead@example.net", "5.1.1", "550 5.1.1 User unknown")
            #expect(reports.submit(from: "", to: [path], content).code == 250)
            let line = try #require(try gate.trace("--recipient", "dead@example.net").first)
            let events = try gate.show(line.id).events
            #expect(events.contains { $0.kind == "returned" && $0.findings.contains { $0.rule == "returned.address-dead" } })
            // The same once more changes nothing.
            #expect(reports.submit(from: "", to: [path], content).code == 250)
            #expect(try gate.show(line.id).events.count { $0.kind == "returned" } == 1)
            let client = try SMTPDialogue(port: gate.port, from: "127.0.0.9")
            client.open()
            _ = client.submit(from: "news@example.org", to: ["dead@example.net"], message("second"))
            #expect(try eventually { try gate.trace("--recipient", "dead@example.net", "--status", "suppressed").count == 1 })
            #expect(server.mail(subject: "second") == nil)
            #expect(try gate.command("returned", "list", "--json").contains("\"proof\":\"return-path\""))
        }
    }

    @Test func `our own fault costs no address its mail`() throws {
        try run { gate, server, reports in
            let path = try returnPath(gate, server, of: "alive@example.net", "first")
            let content = bounce(
                of: "alive@example.net", "5.7.1", "550 5.7.1 Service unavailable; client host blocked using zen.spamhaus.org")
            #expect(reports.submit(from: "", to: [path], content).code == 250)
            _ = try returnPath(gate, server, of: "alive@example.net", "second")
        }
    }

    @Test func `a forged return path and a complaint without a signature change nothing`() throws {
        try run { gate, server, reports in
            let path = try returnPath(gate, server, of: "fine@example.net", "first")
            #expect(reports.say("MAIL FROM:<>").code == 250)
            #expect(reports.say("RCPT TO:<\(path.replacing("-0-", with: "-1-"))>").lines.first?.contains("5.1.1") == true)
            #expect(reports.say("RCPT TO:<postmaster@bounces.example.org>").code == 550)
            #expect(reports.say("RCPT TO:<someone@example.com>").code == 550)
            #expect(reports.say("RSET").code == 250)
            #expect(reports.submit(from: "feedback@arf.example.com", to: ["complaints@example.org"], complaint).code == 250)
            // Nor does a bounce that nobody can know to be true.
            let bounce = bounce(of: "fine@example.net", "5.1.1", "550 5.1.1 User unknown")
            #expect(reports.submit(from: "", to: ["complaints@example.org"], bounce).code == 250)
            let kept = try gate.command("returned", "list", "--json")
            #expect(kept.split(separator: "\n").count == 2 && !kept.contains("\"believed\":true"))
            _ = try returnPath(gate, server, of: "fine@example.net", "second")
        }
    }
}
