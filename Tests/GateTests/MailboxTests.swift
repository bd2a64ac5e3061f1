import Foundation
import GateSupport
import OwnThreads
import PosternRuntime
import Testing

/// A mailbox of a real server (Dovecot), out of which reports are taken.
@Suite("Mailbox of reports", .ownThreads, .serialized, .enabled(if: MailboxWorld.isThere, "dovecot is not installed"))
struct MailboxTests {
    private func settings(_ world: MailboxWorld, _ url: String, _ more: [String] = []) -> [String] {
        [
            "bulk.return-path-domain=bounces.example.org", "reports.mailbox-url=\(url)", "reports.mailbox-user=reports",
            "reports.mailbox-password=mailbox.password", "reports.mailbox-roots=\(world.roots)", "reports.mailbox-every=1s",
        ] + more
    }

    /// Sends bulk mail, and has `body` put the bounce of it into the mailbox.
    private func run(_ settings: [String], password: String = "secret", _ body: (GateProcess, String) throws -> Void) throws {
        let server = ScriptedServer { $0.serve(extensions: ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "DSN"]) { _ in nil } }
        defer { server.stop() }
        let directory = try GateTemplate.copy()
        let secrets = directory.appendingPathComponent("secrets")
        try Data("\(password)\n".utf8).write(to: secrets.appendingPathComponent("mailbox.password"))
        try GateProcess.run(settings, on: directory) { gate in
            try gate.route(to: server)
            try gate.command("connectors", "add", "news", "--ip", "127.0.0.9", "--plaintext", "--any-sender", "--class", "campaign")
            let client = try SMTPDialogue(port: gate.port, from: "127.0.0.9")
            client.open()
            #expect(client.submit(from: "news@example.org", to: ["dead@example.net"], message("first")).code == 250)
            #expect(eventually { server.mail(subject: "first") != nil })
            let from = try #require(server.mail(subject: "first")?.from)
            try body(gate, String(from.dropFirst().prefix { $0 != ">" }))
        }
    }

    private func bounce(to path: String) -> String {
        """
        Delivered-To: \(path)
        From: Mail Delivery System <MAILER-DAEMON@mx.example.net>
        To: <\(path)>
        Subject: Undelivered Mail Returned to Sender
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=delivery-status; boundary="b"

        --b
        Content-Type: text/plain

        Your message could not be delivered.
        --b
        Content-Type: message/delivery-status

        Reporting-MTA: dns; mx.example.net

        Final-Recipient: rfc822; dead@example.net
        Action: failed
        Status: 5.1.1
        Diagnostic-Code: smtp; 550 5.1.1 User unknown

        --b--

        """
    }

    private func isSuppressed(_ gate: GateProcess) -> Bool {
        (try? gate.command("suppressions", "list", "--json").contains("dead@example.net")) == true
    }

    @Test(arguments: ["imap", "imaps", "pop3s"])
    func `a bounce in the mailbox is believed, and is gone once it is kept`(_ kind: String) throws {
        let world = try MailboxWorld()
        defer { world.stop() }
        try run(settings(world, world.url(kind))) { gate, path in
            try world.put("noise", "Subject: win a watch\n\nbuy\n")
            try world.put("bounce", bounce(to: path))
            #expect(eventually { isSuppressed(gate) })
            #expect(eventually { world.count == 0 })
            let list = try gate.command("returned", "list", "--json")
            #expect(list.contains("\"source\":\"mailbox\"") && list.contains("\"proof\":\"return-path\""))
        }
    }

    @Test func `what is to be kept is marked, and is taken once`() throws {
        let world = try MailboxWorld()
        defer { world.stop() }
        try run(settings(world, world.url("imaps"), ["reports.mailbox-keep=true"])) { gate, path in
            try world.put("bounce", bounce(to: path))
            #expect(eventually { isSuppressed(gate) })
            #expect(eventually { world.isMarked })
            try world.put("next", "Subject: another\n\nx\n")
            #expect(eventually { (try? gate.command("returned", "list", "--json").split(separator: "\n").count) == 2 })
            #expect(world.count == 2)
        }
    }

    @Test func `a server that nobody vouches for is told nothing`() throws {
        let world = try MailboxWorld()
        defer { world.stop() }
        let strange = settings(world, world.url("imaps")).filter { !$0.hasPrefix("reports.mailbox-roots") }
        try run(strange) { gate, path in
            try world.put("bounce", bounce(to: path))
            #expect(eventually { (try? gate.command("alerts", "--json").contains("\"kind\":\"report-mailbox\"")) == true })
            #expect(try gate.command("alerts", "--json").contains("certificate"))
            #expect(!isSuppressed(gate) && world.count == 1)
        }
    }

    @Test func `a message that is too large is left alone`() throws {
        let world = try MailboxWorld()
        defer { world.stop() }
        try run(settings(world, world.url("pop3s"), ["reports.message-bytes-max=64KiB"])) { gate, path in
            try world.put("large", bounce(to: path) + String(repeating: String(repeating: "x", count: 70) + "\n", count: 2000))
            try world.put("small", bounce(to: path))
            #expect(eventually { isSuppressed(gate) })
            #expect(eventually { world.names == ["large"] })
        }
    }
}

