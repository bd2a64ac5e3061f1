import Foundation
import GateSupport
import MailModel
import OwnThreads
import PosternRuntime
import Testing

private let hasReaders = (try? Program.run(Program.python, ["-c", "import dkim, authres"]).status) == 0

/// Mail of others that a connector passes on: checked when it comes in, sealed when it leaves. The DNS is on loopback; signatures come from
/// dkimpy, which verifies what left.
@Suite("Mail of others", .serialized, .ownThreads, .enabled(if: hasReaders, "dkimpy and authres are not installed"))
struct RelayingTests {
    private struct World {
        var gate: GateProcess
        var server: ScriptedServer
        var dns: ScriptedDNSServer
        var folder: URL

        /// A message of others, signed by dkimpy for sender.example.
        func signed(_ name: String, _ header: String = "") throws -> String {
            let content = "\(header)From: a@sender.example\r\nTo: b@example.net\r\nSubject: \(name)\r\n\r\nHello.\r\n"
            try Data(content.utf8).write(to: folder.appendingPathComponent("unsigned"))
            let run = try Program.run(Program.python, ["-c", RelayingTests.signer, folder.path])
            #expect(run.status == 0, "\(run)")
            return run.output.replacing("\r\n", with: "\n").replacing("\n", with: "\r\n")
        }

        /// What left of it.
        @discardableResult
        func passed(_ content: String, from sender: String = "a@sender.example", by address: String = "127.0.0.9") throws -> String {
            let before = server.mails.count
            let client = try SMTPDialogue(port: gate.port, from: address)
            client.open()
            #expect(client.submit(from: sender, to: ["b@example.net"], content).code == 250)
            #expect(eventually { server.mails.count == before + 1 })
            return server.mails.last?.text ?? ""
        }

        func verified(_ content: String) throws -> String {
            try Data(content.utf8).write(to: folder.appendingPathComponent("left"))
            let run = try Program.run(Program.python, ["-c", RelayingTests.verifier, folder.path])
            return run.output.trimmingCharacters(in: .whitespacesAndNewlines) + run.errors
        }
    }

    private func run(_ body: (World) throws -> Void) throws {
        let server = ScriptedServer { $0.serve(extensions: ["8BITMIME"]) { _ in nil } }
        let dns = ScriptedDNSServer([
            "sender.example TXT": .records([txtData("v=spf1 ip4:127.0.0.9 -all")]), "silent._domainkey.sender.example TXT": .serverFailure,
        ])
        let folder = try TemporaryDirectory.make()
        defer {
            server.stop()
            dns.stop()
            try? FileManager.default.removeItem(at: folder)
        }
        let made = try Program.run(Program.python, ["-c", RelayingTests.key, folder.path])
        #expect(made.status == 0, "\(made)")
        dns.set(
            "s1._domainkey.sender.example TXT", .records([txtData(ofLong: made.output.trimmingCharacters(in: .whitespacesAndNewlines))]))
        try GateProcess.run(["delivery.resolver=127.0.0.1@\(dns.port)"]) { gate in
            try gate.route(to: server)
            try gate.command("connectors", "add", "edge", "--ip", "127.0.0.9", "--plaintext", "--any-sender")
            try gate.command("connectors", "relay", "edge", "--seal", "example.org", "--border")
            let shown = try gate.command("dkim", "show", "example.org")
            try Data((shown + "s1._domainkey.sender.example\n  \(made.output)").utf8).write(to: folder.appendingPathComponent("records"))
            let lines = shown.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
            for (name, value) in zip(lines, lines.dropFirst()) where name.contains("_domainkey") {
                dns.set("\(name) TXT", .records([txtData(ofLong: value)]))
            }
            try body(World(gate: gate, server: server, dns: dns, folder: folder))
        }
    }

