import MailModel
import Testing

@testable import SMTPProtocol

@Suite struct SOCKSHandshakeTests {
    private func handshake(_ target: String = "192.0.2.1", password: String? = nil) throws -> SOCKSHandshake {
        SOCKSHandshake(
            target: try #require(IPAddress(target)), port: 587, credentials: password.map { (name: "u", password: $0) })
    }

    @Test func `a connection, octet by octet`() throws {
        var socks = try handshake(password: "pw")
        #expect(socks.greeting == [5, 2, 0, 2])
        #expect(socks.received([5]) == .wait)
        #expect(socks.received([2]) == .send([1, 1, 0x75, 2, 0x70, 0x77]))
        #expect(socks.received([1]) == .wait)
        #expect(socks.received([0]) == .send([5, 1, 0, 1, 192, 0, 2, 1, 2, 0x4B]))
        for octet in [5, 0, 0, 1, 10, 0, 0, 1, 0] as [UInt8] { #expect(socks.received([octet]) == .wait) }
        #expect(socks.received([25, 0x32, 0x32, 0x30]) == .done(rest: [0x32, 0x32, 0x30]))
    }

    @Test func `addresses of version 6, and replies with names`() throws {
        var socks = try handshake("2001:db8::1")
        #expect(socks.greeting == [5, 1, 0])
        #expect(socks.received([5, 0]) == .send([5, 1, 0, 4] + (try #require(IPAddress("2001:db8::1"))).octets + [2, 0x4B]))
        #expect(socks.received([5, 0, 0, 3, 2, 0x61, 0x62, 0, 25]) == .done(rest: []))
    }

    @Test func `what fails says why`() throws {
        var socks = try handshake()
        #expect(socks.received([4, 0]) == .failed("it does not speak SOCKS5"))
        socks = try handshake()
        #expect(socks.received([5, 2]) == .failed("it wants a user name and password"))
        socks = try handshake()
        #expect(socks.received([5, 0xFF]) == .failed("it takes no sign-in that Postern knows"))
        socks = try handshake(password: "x")
        _ = socks.received([5, 2])
        #expect(socks.received([1, 1]) == .failed("it refuses the user name and password"))
        socks = try handshake()
        _ = socks.received([5, 0])
        #expect(socks.received([5, 5, 0, 1, 0, 0, 0, 0, 0, 0]) == .failed("connection refused"))
        socks = try handshake()
        #expect(socks.received([5, 0, 5]) == .failed("it spoke before it was asked"))
    }

    @Test func `HAProxy is told both ends`() throws {
        let octets = ProxyPreface.version2(from: IPAddress("192.0.2.9"), to: try #require(IPAddress("198.51.100.1")), port: 25)
        #expect(octets.dropFirst(12) == [0x21, 0x11, 0, 12, 192, 0, 2, 9, 198, 51, 100, 1, 0, 0, 0, 25])
        // Read by the other side's grammar.
        let v6 = ProxyPreface.version2(from: nil, to: try #require(IPAddress("2001:db8::1")), port: 25)
        #expect(v6.count == 16 + 36 && v6[13] == 0x21)
    }
}
