import Foundation
import GateSupport
import OwnThreads
import PosternRuntime
import Testing

/// Senders' addresses that are rewritten, and routes that hand on each sender's mail as his mailbox, against a submission host on loopback.
@Suite("Rewriting and identities", .serialized, .ownThreads, .enabled(if: HookServer.isThere))
struct IdentityRouteTests {
    private func run(_ body: (GateProcess, ExchangeServer) throws -> Void) throws {
        try GateProcess.run { gate in
            let folder = gate.directory.path
            let server = try ExchangeServer(certificate: "\(folder)/tls/certificate.pem", key: "\(folder)/tls/key.pem")
            defer { server.stop() }
            try gate.command(
                "routes", "add", "office", "--smarthost", "127.0.0.1:\(server.port)", "--implicit-tls", "--tls", "encrypt", "--user",
                "all@example.org", "--oauth", "microsoft", "--tenant", "example.org", "--client-id", "c-1", "--token-url",
                server.tokenURL, "--secret-stdin", input: "s3cret\n")
            try body(gate, server)
        }
    }

    private func submit(_ gate: GateProcess, from sender: String, _ content: String, to recipients: [String] = ["b@example.net"]) throws
        -> Int
    {
        let client = try SMTPDialogue(port: gate.port)
        client.open()
        return client.submit(from: sender, to: recipients, content).code
    }

    @Test func `a device's address is rewritten where it comes in, before rights are checked, and what leaves is signed`() throws {
        try run { gate, server in
            try gate.command("connectors", "remove", "local")
            try gate.command("connectors", "add", "printers", "--ip", "127.0.0.1", "--plaintext", "--grant", "scanner@example.org")
            let mail = "From: =?utf-8?q?B=C3=BCro?=\r\n <root@printer.local>\r\nTo: b@example.net\r\nSubject: scan\r\n\r\nbody\r\n"
            #expect(try submit(gate, from: "root@printer.local", mail) == 550)
            try gate.command(
                "connectors", "rewrite", "printers", "root@*.local=scanner@example.org", "--keep-original", "reply-to")
            #expect(try gate.command("connectors", "list", "--json").contains("root@*.local=scanner@example.org"))
            #expect(eventually { (try? submit(gate, from: "root@printer.local", mail)) == 250 })
            #expect(eventually { server.messages.count == 1 })
            let sent = try #require(server.messages.first)
            #expect(sent.sender == "scanner@example.org")
            #expect(
                sent.content.contains(
                    "From: =?utf-8?q?B=C3=BCro?=\n <scanner@example.org>\nReply-To: =?utf-8?q?B=C3=BCro?=\n <root@printer.local>\nTo: b@example.net\n"
                ))
            try checkSignatures(of: sent, gate)
            let id = try #require(try gate.command("trace", "list", "--json").firstMatch(of: /"message":"([0-9a-z]{13})"/)?.1)
            #expect(try gate.command("explain", String(id)).contains("since connector printers rewrites root@printer.local"))
        }
    }

    @Test func `each sender's mail leaves as his mailbox, and one that is refused stops nobody else`() throws {
        try run { gate, server in
            try gate.command("routes", "identity", "office", "*@example.org", "{sender}")
            try gate.command("routes", "rewrite", "office", "root@*.local=scanner@example.org")
            try server.set("dot-reply kim@example.org", "550 5.1.8 Access denied, bad outbound sender")
            #expect(try submit(gate, from: "root@printer.local", "From: root@printer.local\r\nTo: b@example.net\r\n\r\nscan\r\n") == 250)
            #expect(eventually { server.messages.count == 1 })
            #expect(try submit(gate, from: "kim@example.org", message("refused")) == 250)
            #expect(eventually { (try? gate.command("routes", "list", "--json").contains("office:kim@example.org")) == true })
            #expect(try submit(gate, from: "anna@example.org", message("anna")) == 250)
            // Each mailbox has a connection of its own: which of two comes first is nobody's promise.
            #expect(eventually { server.messages.count == 2 })
            #expect(try submit(gate, from: "x@elsewhere.test", message("other")) == 250)
            #expect(eventually { server.messages.count == 3 })
            #expect(server.messages.map(\.user) == ["scanner@example.org", "anna@example.org", "all@example.org"])
            #expect(server.messages.map(\.sender) == ["scanner@example.org", "anna@example.org", "x@elsewhere.test"])
            let first = try #require(server.messages.first)
            #expect(first.content.contains("From: scanner@example.org\n"))
            try checkSignatures(of: first, gate)
            // All of them by one token of the application.
            #expect(server.forms.count == 1)
            #expect(try gate.command("status", "--json").contains("office:kim@example.org"))
            try server.set("dot-reply kim@example.org", nil)
            try gate.command("routes", "probe", "office:kim@example.org", "--reason", "released")
            #expect(eventually { server.messages.count == 4 })
            #expect(server.messages.last?.user == "kim@example.org")
        }
    }

    private func checkSignatures(of sent: ExchangeServer.Message, _ gate: GateProcess) throws {
        let folder = try TemporaryDirectory.make()
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(try gate.command("dkim", "show", "example.org").utf8).write(to: folder.appendingPathComponent("records"))
        try Data(sent.content.replacing("\n", with: "\r\n").utf8).write(to: folder.appendingPathComponent("0.eml"))
        let run = try Program.run(Program.python, ["-c", PromiseTests.verifier, folder.path])
        #expect(run.output == "True True\n", "\(run)")
    }
}
