import MailModel
import NIOCore
import NIOEmbedded
import OwnThreads
import SMTPProtocol
import Testing

@testable import SMTPTransport

@Suite("PROXY headers from named balancers", .ownThreads)
struct ProxyTests {
    private func balanced(from address: String = "10.0.0.7") throws -> EmbeddedServer {
        let network = try #require(IPNetwork("10.0.0.0/24"))
        return try EmbeddedServer(from: address) { $0.proxyNetworks = [network] }
    }

    private let binary: [UInt8] =
        [0x0D, 0x0A, 0x0D, 0x0A, 0, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A, 0x21, 0x11, 0, 12]
        + [203, 0, 113, 9, 10, 0, 0, 7, 0x12, 0x34, 0, 25]

    @Test func `a balancer's header names the client, and what follows is the client's`() throws {
        let server = try balanced()
        #expect(try server.heard() == "")
        #expect(server.log.events.isEmpty)
        try server.say("PROXY TCP4 203.0.113.9 10.0.0.7 4660 25\r\nEHLO c.example\r\n")
        #expect(server.session?.connection?.remoteAddress == IPAddress("203.0.113.9"))
        #expect(server.session?.connection?.remotePort == 4660)
        #expect(try server.heard().contains("250 "))
    }

    @Test func `version 2 is read, also in single octets`() throws {
        let server = try balanced()
        for byte in binary { try server.say([byte]) }
        #expect(server.session?.connection?.remoteAddress == IPAddress("203.0.113.9"))
        #expect(server.session?.connection?.remotePort == 0x1234)
        #expect(try server.heard().hasPrefix("220 "))
    }

    @Test func `a balancer that sends none is closed without a word`() throws {
        let server = try balanced()
        try server.say("EHLO c.example\r\n")
        #expect(try server.heard() == "")
        #expect(!server.channel.isActive)
    }

    @Test func `a balancer that takes too long is closed`() throws {
        let server = try balanced()
        try server.say("PROXY TCP4")
        server.advance(29)
        #expect(server.channel.isActive)
        server.advance(1)
        server.channel.embeddedEventLoop.run()
        #expect(!server.channel.isActive)
    }

    @Test func `from anyone else the header is an unknown command and claims nothing`() throws {
        let server = try balanced(from: "192.0.2.1")
        _ = try server.heard()
        try server.say("PROXY TCP4 203.0.113.9 10.0.0.7 4660 25\r\n")
        #expect(try server.heard().hasPrefix("50"))
        #expect(server.session?.connection?.remoteAddress == IPAddress("192.0.2.1"))
    }
}
