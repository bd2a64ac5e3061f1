import Glibc
import NIOSSL
import OwnThreads
import SMTPProtocol
import Testing

@testable import SMTPTransport

/// What a client may do to a socket. Each time it ends within its bound, and the next client is served.
@Suite("Hostile clients on a socket", .timeLimit(.minutes(10)), .ownThreads)
struct HostileClientTests {
    private func tls() throws -> TLSContextBox {
        let certificate = try TestCertificate(host: "localhost")
        return try TLSContextBox(
            certificateFile: certificate.certificateFile, keyFile: certificate.keyFile, requestsClientCertificates: false)
    }

    private func expectUnharmed(_ loopback: Loopback) async throws {
        let owner = try await loopback.send([try transaction("a: b\r\n\r\n", to: "b@example.org")], try loopback.settings(tls: .none))
        #expect(owner.results.count == 1)
        await loopback.listener.close()
    }

    /// Says `text` in single octets, one at a time in `milliseconds`, until the other side speaks; what it said.
    private func trickle(_ descriptor: CInt, _ text: String, milliseconds: CInt) -> String {
        for octet in text.utf8 {
            var octet = octet
            guard write(descriptor, &octet, 1) == 1 else { break }
            var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            if poll(&wait, 1, milliseconds) > 0 { return readSome(descriptor) }
        }
        return ""
    }

    @Test(arguments: ["in a command", "in a message"])
    func `a client that says an octet now and then is sent 421`(_ place: String) async throws {
        let loopback = try await Loopback {
            $0.idleTimeout = .seconds(1)
            $0.bytesPerSecondMin = 100
        }
        let descriptor = try connectSocket(port: loopback.listener.localPort)
        defer { close(descriptor) }
        #expect(readSome(descriptor).hasPrefix("220"))
        if place == "in a message" {
            let commands = "EHLO a\r\nMAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n"
            _ = write(descriptor, commands, commands.utf8.count)
            var heard = ""
            while !heard.contains("354") { heard += readSome(descriptor) }
        }
        let heard = trickle(descriptor, String(repeating: "x", count: 200), milliseconds: 50)
        #expect(heard.hasPrefix("421 4.4.2 Too slow"))
        #expect(loopback.log.messages.isEmpty)
        try await expectUnharmed(loopback)
    }

    @Test func `a client that says nothing is sent 421`() async throws {
        let loopback = try await Loopback { $0.idleTimeout = .milliseconds(300) }
        let descriptor = try connectSocket(port: loopback.listener.localPort)
        defer { close(descriptor) }
        #expect(readSome(descriptor).hasPrefix("220"))
        #expect(readSome(descriptor).hasPrefix("421 4.4.2"))
        try await expectUnharmed(loopback)
    }

    @Test(arguments: [false, true])
    func `garbage in place of a handshake is closed`(isImplicit: Bool) async throws {
        let loopback = try await Loopback(tls: tls(), implicitTLS: isImplicit)
        let descriptor = try connectSocket(port: loopback.listener.localPort)
        defer { close(descriptor) }
        if !isImplicit {
            #expect(readSome(descriptor).hasPrefix("220"))
            let commands = "EHLO a\r\nSTARTTLS\r\n"
            _ = write(descriptor, commands, commands.utf8.count)
            var heard = ""
            while !heard.contains("220 2.0.0") { heard += readSome(descriptor) }
        }
        let garbage = String(repeating: "\u{16}\u{3}\u{1}garbage", count: 1000)
        _ = send(descriptor, garbage, garbage.utf8.count, CInt(MSG_NOSIGNAL))
        // An alert at most, then the end.
        var octets = 0
        while true {
            let some = readSome(descriptor).utf8.count
            if some == 0 { break }
            octets += some
        }
        #expect(octets < 100)
        #expect(loopback.log.events.allSatisfy { !$0.hasPrefix("secured") })
        if isImplicit { await loopback.listener.close() } else { try await expectUnharmed(loopback) }
    }

    @Test(arguments: [false, true])
    func `a handshake that does not come is given up`(isImplicit: Bool) async throws {
        let loopback = try await Loopback(tls: tls(), implicitTLS: isImplicit) { $0.handshakeTimeout = .milliseconds(300) }
        let descriptor = try connectSocket(port: loopback.listener.localPort)
        defer { close(descriptor) }
        if !isImplicit {
            #expect(readSome(descriptor).hasPrefix("220"))
            let commands = "EHLO a\r\nSTARTTLS\r\n"
            _ = write(descriptor, commands, commands.utf8.count)
            var heard = ""
            while !heard.contains("220 2.0.0") { heard += readSome(descriptor) }
        }
        // The head of a ClientHello, and nothing after it.
        let head: [UInt8] = [0x16, 0x03, 0x01, 0x02, 0x00, 0x01]
        _ = write(descriptor, head, head.count)
        #expect(readSome(descriptor).isEmpty)
        if isImplicit { await loopback.listener.close() } else { try await expectUnharmed(loopback) }
    }

    @Test func `half a message, and the client's side is closed: nothing is accepted`() async throws {
        let loopback = try await Loopback()
        let heard = try talk(
            port: loopback.listener.localPort,
            "EHLO a\r\nMAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.org>\r\nDATA\r\nSubject: half\r\n\r\nof it\r\n.")
        #expect(heard.contains("354"))
        #expect(!heard.contains("kept"))
        #expect(loopback.log.messages.isEmpty)
        try await expectUnharmed(loopback)
    }

    @Test func `new bounds hold for new connections, and a dialogue keeps those it began with`() async throws {
        let loopback = try await Loopback()
        let before = try connectSocket(port: loopback.listener.localPort)
        defer { close(before) }
        #expect(readSome(before).hasPrefix("220"))
        var settings = SMTPListenerSettings(machine: SMTPServerSettings(hostName: "gate.example", offersStartTLS: false))
        settings.machine.limits.messageBytesMax = 70_000
        loopback.listener.replace(settings)
        func size(_ descriptor: CInt) -> String {
            _ = write(descriptor, "EHLO a\r\n", 8)
            var heard = ""
            while !heard.contains("250 ") { heard += readSome(descriptor) }
            return heard
        }
        let after = try connectSocket(port: loopback.listener.localPort)
        defer { close(after) }
        #expect(readSome(after).hasPrefix("220"))
        #expect(size(after).contains("SIZE 70000"))
        #expect(!size(before).contains("SIZE 70000"))
        await loopback.listener.close()
    }
}