/// Dovecot on loopback (see `Fixtures/mailbox-world.py`).
///
/// `@unchecked`: everything is set once; the process is touched by `stop` alone.
final class MailboxWorld: @unchecked Sendable {
    static let isThere = ["/usr/sbin/dovecot", "/usr/bin/dovecot"].contains { FileManager.default.isExecutableFile(atPath: $0) }

    private let directory: URL
    private let process: Process
    private let ports: [String: Int]

    init() throws {
        directory = try TemporaryDirectory.make().appendingPathComponent("world")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: false)
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures/mailbox-world.py")
        process = try Program.start(
            Program.python, [script.path, directory.path], input: nil, output: nil, errors: directory.appendingPathComponent("errors"))
        var found: [Int] = []
        let (folder, process) = (directory, process)
        _ = eventually {
            let text = (try? String(contentsOf: folder.appendingPathComponent("ports"), encoding: .utf8)) ?? ""
            found = text.split(separator: " ").compactMap { Int($0) }
            return found.count == 3 || !process.isRunning
        }
        guard found.count == 3 else {
            let errors = (try? String(contentsOf: directory.appendingPathComponent("errors"), encoding: .utf8)) ?? ""
            throw GateProcess.Failure(description: "the mailbox did not start\n\(errors)")
        }
        ports = ["imap": found[0], "imaps": found[1], "pop3s": found[2]]
    }

    var roots: String { directory.appendingPathComponent("roots.pem").path }

    func url(_ kind: String) -> String { "\(kind)://localhost:\(ports[kind] ?? 0)\(kind == "pop3s" ? "" : "/INBOX")" }

    private func folder(_ name: String) -> URL { directory.appendingPathComponent("mail/\(name)") }

    /// As a delivery agent does: whole, or not at all.
    func put(_ name: String, _ text: String) throws {
        let file = folder("tmp").appendingPathComponent(name)
        try Data(text.utf8).write(to: file)
        let owner = try FileManager.default.attributesOfItem(atPath: folder("new").path)
        try FileManager.default.setAttributes(
            [.ownerAccountID: owner[.ownerAccountID] ?? 0, .groupOwnerAccountID: owner[.groupOwnerAccountID] ?? 0], ofItemAtPath: file.path)
        try FileManager.default.moveItem(at: file, to: folder("new").appendingPathComponent(name))
    }

    /// Of the messages that are there, without flags, in order.
    var names: [String] {
        ["new", "cur"].flatMap { (try? FileManager.default.contentsOfDirectory(atPath: folder($0).path)) ?? [] }
            .map { String($0.prefix { $0 != ":" && $0 != "," }) }.sorted()
    }

    var count: Int { names.count }

    /// Dovecot writes a keyword as a small letter behind the flags.
    var isMarked: Bool {
        let flags = (try? FileManager.default.contentsOfDirectory(atPath: folder("cur").path)) ?? []
        return flags.contains { $0.drop { $0 != ":" }.contains("a") }
    }

    func stop() {
        process.terminate()
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: directory.deletingLastPathComponent())
    }
}
