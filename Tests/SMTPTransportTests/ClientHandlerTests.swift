import MailModel
import NIOCore
import NIOEmbedded
import OwnThreads
import SMTPProtocol
import Testing

@testable import SMTPTransport

@Suite("The client's channel handler, without a socket", .ownThreads)
struct ClientHandlerTests {
    private final class Peer {
        let channel = EmbeddedChannel()
        let owner: RecordingOwner
        let connection: SMTPClientConnection

        init(_ transactions: [ClientTransaction], _ change: (inout SMTPClientConnectionSettings) -> Void = { _ in }) throws {
            var settings = SMTPClientConnectionSettings(
                host: "mx.example", address: IPAddress("192.0.2.1"), port: 25,
                machine: SMTPClientSettings(helloName: "client.example", serverName: "mx.example"), tlsContexts: try ClientTLSContexts())
            change(&settings)
            owner = RecordingOwner(transactions)
            let (connection, handler) = SMTPClientConnection.unconnected(settings, on: channel.embeddedEventLoop, owner: owner)
            self.connection = connection
            try channel.pipeline.syncOperations.addHandler(handler)
            try channel.connect(to: SocketAddress(ipAddress: "192.0.2.1", port: 25)).wait()
        }

        func say(_ text: String) throws {
            try channel.writeInbound(ByteBuffer(string: text))
            channel.embeddedEventLoop.run()
        }

        func heard() throws -> String {
            var text = ""
            while let buffer = try channel.readOutbound(as: ByteBuffer.self) { text += String(buffer: buffer) }
            return text
        }

        func advance(_ seconds: Int64) { channel.embeddedEventLoop.advanceTime(by: .seconds(seconds)) }
    }

    private func codes(_ owner: RecordingOwner) -> [String] {
        owner.results.flatMap { $0 }.map { result in
            switch result {
            case .delivered(let reply): "\(reply.code)"
            case .failed(let failure): "\(failure.reply.code) \(failure.stage)"
            }
        }
    }

