import MailModel
import NIOCore
import NIOEmbedded
import OwnThreads
import SMTPProtocol
import Testing

@testable import SMTPTransport

@Suite("The server's channel handler, without a socket", .ownThreads)
struct ServerHandlerTests {
    private let message = "MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n"

    private func codes(_ replies: String) -> [String] {
        replies.split(separator: "\r\n").filter { $0.dropFirst(3).first == " " }.map { String($0.prefix(3)) }
    }

    @Test(arguments: [ScriptedSession.Timing.atOnce, .later]) func `a pipelined dialogue is answered in order`(
        timing: ScriptedSession.Timing
    ) throws {
        let server = try EmbeddedServer(timing: timing)
        #expect(codes(try server.heard()) == ["220"])
        try server.say("EHLO client.example\r\n" + message)
        #expect(codes(try server.heard()) == ["250", "250", "250", "354"])
        try server.say("Subject: x\r\n\r\nhello\r\n.\r\n" + message + "\r\n.\r\nQUIT\r\n")
        #expect(codes(try server.heard()) == ["250", "250", "250", "354", "250", "221"])
        #expect(server.log.messages.map { String(decoding: $0.content, as: UTF8.self) } == ["Subject: x\r\n\r\nhello\r\n", "\r\n"])
        #expect(!server.channel.isActive)
        #expect(server.log.events.last == "closed")
    }

    @Test func `what one turn has to say goes out in one write`() throws {
        let server = try EmbeddedServer()
        _ = try server.heard()
        try server.say("EHLO client.example\r\n" + message)
        let first = try #require(try server.channel.readOutbound(as: ByteBuffer.self))
        #expect(codes(String(buffer: first)) == ["250", "250", "250", "354"])
        #expect(try server.channel.readOutbound(as: ByteBuffer.self) == nil)
    }

    @Test func `a dialogue in single octets comes to the same`() throws {
        let server = try EmbeddedServer()
        for byte in Array(("EHLO c.example\r\n" + message + "a: b\r\n\r\n..\r\n.\r\n").utf8) { try server.say([byte]) }
        #expect(codes(try server.heard()) == ["220", "250", "250", "250", "354", "250"])
        #expect(server.log.messages.map { String(decoding: $0.content, as: UTF8.self) } == ["a: b\r\n\r\n.\r\n"])
    }

    @Test func `a silent client is sent 421 after five minutes`() throws {
        let server = try EmbeddedServer()
        _ = try server.heard()
        server.advance(299)
        #expect(server.channel.isActive)
        #expect(try server.heard() == "")
        server.advance(1)
        #expect(try server.heard().hasPrefix("421 4.4.2 "))
        server.channel.embeddedEventLoop.run()
        #expect(!server.channel.isActive)
    }

    @Test func `an octet now and then does not hold a connection`() throws {
        let server = try EmbeddedServer()
        _ = try server.heard()
        for _ in 0..<5 {
            try server.say("N")
            server.advance(60)
        }
        #expect(try server.heard().hasPrefix("421 4.4.2 Too slow"))
    }

    @Test func `a command in each interval keeps a connection`() throws {
        let server = try EmbeddedServer()
        for _ in 0..<20 {
            try server.say("NOOP\r\n")
            server.advance(200)
        }
        #expect(server.channel.isActive)
    }

    @Test func `a large message that flows is not cut off`() throws {
        let server = try EmbeddedServer { $0.machine.limits.messageBytesMax = 1 << 20 }
        try server.say("EHLO c.example\r\n" + message)
        let line = String(repeating: "x", count: 98) + "\r\n"
        for _ in 0..<100 {
            try server.say(String(repeating: line, count: 40))
            server.advance(10)
        }
        try server.say(".\r\n")
        #expect(codes(try server.heard()).last == "250")
        #expect(server.log.messages.first?.content.count == 100 * 40 * 100)
    }

    @Test func `our own slowness is not held against the client`() throws {
        let server = try EmbeddedServer(timing: .never)
        try server.say("EHLO c.example\r\nMAIL FROM:<a@example.com>\r\n")
        _ = try server.heard()
        server.advance(3600)
        #expect(server.channel.isActive)
        server.session?.connection?.answer(SMTPReply(250, EnhancedStatusCode(2, 1, 0), "ok"))
        #expect(codes(try server.heard()) == ["250"])
        server.advance(299)
        #expect(server.channel.isActive)
        server.advance(1)
        #expect(codes(try server.heard()) == ["421"])
    }

