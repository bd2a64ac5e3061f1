import Foundation
import GateSupport
import MailModel
import OwnThreads
import PosternRuntime
import Testing

/// What the gate makes of scans: which pool mail leaves from, what is held, what is told, and what is left where a scan could not be done.
@Suite("Scanning", .serialized, .ownThreads)
struct ScanningTests {
    /// A program that says it is a document.
    private func spam(_ subject: String) -> String {
        """
        From: a@example.org\r
        Subject: \(subject)\r
        MIME-Version: 1.0\r
        Content-Type: multipart/mixed; boundary=x\r
        \r
        --x\r
        Content-Type: text/plain\r
        \r
        Please see the bill.\r
        --x\r
        Content-Type: application/octet-stream; name="bill.pdf.exe"\r
        Content-Disposition: attachment; filename="bill.pdf.exe"\r
        \r
        MZ\r
        --x--\r

        """
    }

    private func held(_ gate: GateProcess) throws -> [QueueLine] { try gate.queue().filter { $0.state == "held" } }

    private func sent(_ gate: GateProcess, _ content: String, from sender: String = "a@example.org") throws -> Reply {
        let client = try SMTPDialogue(port: gate.port)
        client.open()
        defer { client.close() }
        return client.submit(from: sender, to: ["r@example.net"], content)
    }

    @Test func `what is judged spam leaves by the high-risk pool alone, whatever is done to it`() throws {
        let server = ScriptedServer()
        defer { server.stop() }
        try GateProcess.run { gate in
            try gate.route(to: server)
            try gate.command("policy", "preset", "standard", "--licences", "10")
            #expect(try sent(gate, spam("bill")).code == 250)
            #expect(try sent(gate, message("usual")).code == 250)
            #expect(eventually { server.mailCount == 1 })
            let line = try #require(try held(gate).first)
            let id = String(line.id.prefix { $0 != "/" })
            let shown = try gate.show(id)
            #expect(shown.pool == "high-risk" && shown.scan?.verdict == .spam && (shown.scan?.score ?? 0) >= 8)
            #expect(shown.scan?.findings.first?.rule.hasPrefix("scan.attachment.") == true)
            #expect(shown.findings.map(\.rule) == ["pool.spam", "pool.empty"])
            #expect(try gate.command("explain", id).contains("It was scanned: spam"))
            #expect(try gate.trace().first { $0.subject == "usual" }.map { try gate.show($0.message).scan?.verdict } == .clean)

            let share = try gate.command("limits", "show", "organisation", "--json")
            #expect(share.contains("\"spamPer24Hours\":1") && share.contains("\"judgedPer24Hours\":2"), "\(share)")

            // Released, retried, the process killed, scanning switched off, another route made: it waits.
            try gate.command("queue", "release", id)
            try gate.command("queue", "retry", id)
            gate.kill()
            try gate.start(["scan.mail=false"])
            try gate.command("routes", "add", "second", "--smarthost", "127.0.0.1:\(server.port)")
            try gate.command("queue", "retry", id)
            #expect(try sent(gate, message("after")).code == 250)
            #expect(eventually { server.mailCount == 2 })
            #expect(try gate.queue().map(\.id) == [line.id] && server.mails.allSatisfy { !$0.text.contains("bill.pdf") })

            try gate.command("sources", "add", "low", "--ipv4", "127.0.0.5", "--hello", "low.example.org")
            try gate.command("sources", "pool", "low", "high-risk")
            try gate.command("routes", "sources", "out", "low")
            try gate.command("queue", "retry", id)
            #expect(eventually { server.mailCount == 3 })
            #expect(server.mails.last?.client == "127.0.0.5" && server.mails.last?.text.contains("bill.pdf") == true)
        }
    }

    @Test func `a sender's domain that no DNS record makes real leaves by the high-risk pool`() throws {
        let dns = ScriptedDNSServer([
            "example.net MX": .records([mxData(10, "mx.example.net")]),
            "alive.example.net MX": .records([mxData(10, "mx.alive.example.net")]), "silent.example.net MX": .silence,
            "plain.example.net A": .records([[192, 0, 2, 1]]), "plain.example.net MX": .noData,
        ])
        defer { dns.stop() }
        try GateProcess.run(["scan.sender-domain=true", "delivery.resolver=127.0.0.1@\(dns.port)"]) { gate in
            for name in ["alive", "plain", "silent", "dead", "dead"] {
                #expect(try sent(gate, message(name, from: "a@\(name).example.net"), from: "a@\(name).example.net").code == 250)
            }
            // The envelope's counts too.
            #expect(try sent(gate, message("envelope", from: "a@alive.example.net"), from: "a@dead.example.net").code == 250)
            let pools = try gate.trace().reduce(into: [String: String]()) { $0[$1.subject] = $1.pool }
            #expect(pools == ["alive": "normal", "plain": "normal", "silent": "normal", "dead": "high-risk", "envelope": "high-risk"])
            #expect(dns.count("dead.example.net MX") == 1, "an answer is kept")
            let dead = try #require(try gate.trace().first { $0.subject == "dead" })
            let shown = try gate.show(dead.message)
            #expect(shown.findings.first?.rule == "pool.dead-domain" && shown.findings.first?.matched == "dead.example.net")
            #expect(shown.scan?.findings.contains { $0.rule == "scan.from.dead-domain" } == true)
            #expect(try held(gate).count == 3)
            // Where the recipient's domain is not there either, DNS is no witness.
            let client = try SMTPDialogue(port: gate.port)
            client.open()
            let content = message("closed", from: "a@dead.example.net")
            #expect(client.submit(from: "a@dead.example.net", to: ["r@nowhere.example.net"], content).code == 250)
            #expect(try gate.trace().first { $0.subject == "closed" }?.pool == "normal")
        }
    }

