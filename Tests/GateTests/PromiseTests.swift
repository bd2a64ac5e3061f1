import Foundation
import GateSupport
import OwnThreads
import PosternRuntime
import Storage
import Testing

/// The promises of the design on a whole gate, one test for each, named by its number. Promises 1 and 3 are proven on the disk by the suite of
/// the same name in CrashTests, and with kill -9 by `KillTests`.
@Suite("Promises", .serialized, .ownThreads)
struct PromiseTests {
    /// Each accepted recipient ends in exactly one final state; at any time the sum holds.
    @Test func `promise 2: the sum holds at any time, and each recipient has one final state`() throws {
        let server = ScriptedServer { peer in
            peer.serve { step in
                guard case .command(let line) = step, line.hasPrefix("RCPT TO:<") else { return nil }
                if line.hasPrefix("RCPT TO:<gone") { return .say("550 5.1.1 Nobody here by that name") }
                return line.hasPrefix("RCPT TO:<later") ? .say("451 4.7.1 Come again") : nil
            }
        }
        defer { server.stop() }
        try GateProcess.run { gate in
            try gate.route(to: server)
            let client = try SMTPDialogue(port: gate.port)
            client.open()
            for number in 0..<60 {
                let names = ["to-\(number)", "gone-\(number)", "later-\(number)"].map { "\($0)@example.net" }
                let parameters = number % 5 == 0 ? " HOLDFOR=9000" : ""
                #expect(client.submit(from: "", to: names, message("sum \(number)"), parameters: parameters).code == 250)
                if number % 6 == 5 {
                    let ledger = try gate.ledger(verified: true)
                    #expect(ledger.balanced && ledger.verified == true, "\(ledger)")
                }
            }
            try gate.command("queue", "hold", "--domain", "example.net", "--reason", "test")
            try gate.command("queue", "cancel", "--all", "--reason", "test")
            let ledger = try gate.emptied()
            #expect(ledger.accepted == 180 && ledger.delivered + ledger.bounced + ledger.cancelled == 180, "\(ledger)")
            #expect(try gate.ledger(verified: true).verified == true)
            var traced = 0
            for status in ["delivered", "bounced", "cancelled"] { traced += try gate.trace("--status", status, "--limit", "1000").count }
            #expect(traced == 180)
        }
    }

    @Test(arguments: ["encrypt", "verify"])
    func `promise 8: never plaintext where TLS is required`(_ requirement: String) throws {
        let server = ScriptedServer { peer in
            peer.serve { step in
                if case .command(let line) = step, !line.hasPrefix("EHLO"), line != "QUIT", line != "STARTTLS" {
                    Issue.record("in plaintext: \(line)")
                }
                return nil
            }
        }
        defer { server.stop() }
        try GateProcess.run { gate in
            try gate.command("routes", "add", "safe", "--smarthost", "127.0.0.1:\(server.port)", "--tls", requirement)
            let client = try SMTPDialogue(port: gate.port)
            client.open()
            #expect(client.submit(from: "a@example.org", to: ["b@example.net"], message("secret")).code == 250)
            #expect(try eventually { try gate.queue().first?.attempts == 1 })
            #expect(server.mailCount == 0)
        }
    }

    @Test func `promise 8: no report for a null reverse-path`() throws {
        let server = ScriptedServer { peer in
            peer.serve { step in
                guard case .command(let line) = step, line.hasPrefix("RCPT TO:<gone") else { return nil }
                return .say("550 5.1.1 Nobody here by that name")
            }
        }
        defer { server.stop() }
        try GateProcess.run { gate in
            try gate.route(to: server)
            let client = try SMTPDialogue(port: gate.port)
            client.open()
            #expect(client.submit(from: "", to: ["gone@example.net"], message("null")).code == 250)
            let ledger = try gate.emptied()
            // A report is stored with the outcome that it tells of.
            #expect(ledger.accepted == 1 && ledger.bounced == 1)
            #expect(server.mailCount == 0)
            #expect(client.submit(from: "a@example.org", to: ["gone@example.net"], message("told")).code == 250)
            #expect(try eventually { try gate.ledger().accepted == 3 })
            #expect(try gate.emptied().delivered == 1)
        }
    }

    @Test(.enabled(if: Program.isThere(Program.python)))
    func `promise 8: what leaves verifies under another party's DKIM verifier`() throws {
        let server = ScriptedServer()
        defer { server.stop() }
        try GateProcess.run { gate in
            try gate.route(to: server)
            let client = try SMTPDialogue(port: gate.port)
            client.open()
            let contents = [
                message("plain"), message("dots") + "..\r\n.two\r\n\r\n\r\n", message("trailing ") + "space  \t \r\n\r\n",
                message("folded", fields: "X-Long: a\r\n b\r\n\tc\r\n"),
                message("eight", fields: "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n") + "Grüße\r\n",
            ]
            for content in contents {
                #expect(client.submit(from: "a@example.org", to: ["b@example.net"], content, parameters: " BODY=8BITMIME").code == 250)
            }
            #expect(try gate.emptied().delivered == contents.count)
            let folder = try TemporaryDirectory.make()
            defer { try? FileManager.default.removeItem(at: folder) }
            try Data(try gate.command("dkim", "show", "example.org").utf8).write(to: folder.appendingPathComponent("records"))
            for (number, mail) in server.mails.enumerated() {
                try Data(mail.content).write(to: folder.appendingPathComponent("\(number).eml"))
            }
            let run = try Program.run(Program.python, ["-c", PromiseTests.verifier, folder.path])
            // Both signatures of each.
            #expect(run.output == String(repeating: "True True\n", count: contents.count), "\(run)")
        }
    }

