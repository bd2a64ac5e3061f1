import Foundation
import GateSupport
import OwnThreads
import PosternRuntime
import Testing

/// What a next host may do to us. Each time: the recipients' outcome is what it has to be, the next message is unharmed, memory is bounded.
@Suite("Hostile and broken next hosts", .serialized, .ownThreads)
struct HostileServerTests {
    /// One way to misbehave, on the first connection only.
    struct Misdeed: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// What the trace says of the message afterwards.
        var reply: String
        var script: @Sendable (ServerConversation) -> Void
        /// The message was taken though nobody said so: the second attempt is one too many, and cannot be helped.
        var arrivesTwice = false
    }

    private static let misdeeds = [
        Misdeed(testDescription: "drops in DATA", reply: "451 4.4.2 127.0.0.1 closed the connection") { peer in
            peer.serve { step in
                guard case .command("DATA") = step else { return nil }
                peer.stream.write("354 Go on\r\n")
                _ = peer.stream.readLine()
                return .close
            }
        },
        Misdeed(testDescription: "says 421 within the envelope", reply: "421 4.3.2 Going down") { peer in
            peer.serve { step in
                if case .command(let line) = step, line.hasPrefix("RCPT") { .sayAndClose("421 4.3.2 Going down") } else { nil }
            }
        },
        Misdeed(testDescription: "answers garbage", reply: "451 4.5.0 127.0.0.1 sent a line without a reply code") { peer in
            peer.serve { if case .command(let line) = $0, line.hasPrefix("MAIL") { .say("\u{1}\u{2}%%% \u{FF}") } else { nil } }
        },
        Misdeed(testDescription: "greets as another protocol", reply: "451 4.5.0 127.0.0.1 sent a line without a reply code") { peer in
            peer.serve(greeting: "SSH-2.0-OpenSSH_9.2")
        },
        Misdeed(testDescription: "changes the code within a reply", reply: "451 4.5.0 127.0.0.1 sent a reply of several codes") { peer in
            peer.serve { if case .command(let line) = $0, line.hasPrefix("MAIL") { .say("250-Yes\r\n550 No") } else { nil } }
        },
        Misdeed(
            testDescription: "takes the message and drops", reply: "whether it was taken is not known",
            script: { peer in
                peer.serve { step in
                    guard case .content(let mail) = step else { return nil }
                    peer.keep(mail)
                    return .close
                }
            }, arrivesTwice: true),
        Misdeed(testDescription: "greets with a line of a gigabyte", reply: "451 4.5.0 127.0.0.1 sent a reply of more than 65536 bytes") {
            flood($0, with: "220-" + String(repeating: "x", count: 1 << 16))
        },
        Misdeed(testDescription: "greets with a gigabyte of lines", reply: "451 4.5.0 127.0.0.1 sent a reply of more than 100 lines") {
            flood($0, with: String(repeating: "220-still greeting\r\n", count: 4096))
        },
        Misdeed(testDescription: "answers the message with a gigabyte", reply: "451 4.5.0 127.0.0.1 sent a reply of more than") { peer in
            peer.serve { step in
                guard case .content = step else { return nil }
                flood(peer, with: "250-" + String(repeating: "y", count: 1 << 16))
                return .close
            }
        },
        Misdeed(testDescription: "closes without a word", reply: "451 4.4.2 127.0.0.1 closed the connection") { _ in },
        Misdeed(testDescription: "refuses the session for good", reply: "554 5.7.1 Not you") { $0.serve(greeting: "554 5.7.1 Not you") },
    ]

    /// Says it again and again until the other side hangs up, a gigabyte at most.
    @Sendable private static func flood(_ peer: ServerConversation, with text: String) {
        let bytes = Array(text.utf8)
        for _ in 0..<(1 << 30) / bytes.count where !peer.stream.write(bytes) { return }
        Issue.record("a gigabyte was read")
    }

    @Test func `a host that says nothing is waited for as long as is set`() throws {
        let server = ScriptedServer { peer in while peer.stream.readLine() != nil {} }
        defer { server.stop() }
        try GateProcess.run(["delivery.timeout-greeting=1s"]) { gate in
            try gate.route(to: server)
            let client = try SMTPDialogue(port: gate.port)
            client.open()
            #expect(client.submit(from: "a@example.org", to: ["b@example.net"], message("first")).code == 250)
            #expect(try eventually { try gate.queue().first?.attempts == 1 })
            #expect(try gate.queue().first?.reply.hasPrefix("451 4.4.2 ") == true)
        }
    }

    @Test(arguments: misdeeds)
    func `the message is deferred, says why, and arrives at the next attempt`(_ misdeed: Misdeed) throws {
        let server = ScriptedServer { peer in
            if peer.number == 1 { misdeed.script(peer) } else { peer.serve() }
        }
        defer { server.stop() }
        try GateProcess.run { gate in
            try gate.route(to: server)
            let client = try SMTPDialogue(port: gate.port)
            client.open()
            #expect(client.submit(from: "a@example.org", to: ["b@example.net"], message("first")).code == 250)
            #expect(try eventually { try gate.queue().first?.attempts == 1 })
            let deferred = try #require(try gate.queue().first)
            #expect(deferred.state == "queued" && !deferred.leased && deferred.due > deferred.received)
            #expect(deferred.reply.contains(misdeed.reply), "\(deferred.reply)")

            #expect(client.submit(from: "a@example.org", to: ["b@example.net"], message("second")).code == 250)
            #expect(eventually { server.mail(subject: "second") != nil })
            #expect(try gate.command("queue", "retry", "--all") == "1 recipient due now\n")
            #expect(try gate.emptied().delivered == 2)
            #expect(server.mails.filter { $0.field("Subject") == "first" }.count == (misdeed.arrivesTwice ? 2 : 1))
            #expect(server.mails.filter { $0.field("Subject") == "second" }.count == 1)
            #expect(gate.residentBytes < 300 << 20, "\(gate.residentBytes >> 20) MiB")
        }
    }

    @Test func `a server that says each octet by itself gets the mail`() throws {
        let server = ScriptedServer { peer in
            for octet in Array("220-slow\r\n220 banner\r\n".utf8) { peer.stream.write([octet]) }
            peer.serve(greeting: nil) { step in
                guard case .command(let line) = step, line.hasPrefix("EHLO") else { return nil }
                for octet in Array("250-sink\r\n250-PIPELINING\r\n".utf8) { peer.stream.write([octet]) }
                return .say("250 8BITMIME")
            }
        }
        defer { server.stop() }
        try GateProcess.run { gate in
            try gate.route(to: server)
            try submit(gate, "slow", to: ["b@example.net"])
            #expect(try gate.emptied().delivered == 1)
        }
    }

    @Test func `each recipient of a message has an outcome of its own`() throws {
        let server = ScriptedServer { peer in
            peer.serve { step in
                guard case .command(let line) = step else { return nil }
                if line.hasPrefix("RCPT TO:<gone@") { return .say("550 5.1.1 No such user") }
                if line.hasPrefix("RCPT TO:<full@") { return .say("452 4.2.2 Mailbox full") }
                return nil
            }
        }
        defer { server.stop() }
        try GateProcess.run { gate in
            try gate.route(to: server)
            try submit(gate, "each", to: ["good@example.net", "gone@example.net", "full@example.net", "fine@example.net"])
            #expect(try eventually { try gate.ledger().delivered == 3 })
            #expect(server.mail(subject: "each")?.addresses == ["good@example.net", "fine@example.net"])
            let states = Dictionary(uniqueKeysWithValues: try gate.trace().filter { $0.subject == "each" }.map { ($0.recipient, $0) })
            #expect(states["good@example.net"]?.status == "delivered" && states["fine@example.net"]?.status == "delivered")
            #expect(states["gone@example.net"]?.status == "bounced" && states["gone@example.net"]?.reply == "550 5.1.1 No such user")
            #expect(states["full@example.net"]?.status == "deferred" && states["full@example.net"]?.reply == "452 4.2.2 Mailbox full")
            let waiting = try #require(try gate.queue().first)
            #expect(waiting.recipient == "full@example.net" && waiting.due > waiting.received)
        }
    }

    @Test(arguments: ["closes", "sends garbage", "answers in plaintext"])
    func `opportunistic TLS that breaks goes on in plaintext, TLS that is required never does`(_ breakage: String) throws {
        let server = ScriptedServer { peer in
            peer.serve(extensions: ServerConversation.extensions + ["STARTTLS"]) { step in
                guard case .command("STARTTLS") = step else { return nil }
                peer.stream.write("220 2.0.0 Go on\r\n")
                // The first octet of the handshake: what follows is no reply any more.
                guard breakage != "closes", !peer.stream.readSome().isEmpty else { return .close }
                return .sayAndClose(breakage == "sends garbage" ? "\u{16}\u{3}\u{1}garbage garbage" : "250 2.0.0 TLS? What TLS?")
            }
        }
        defer { server.stop() }
        try GateProcess.run { gate in
            try gate.route(to: server)
            try submit(gate, "opportunistic", to: ["b@example.net"])
            #expect(try gate.emptied().delivered == 1)
            #expect(server.connectionCount == 2)

            try gate.command("routes", "add", "safe", "--smarthost", "127.0.0.1:\(server.port)", "--tls", "encrypt")
            try submit(gate, "required", to: ["b@example.net"])
            #expect(try eventually { try gate.queue().first?.attempts == 1 })
            #expect(try gate.queue().first?.reply.contains("TLS") == true)
            #expect(server.mailCount == 1)
            #expect(gate.residentBytes < 300 << 20)
        }
    }

    @Test(arguments: ["not offered", "refused"])
    func `mail that requires TLS waits where there is none`(_ way: String) throws {
        let server = ScriptedServer { peer in
            peer.serve(extensions: ServerConversation.extensions + (way == "refused" ? ["STARTTLS"] : [])) { step in
                guard case .command(let line) = step else { return nil }
                if line.hasPrefix("MAIL") { Issue.record("plaintext where TLS is required") }
                return line == "STARTTLS" ? .say("454 4.7.0 TLS not available") : nil
            }
        }
        defer { server.stop() }
        try GateProcess.run { gate in
            try gate.command("routes", "add", "safe", "--smarthost", "127.0.0.1:\(server.port)", "--tls", "encrypt")
            try submit(gate, "required", to: ["b@example.net"])
            #expect(try eventually { try gate.queue().first?.attempts == 1 })
            #expect(try gate.queue().first?.reply.hasPrefix("451 4.7.4 TLS is required") == true)
            #expect(server.mailCount == 0)
        }
    }

    @Test func `a null MX and a domain that does not exist bounce; DNS that fails defers`() throws {
        let server = ScriptedServer()
        defer { server.stop() }
        let dns = ScriptedDNSServer([
            "null.example MX": .records([mxData(0, "")]), "broken.example MX": .serverFailure,
            "good.example MX": .records([mxData(10, "mx.good.example")]), "mx.good.example A": .records([[127, 0, 0, 1]]),
            "mx.good.example AAAA": .noData,
        ])
        defer { dns.stop() }
        let settings = ["delivery.resolver=127.0.0.1@\(dns.port)", "delivery.port=\(server.port)"]
        try GateProcess.run(settings) { gate in
            try gate.command("routes", "add", "world", "--mx", "--allow-special-addresses")
            // A null reverse-path, so that no report mixes in.
            try submit(gate, "dns", from: "", to: ["a@null.example", "b@gone.example", "c@broken.example", "d@good.example"])
            #expect(try eventually { try gate.trace().allSatisfy { $0.attempts == 1 } })
            let lines = Dictionary(uniqueKeysWithValues: try gate.trace().map { ($0.recipient, $0) })
            #expect(lines["a@null.example"]?.status == "bounced")
            #expect(lines["a@null.example"]?.reply.hasPrefix("556 5.1.10 null.example says by a null MX") == true)
            #expect(lines["b@gone.example"]?.status == "bounced")
            #expect(lines["b@gone.example"]?.reply.hasPrefix("550 5.1.2 The domain gone.example does not exist") == true)
            #expect(lines["c@broken.example"]?.status == "deferred" && lines["c@broken.example"]?.reply.hasPrefix("451 4.4.3") == true)
            #expect(lines["d@good.example"]?.status == "delivered" && server.mails.first?.addresses == ["d@good.example"])
        }
    }

    @Test func `MX hosts on loopback are refused unless the route allows them`() throws {
        let dns = ScriptedDNSServer([
            "trap.example MX": .records([mxData(10, "mx.trap.example")]), "mx.trap.example A": .records([[127, 0, 0, 1]]),
        ])
        defer { dns.stop() }
        try GateProcess.run(["delivery.resolver=127.0.0.1@\(dns.port)"]) { gate in
            try gate.command("routes", "add", "world", "--mx")
            try submit(gate, "trap", from: "", to: ["a@trap.example"])
            #expect(try gate.emptied().bounced == 1)
            #expect(try gate.trace().first?.reply.contains("have only loopback or private addresses") == true)
        }
    }

    private func submit(_ gate: GateProcess, _ subject: String, from sender: String = "a@example.org", to recipients: [String]) throws {
        let client = try SMTPDialogue(port: gate.port)
        client.open()
        #expect(client.submit(from: sender, to: recipients, message(subject)).code == 250)
    }
}