    /// A question that DNS does not answer keeps the only place.
    @Test(arguments: ["defer", "high-risk", "pass"])
    func `what could not be scanned is deferred, or goes as the setting says, and the trace tells`(_ unscanned: String) throws {
        let dns = ScriptedDNSServer(["silent.example.net MX": .silence])
        defer { dns.stop() }
        let settings = [
            "scan.sender-domain=true", "delivery.resolver=127.0.0.1@\(dns.port)", "scan.queue=1", "scan.unscanned=\(unscanned)",
        ]
        try GateProcess.run(settings) { gate in
            let first = try SMTPDialogue(port: gate.port)
            first.open()
            for line in ["MAIL FROM:<a@silent.example.net>", "RCPT TO:<r@example.net>", "DATA"] { _ = first.say(line) }
            first.stream.write(stuffed(Array(message("first", from: "a@silent.example.net").utf8)))
            #expect(eventually { dns.count("silent.example.net MX") > 0 })
            let second = try sent(gate, message("second", from: "a@silent.example.net"), from: "a@silent.example.net")
            #expect(second.code == (unscanned == "defer" ? 451 : 250), "\(second)")
            #expect(first.reply().code == 250)
            let line = try #require(try gate.trace().first { $0.subject == "second" })
            let finding = try #require(line.findings.first)
            #expect(finding.rule == "scan.not-done" && finding.matched == "full")
            #expect(line.status == (unscanned == "defer" ? "refused" : unscanned == "pass" ? line.status : "held"))
            #expect(line.pool == (unscanned == "high-risk" ? "high-risk" : line.pool))
        }
    }

    @Test func `a scan that takes too long is given up`() throws {
        let dns = ScriptedDNSServer(["silent.example.net MX": .silence])
        defer { dns.stop() }
        try GateProcess.run(["scan.sender-domain=true", "delivery.resolver=127.0.0.1@\(dns.port)", "scan.timeout=100ms"]) { gate in
            let reply = try sent(gate, message("slow", from: "a@silent.example.net"), from: "a@silent.example.net")
            #expect(reply.code == 451 && reply.lines.joined().contains("took too long"), "\(reply)")
            #expect(try gate.trace().first?.findings.first?.matched == "late")
        }
    }

    @Test func `words learnt while it runs count, and copies are known after a restart`() throws {
        let folder = try TemporaryDirectory.make()
        defer { try? FileManager.default.removeItem(at: folder) }
        let lines = (
            spam: ["cheap pills online order today", "free prize claim your winnings today"],
            ham: ["the minutes of our meeting on monday", "please find the report on the bridge"]
        )
        for number in 0..<60 {
            for (name, texts) in [("spam", lines.spam), ("ham", lines.ham)] {
                let file = folder.appendingPathComponent("\(name)/\(number)")
                try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                let text = "From: a\(number)@example.net\r\nSubject: \(name) \(number)\r\n\r\n\(texts[number % 2]) \(number)\r\n"
                try Data(text.utf8).write(to: file)
            }
        }
        func mail(_ number: Int) -> String {
            "From: a@example.org\r\nMessage-ID: <m\(number)@example.org>\r\nSubject: hello\r\n\r\n"
                + "Dear reader \(number), cheap pills online, order today and claim your free prize and winnings today.\r\n"
        }
        try GateProcess.run { gate in
            #expect(try sent(gate, mail(1)).code == 250)
            #expect(try held(gate).isEmpty)
            try gate.command(
                "scan", "train", "--ham", folder.appendingPathComponent("ham").path, "--spam", folder.appendingPathComponent("spam").path)
            var number = 1
            #expect(
                try eventually {
                    number += 1
                    _ = try sent(gate, mail(number))
                    return try !held(gate).isEmpty
                })
            func groups() throws -> [DuplicateGroupView] {
                let text = try gate.command("duplicates", "--json")
                return try text.split(separator: "\n").map { try JSONDecoder().decode(DuplicateGroupView.self, from: Data($0.utf8)) }
            }
            let before = try #require(try groups().first)
            #expect(before.messages == number && before.recipients == number && before.senders == 1)
            #expect(before.members.last?.messageID == "m\(number)@example.org")
            gate.stop()
            #expect(try groups() == [before], "it is in the file")
            try gate.start()
            #expect(try groups() == [before])
            _ = try sent(gate, mail(number + 1))
            #expect(try groups().first?.messages == number + 1)
        }
    }
}