    /// dkimpy with the records that the gate says to publish, in place of DNS. A changed message must not verify.
    static let verifier = """
        import dkim, glob, re, sys
        folder = sys.argv[1]
        lines = open(folder + '/records').read().split('\\n')
        records = {}
        for name, value in zip(lines, lines[1:]):
            found = re.search(r'(\\S+\\._domainkey\\.\\S+)', name)
            if found and 'p=' in value: records[found.group(1).rstrip('.')] = re.sub(r'"\\s*"', '', value.strip()).strip('"')
        def lookup(name, timeout=5): return records.get(name.decode().rstrip('.'), '').encode()
        for path in sorted(glob.glob(folder + '/*.eml')):
            content = open(path, 'rb').read()
            results = [dkim.DKIM(content).verify(idx=index, dnsfunc=lookup) for index in (0, 1)]
            try: assert not dkim.DKIM(content + b'more\\r\\n').verify(idx=0, dnsfunc=lookup)
            except dkim.ValidationError: pass
            print(*results)
        """

    private static let bounds: [(limit: String, dialogue: [String], reply: String)] = [
        ("line", ["NOOP " + String(repeating: "x", count: 20_000)], "500 5.5.2"),
        ("size", ["MAIL FROM:<a@example.org> SIZE=200000"], "552 5.3.4"),
        (
            "recipients", ["MAIL FROM:<a@example.org>", "RCPT TO:<a@example.net>", "RCPT TO:<b@example.net>", "RCPT TO:<c@example.net>"],
            "452 4.5.3"
        ),
        ("address", ["MAIL FROM:<a@example.org>", "RCPT TO:<\(String(repeating: "x", count: 300))@example.net>"], "501 5.1.3"),
        ("errors", (0..<40).map { "NONSENSE \($0)" }, "421 4.7.0"),
    ]

    @Test(arguments: bounds.indices)
    func `promise 9: what can grow has a limit, and what is over it a clear reply`(_ index: Int) throws {
        let bound = PromiseTests.bounds[index]
        try GateProcess.run(["submission.recipients-max=2", "submission.message-bytes-max=100KiB"]) { gate in
            let client = try SMTPDialogue(port: gate.port)
            client.open()
            var last = Reply(code: 0, lines: [])
            for line in bound.dialogue where last.code != 421 { last = client.say(line) }
            #expect(last.description.hasPrefix(bound.reply), "\(bound.limit): \(last)")
            let next = try SMTPDialogue(port: gate.port)
            #expect(next.open().code == 250)
            #expect(next.submit(from: "a@example.org", to: ["b@example.net"], message("after")).code == 250)
        }
    }

    @Test func `promise 9: refusals by a limit are in the trace`() throws {
        try GateProcess.run(["submission.recipients-max=2", "submission.message-bytes-max=100KiB"]) { gate in
            let client = try SMTPDialogue(port: gate.port)
            client.open()
            #expect(client.say("MAIL FROM:<a@example.org> SIZE=200000").code == 552)
            #expect(client.say("MAIL FROM:<a@example.org>").code == 250)
            #expect(client.say("RCPT TO:<broken").code == 501)
            for number in 0..<3 { _ = client.say("RCPT TO:<r\(number)@example.net>") }
            #expect(try eventually { try gate.trace("--status", "refused").count == 3 })
            let replies = try gate.trace("--status", "refused").map { String($0.reply.prefix(9)) }.sorted()
            #expect(replies == ["452 4.5.3", "501 5.1.3", "552 5.3.4"])
            #expect(try gate.trace("--recipient", "r2@example.net").first?.status == "refused")
        }
    }

    @Test func `promise 10: a store that is down means 4xx for everyone, from MAIL on`() async throws {
        try await InProcessGate.run(["storage.commit-timeout=1s"]) { gate in
            let stuck = try SMTPDialogue(port: gate.port)
            stuck.open()
            gate.faults.become(.hangs)
            let waiting = stuck.submit(from: "a@example.org", to: ["b@example.net"], message("x"))
            #expect((400..<500).contains(waiting.code))
            let next = try SMTPDialogue(port: gate.port)
            next.open()
            #expect(next.say("MAIL FROM:<a@example.org>").description.hasPrefix("452 4.3.1"))
            gate.faults.become(.sound)
        }
    }

    /// A route of a kind, a setting or an object that this program does not know stops it; it does not guess.
    @Test func `promise 10: an unknown object stops the start instead of being skipped`() throws {
        let directory = try GateTemplate.copy()
        defer { try? FileManager.default.removeItem(at: directory) }
        let insert = """
            INSERT INTO directory_object (tenant, kind, name, version, value, is_removed, actor, reason, at)
            VALUES (1, 'oracle', 'delphi', 99, '{}', 0, 'a', 'r', 0)
            """
        let sqlite = try Program.run(
            Program.python,
            [
                "-c", "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute(sys.argv[2]); c.commit()",
                directory.appendingPathComponent("postern.sqlite").path, insert,
            ])
        #expect(sqlite.status == 0, "\(sqlite)")
        let run = try Program.run(
            Program.postern, ["serve", "--data", directory.path, "--set", "submission.port=0", "--set", "http.port=0"])
        #expect(run.status == 1 && run.errors.contains("oracle"), "\(run)")
    }
}