    @Test func `what others wrote is checked, told, and sealed, again and again`() throws {
        try run { world in
            let forged = "Authentication-Results: gate.example.org; spf=pass smtp.mailfrom=bank.example\r\n"
            let first = try world.passed(try world.signed("first", forged))
            #expect(!first.contains("bank.example"))
            #expect(
                first.contains(
                    "Authentication-Results: gate.example.org;\r\n\tspf=pass smtp.mailfrom=sender.example;\r\n"
                        + "\tdkim=pass header.d=sender.example header.s=s1;\r\n\tarc=none\r\n"), "\(first)")
            #expect(try world.verified(first) == "pass 1 True")
            let second = try world.passed(first)
            #expect(second.contains("\tarc=pass\r\n") && second.contains("cv=pass"))
            #expect(second.components(separatedBy: "Authentication-Results: gate.example.org").count == 2)
            #expect(try world.verified(second) == "pass 2 True")
            // Changed on the way: said as it is, and sealed as failed once.
            let third = try world.passed(second.replacing("Hello.", with: "Hullo."))
            #expect(third.contains("\tarc=fail (the message: the body has changed)") && third.contains("cv=fail"))
            #expect(try world.verified(third) == "terminated 3 False")
            let id = try #require(try world.gate.trace("--limit", "1").first?.id)
            #expect(try world.gate.command("explain", id).contains("authentication.results"))
        }
    }

    @Test func `a silent DNS loses no mail, and claims nothing`() throws {
        try run { world in
            world.dns.set("s1._domainkey.sender.example TXT", .serverFailure)
            world.dns.set("sender.example TXT", .serverFailure)
            let left = try world.passed(try world.signed("first"))
            #expect(left.contains("spf=temperror smtp.mailfrom=sender.example;\r\n\tdkim=temperror"), "\(left)")
            #expect(try world.verified(left) == "pass 1 True")
        }
    }

    @Test func `our own mail is signed and not sealed, and so is all mail of other submitters`() throws {
        try run { world in
            let own = try world.passed("From: a@example.org\r\nTo: b@example.net\r\nSubject: own\r\n\r\ntext\r\n", from: "a@example.org")
            #expect(own.contains("DKIM-Signature:") && !own.contains("ARC-Seal:") && !own.contains("Authentication-Results:"))
            // From a program that is not said to pass anything on.
            let other = try world.passed(try world.signed("other"), by: "127.0.0.1")
            #expect(!other.contains("ARC-Seal:") && !other.contains("Authentication-Results:"))
            try world.gate.command("connectors", "relay", "edge", "--off")
            #expect(try world.gate.tried(["connectors", "relay", "edge", "--seal", "elsewhere.example"]).status != 0)
        }
    }

    @Test func `what passed SPF or DKIM leaves under a reverse-path of ours, and what did not keeps its own`() throws {
        try run { world in
            try world.gate.command("connectors", "relay", "edge", "--seal", "example.org", "--border", "--srs", "srs.example.org")
            try world.passed(try world.signed("proven"))
            let proven = try #require(world.server.mails.last)
            #expect(proven.from.contains("<SRS0=") && proven.from.contains("=sender.example=a@srs.example.org>"), "\(proven.from)")
            #expect(!proven.text.contains("SRS0="), "the header stays as it is")
            let id = try #require(try world.gate.trace("--limit", "1").first?.message)
            #expect(try world.gate.show(id).findings.contains { $0.rule == "relay.srs" && $0.matched == "srs.example.org" })
            let unproven = "From: a@other.example\r\nTo: b@example.net\r\nSubject: unproven\r\n\r\nHello.\r\n"
            try world.passed(unproven, from: "a@other.example")
            #expect(world.server.mails.last?.from.contains("<a@other.example>") == true)
            #expect(try world.gate.tried(["connectors", "relay", "edge", "--off", "--srs", "srs.example.org"]).status != 0)
        }
    }

    private static let key = """
        import os, subprocess, sys
        folder = sys.argv[1]
        subprocess.run(["openssl", "genrsa", "-traditional", "-out", folder + "/key", "1024"], check=True, stderr=subprocess.DEVNULL)
        public = subprocess.run(["openssl", "rsa", "-in", folder + "/key", "-pubout"], check=True, capture_output=True, text=True).stdout
        print("v=DKIM1; k=rsa; p=" + "".join(public.split("\\n")[1:-2]))
        """

    private static let signer = """
        import dkim, sys
        folder = sys.argv[1]
        content = open(folder + "/unsigned", "rb").read()
        field = dkim.sign(content, b"s1", b"sender.example", open(folder + "/key", "rb").read(), include_headers=[b"from", b"subject"])
        sys.stdout.buffer.write(field + content)
        """

    /// The chain, how long it is, and whether the author's signature holds.
    private static let verifier = """
        import dkim, re, sys
        folder = sys.argv[1]
        content = open(folder + "/left", "rb").read()
        lines = open(folder + "/records").read().split("\\n")
        records = {name.strip(): value.strip() for name, value in zip(lines, lines[1:]) if "_domainkey" in name}
        lookup = lambda name, timeout=5: records[name.decode().rstrip(".")].encode()
        chain, results, reason = dkim.arc_verify(content, dnsfunc=lookup)
        seals = re.findall(rb"(?m)^ARC-Seal:", content)
        try:
            signed = dkim.DKIM(content).verify(dnsfunc=lookup)
        except dkim.ValidationError:
            signed = False
        # It gives none for a chain that a seal has said to be broken.
        print((chain or b"terminated").decode(), len(seals), signed)
        """
}
