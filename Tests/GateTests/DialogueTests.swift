import Foundation
import GateSupport
import MailModel
import OwnThreads
import PosternRuntime
import Testing

/// What a client may say to us. Each time: a clear reply, bounded memory, the next client unharmed.
@Suite("Hostile and broken clients", .serialized, .ownThreads)
struct DialogueTests {
    @Test func `bytes behind STARTTLS end the session before the handshake`() throws {
        try GateProcess.run { gate in
            let client = try SMTPDialogue(port: gate.port)
            client.open()
            client.stream.write("STARTTLS\r\nMAIL FROM:<a@example.org>\r\n")
            #expect(client.reply().description == "554 5.5.1 Bytes came after STARTTLS and before the handshake. Closing")
            #expect(client.readReply() == nil)
            try expectUnharmed(gate)
        }
    }

    /// Ends of data that some servers took for one (the attacks published in December 2023, and kin of theirs).
    private static let falseEnds = [
        "\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r.\r\n", "\r\n.\r", "\r\n.\r\r\n", "\n.\r", "\r.\n", "\r\n\u{0}.\r\n", "\r\n.\u{0}\r\n",
    ]

    @Test func `no false end of data lets a second message in`() throws {
        try GateProcess.run { gate in
            let client = try SMTPDialogue(port: gate.port)
            client.open()
            for end in DialogueTests.falseEnds {
                for command in ["MAIL FROM:<a@example.org>", "RCPT TO:<b@example.net>", "DATA"] { #expect(client.say(command).code < 400) }
                let smuggled = "MAIL FROM:<boss@example.org>\r\nRCPT TO:<victim@example.net>\r\nDATA\r\n" + message("smuggled")
                client.stream.write(message("outer") + "text" + end + smuggled + "\r\n.\r\n")
                let reply = client.reply()
                let name = end.debugDescription
                #expect(reply.description.hasPrefix(end.contains("\u{0}") ? "550 5.6.0" : "550 5.6.11"), "\(name): \(reply)")
                // One reply to one message; the next one answers the next command.
                #expect(client.say("NOOP").code == 250, "\(name)")
            }
            #expect(try gate.ledger().accepted == 0)
            try expectUnharmed(gate)
        }
    }

    @Test func `dots and lines that are allowed come through as they are`() throws {
        let server = ScriptedServer()
        defer { server.stop() }
        try GateProcess.run { gate in
            try gate.route(to: server)
            let client = try SMTPDialogue(port: gate.port)
            client.open()
            let longest =
                message("longest") + ".\r\n..\r\n" + String(repeating: "x", count: 998) + "\r\n." + String(repeating: "y", count: 997)
                + "\r\n"
            #expect(client.submit(from: "a@example.org", to: ["b@example.net"], longest).code == 250)
            let tooLong = message("too long") + String(repeating: "x", count: 999) + "\r\n"
            let refused = client.submit(from: "a@example.org", to: ["b@example.net"], tooLong)
            #expect(refused.description.hasPrefix("550 5.6.0 Message refused: line 6 has 999 octets, at most 998 are allowed"))
            let command = client.say("NOOP " + String(repeating: "x", count: 4000))
            #expect(command.description.hasPrefix("500 5.5.2 Line too long"))
            #expect(client.say("NOOP").code == 250)
            #expect(try gate.emptied().delivered == 1)
            #expect(server.mails.first?.text.hasSuffix(longest) == true)
        }
    }

    @Test func `ten thousand recipients: as many as are allowed are taken, the rest is told so`() throws {
        try GateProcess.run { gate in
            let client = try SMTPDialogue(port: gate.port)
            client.open()
            #expect(client.say("MAIL FROM:<a@example.org>").code == 250)
            let stream = client.stream
            // All at once, by a thread of its own: the replies have to be read meanwhile.
            Thread.detachNewThread { stream.write((0..<10_000).map { "RCPT TO:<to-\($0)@example.net>\r\n" }.joined() + "DATA\r\n") }
            var codes: [Int: Int] = [:]
            for _ in 0..<10_000 { codes[client.reply().code, default: 0] += 1 }
            #expect(codes == [250: 1000, 452: 9000])
            #expect(client.reply().code == 354)
            client.stream.write(stuffed(Array(message("many").utf8)))
            #expect(client.reply().code == 250)
            let ledger = try gate.emptied()
            #expect(ledger.accepted == 1000 && ledger.delivered == 1000)
            #expect(gate.residentBytes < 300 << 20)
        }
    }

    @Test func `silent clients keep nobody waiting`() throws {
        try GateProcess.run { gate in
            var silent: [SMTPDialogue] = []
            for number in 0..<300 {
                let client = try SMTPDialogue(port: gate.port)
                switch number % 3 {
                case 0: break
                case 1: client.open()
                default:
                    client.open()
                    _ = client.say("MAIL FROM:<a@example.org>")
                    _ = client.say("RCPT TO:<b@example.net>")
                    _ = client.say("DATA")
                    client.stream.write("Subject: never ends")
                }
                silent.append(client)
            }
            try expectUnharmed(gate)
            #expect(silent.count == 300)
        }
    }

    @Test func `more connections than are allowed from one address are told so, and one that leaves makes room`() throws {
        try GateProcess.run(["submission.connections-per-address-max=3"]) { gate in
            var clients = try (0..<3).map { _ in try SMTPDialogue(port: gate.port) }
            for client in clients { #expect(client.open().code == 250) }
            let refused = try SMTPDialogue(port: gate.port)
            #expect(refused.reply().description.hasPrefix("421 4.7.0 Too many connections from 127.0.0.1"))
            #expect(refused.readReply() == nil)
            let elsewhere = try SMTPDialogue(port: gate.port, from: "127.0.0.2")
            #expect(elsewhere.open().code == 250)
            clients.removeFirst().close()
            #expect(try eventually { try SMTPDialogue(port: gate.port).open().code == 250 })
        }
    }

    @Test(arguments: ["a seeded stream of octets", "a line without end", "a web browser", "commands out of order"])
    func `nonsense is answered and cut off`(_ kind: String) throws {
        try GateProcess.run { gate in
            let client = try SMTPDialogue(port: gate.port)
            client.open()
            let stream = client.stream
            let bytes = nonsense(kind)
            Thread.detachNewThread {
                for _ in 0..<(kind == "a line without end" ? 800 : 1) where !stream.write(bytes) { return }
                stream.shutWriting()
            }
            let answer = String(decoding: client.stream.readToEnd(), as: UTF8.self)
            #expect(
                answer.split(separator: "\r\n").allSatisfy { $0.hasPrefix("500 ") || $0.hasPrefix("503 ") || $0.hasPrefix("421 ") },
                "\(answer)")
            if kind == "a web browser" { #expect(answer == "421 4.7.0 This is a mail server, not a web server. Closing\r\n") }
            if kind == "commands out of order" { #expect(answer.hasSuffix("421 4.7.0 Too many errors; closing\r\n")) }
            #expect(gate.residentBytes < 300 << 20, "\(gate.residentBytes >> 20) MiB")
            try expectUnharmed(gate)
        }
    }

    private func nonsense(_ kind: String) -> [UInt8] {
        switch kind {
        case "a line without end": return [UInt8](repeating: 0x78, count: 1 << 16)
        case "a web browser": return Array("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n".utf8)
        case "commands out of order": return Array(String(repeating: "DATA\r\nRCPT TO:<b@example.net>\r\n", count: 50).utf8)
        default:
            var random = SplitMix64(seed: 20_231_218)
            return (0..<100_000).map { _ in UInt8.random(in: 0...255, using: &random) } + Array("\r\n".utf8)
        }
    }

    @Test func `a message that is too large is refused before or after it came, and memory stays bounded`() throws {
        try GateProcess.run(["submission.message-bytes-max=65536"]) { gate in
            let client = try SMTPDialogue(port: gate.port)
            #expect(client.open().text.contains("SIZE 65536"))
            #expect(client.say("MAIL FROM:<a@example.org> SIZE=65537").description.hasPrefix("552 5.3.4"))
            let line = String(repeating: "z", count: 78) + "\r\n"
            let large = message("large") + String(repeating: line, count: 100_000)
            #expect(
                client.submit(from: "a@example.org", to: ["b@example.net"], large).description.hasPrefix(
                    "552 5.3.4 Message refused: it is larger than 65536"))
            #expect(client.say("NOOP").code == 250)
            #expect(gate.residentBytes < 300 << 20)
            try expectUnharmed(gate)
        }
    }

    @Test func `messages in chunks arrive, and a chunk that ends in a bare CR is refused`() throws {
        try GateProcess.run { gate in
            let client = try SMTPDialogue(port: gate.port)
            client.open()
            func chunks(_ parts: [String]) -> Reply {
                _ = client.say("MAIL FROM:<a@example.org>")
                _ = client.say("RCPT TO:<b@example.net>")
                var last = Reply(code: 0, lines: [])
                for (index, part) in parts.enumerated() {
                    client.stream.write("BDAT \(part.utf8.count)\(index == parts.count - 1 ? " LAST" : "")\r\n" + part)
                    last = client.reply()
                }
                return last
            }
            #expect(chunks([message("chunks"), "\r\n.\r\nstill the message\r\n"]).code == 250)
            #expect(chunks([message("bare") + "\r"]).description.hasPrefix("550 5.6.11"))
            #expect(try gate.emptied().delivered == 1)
        }
    }

    /// Another client submits a message, and it is delivered.
    private func expectUnharmed(_ gate: GateProcess) throws {
        let delivered = try gate.ledger().delivered
        let client = try SMTPDialogue(port: gate.port)
        client.open()
        #expect(client.submit(from: "a@example.org", to: ["next@example.net"], message("next")).code == 250)
        #expect(try eventually { try gate.ledger().delivered == delivered + 1 })
    }
}