    @Test func `a connection has a longest life`() throws {
        let server = try EmbeddedServer { $0.sessionDurationMax = .seconds(600) }
        for _ in 0..<6 {
            try server.say("NOOP\r\n")
            server.advance(100)
        }
        #expect(codes(try server.heard()).last == "421")
        #expect(!server.channel.isActive)
    }

    @Test func `a connection has a largest number of octets`() throws {
        let server = try EmbeddedServer { $0.sessionBytesMax = 1000 }
        try server.say(String(repeating: "NOOP\r\n", count: 200))
        #expect(codes(try server.heard()).last == "421")
        #expect(!server.channel.isActive)
    }

    @Test func `reading stops while an answer is owed and enough waits`() throws {
        let server = try EmbeddedServer(timing: .never) { $0.machine.limits.pipelinedBytesMax = 1000 }
        try server.say("EHLO c.example\r\nMAIL FROM:<a@example.com>\r\n")
        let before = server.reads.count
        try server.say(String(repeating: "NOOP\r\n", count: 100))
        server.channel.read()
        #expect(server.reads.count == before + 1)
        try server.say(String(repeating: "NOOP\r\n", count: 100))
        server.channel.read()
        #expect(server.reads.count == before + 1)
        server.session?.connection?.answer(SMTPReply(250, EnhancedStatusCode(2, 1, 0), "ok"))
        #expect(server.reads.count == before + 2)
    }

    @Test func `nothing is read before the client is let in`() throws {
        let server = try EmbeddedServer(timing: .atTheDoor)
        server.channel.read()
        #expect(server.reads.count == 0)
        server.advance(3600)
        #expect(server.channel.isActive)
        server.session?.connection?.accept()
        #expect(server.reads.count == 1)
        #expect(codes(try server.heard()) == ["220"])
    }

    @Test func `a client may be refused at the door`() throws {
        let server = try EmbeddedServer(timing: .atTheDoor)
        server.session?.connection?.refuse(SMTPReply(421, EnhancedStatusCode(4, 7, 0), "Too many connections"))
        #expect(try server.heard() == "421 4.7.0 Too many connections\r\n")
        #expect(!server.channel.isActive)
    }

    @Test func `nothing is read while the client does not take our replies, and in the end it is closed`() throws {
        let server = try EmbeddedServer()
        server.channel.isWritable = false
        server.channel.read()
        #expect(server.reads.count == 0)
        server.channel.isWritable = true
        server.channel.pipeline.fireChannelWritabilityChanged()
        #expect(server.reads.count == 1)
        server.channel.isWritable = false
        server.advance(300)
        server.channel.embeddedEventLoop.run()
        #expect(!server.channel.isActive)
    }

    @Test func `commands smuggled behind STARTTLS end the connection before any handshake`() throws {
        let server = try EmbeddedServer { $0.machine.offersStartTLS = true }
        try server.say("EHLO c.example\r\nSTARTTLS\r\nMAIL FROM:<a@example.com>\r\n")
        #expect(codes(try server.heard()).last == "554")
        #expect(!server.channel.isActive)
        #expect(!server.log.events.contains { $0.hasPrefix("secured") })
    }

    @Test func `a session may refuse, stop and drain`() throws {
        let refused = try EmbeddedServer(timing: .later)
        #expect(codes(try refused.heard()) == ["220"])
        refused.session?.connection?.stop(SMTPReply(421, EnhancedStatusCode(4, 7, 0), "restricted"))
        #expect(try refused.heard() == "421 4.7.0 restricted\r\n")
        #expect(!refused.channel.isActive)

        let busy = try EmbeddedServer(timing: .never)
        try busy.say("EHLO c.example\r\nMAIL FROM:<a@example.com>\r\n")
        _ = try busy.heard()
        busy.session?.connection?.drain(SMTPReply(421, EnhancedStatusCode(4, 3, 2), "shutting down"))
        #expect(try busy.heard() == "")
        busy.session?.connection?.answer(SMTPReply(250, EnhancedStatusCode(2, 1, 0), "ok"))
        #expect(codes(try busy.heard()) == ["250", "421"])
    }

    @Test func `an answer that comes after the end is dropped`() throws {
        let server = try EmbeddedServer(timing: .never)
        try server.say("EHLO c.example\r\nMAIL FROM:<a@example.com>\r\n")
        let connection = try #require(server.session?.connection)
        connection.stop(SMTPReply(421, EnhancedStatusCode(4, 3, 2), "bye"))
        connection.answer(SMTPReply(250, EnhancedStatusCode(2, 1, 0), "ok"))
        server.channel.embeddedEventLoop.run()
        connection.answer(SMTPReply(250, EnhancedStatusCode(2, 1, 0), "ok"))
        #expect(codes(try server.heard()) == ["220", "250", "421"])
    }
}