    @Test func `a pipelined transaction goes out in one write`() throws {
        let peer = try Peer([try transaction("a: b\r\n\r\n", to: "b@example.org", "c@example.org")])
        try peer.say("220 mx.example\r\n")
        #expect(try peer.heard() == "EHLO client.example\r\n")
        try peer.say("250-mx.example\r\n250 PIPELINING\r\n")
        let first = try #require(try peer.channel.readOutbound(as: ByteBuffer.self))
        #expect(
            String(buffer: first)
                == "MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.org>\r\nRCPT TO:<c@example.org>\r\nDATA\r\n")
        try peer.say("250 ok\r\n250 ok\r\n550 5.1.1 no\r\n354 go\r\n")
        #expect(try peer.heard() == "a: b\r\n\r\n.\r\n")
        try peer.say("250 2.0.0 taken\r\n")
        #expect(codes(peer.owner) == ["250", "550 recipient"])
        #expect(try peer.heard() == "QUIT\r\n")
        try peer.say("221 bye\r\n")
        #expect(!peer.channel.isActive)
        #expect(peer.owner.closedCount == 1)
    }

    @Test func `a server that says nothing is given up after the stage's time`() throws {
        let peer = try Peer([])
        peer.advance(299)
        #expect(peer.owner.failures.isEmpty)
        peer.advance(1)
        #expect(peer.owner.failures.map(\.stage) == [.greeting])
        peer.channel.embeddedEventLoop.run()
        #expect(!peer.channel.isActive)
        #expect(peer.owner.closedCount == 1)
    }

    @Test func `octets that never make a line do not prolong a stage`() throws {
        let peer = try Peer([])
        for _ in 0..<3 {
            peer.advance(99)
            try peer.say("2")
        }
        peer.advance(3)
        #expect(peer.owner.failures.map(\.stage) == [.greeting])
    }

    @Test func `each reply of a slow server begins the time anew`() throws {
        let peer = try Peer([try transaction("a: b\r\n\r\n", to: "b@example.org", "c@example.org", "d@example.org")])
        try peer.say("220 mx.example\r\n")
        try peer.say("250-mx.example\r\n250 PIPELINING\r\n")
        for reply in ["250 ok\r\n", "250 ok\r\n", "250 ok\r\n", "250 ok\r\n", "354 go\r\n"] {
            peer.advance(100)
            try peer.say(reply)
        }
        peer.advance(599)
        #expect(codes(peer.owner).isEmpty)
        peer.advance(1)
        #expect(codes(peer.owner) == ["451 dot", "451 dot", "451 dot"])
    }

    @Test func `a close in the middle is a result for each open recipient`() throws {
        let peer = try Peer([try transaction("a: b\r\n\r\n", to: "b@example.org", "c@example.org")])
        try peer.say("220 mx.example\r\n")
        try peer.say("250-mx.example\r\n250 PIPELINING\r\n")
        try peer.say("250 ok\r\n550 no\r\n")
        _ = try peer.channel.finish(acceptAlreadyClosed: true)
        #expect(codes(peer.owner) == ["550 recipient", "451 recipient"])
        #expect(peer.owner.closedCount == 1)
    }

    @Test func `a kept connection waits without a time-out for its owner`() throws {
        let peer = try Peer([try transaction("a: b\r\n\r\n", to: "b@example.org")])
        try peer.say("220 mx.example\r\n")
        try peer.say("250 mx.example\r\n")
        try peer.say("250 ok\r\n")
        try peer.say("250 ok\r\n")
        try peer.say("354 go\r\n")
        _ = try peer.heard()
        peer.owner.keepsOpen = true
        try peer.say("250 taken\r\n")
        peer.advance(7200)
        #expect(peer.connection.isReady && peer.channel.isActive)
        peer.connection.quit()
        #expect(try peer.heard() == "QUIT\r\n")
        peer.advance(10)
        #expect(!peer.channel.isActive)
    }

    @Test func `an abort is followed by closed alone`() throws {
        let peer = try Peer([try transaction("a: b\r\n\r\n", to: "b@example.org")])
        try peer.say("220 mx.example\r\n")
        peer.connection.abort()
        peer.channel.embeddedEventLoop.run()
        #expect(peer.owner.failures.isEmpty && peer.owner.results.isEmpty && peer.owner.closedCount == 1)
    }

    @Test func `a handshake that fails is a failure of STARTTLS, so that the owner may go without`() throws {
        let peer = try Peer([])
        try peer.say("220 mx.example\r\n")
        try peer.say("250-mx.example\r\n250 STARTTLS\r\n")
        try peer.say("220 go\r\n")
        #expect(peer.owner.failures.isEmpty)
        // What an embedded channel cannot deliver through TLS ends it with an error, which is the point.
        try? peer.say("this is no handshake at all\r\n")
        #expect(peer.owner.failures.map(\.stage) == [.startTLS])
        #expect(peer.owner.failures.first?.isPermanent == false)
        peer.channel.embeddedEventLoop.run()
        #expect(peer.owner.closedCount == 1)
    }

    @Test func `a handshake that does not end is given up`() throws {
        let startTLS = try Peer([])
        try startTLS.say("220 mx.example\r\n")
        try startTLS.say("250-mx.example\r\n250 STARTTLS\r\n")
        try startTLS.say("220 go\r\n")
        startTLS.advance(120)
        #expect(startTLS.owner.failures.map(\.stage) == [.startTLS])

        let implicit = try Peer([]) { $0.implicitTLS = true }
        implicit.advance(30)
        #expect(implicit.owner.failures.map(\.stage) == [.startTLS])
    }

    @Test func `bytes behind the 220 to STARTTLS end the connection`() throws {
        let peer = try Peer([])
        try peer.say("220 mx.example\r\n")
        try peer.say("250-mx.example\r\n250 STARTTLS\r\n")
        try peer.say("220 go\r\n250 injected\r\n")
        #expect(peer.owner.failures.map(\.stage) == [.startTLS])
        #expect(!peer.channel.isActive)
    }
}
