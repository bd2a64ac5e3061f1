import Foundation
import MailModel
import NIOCore
import NIOPosix
import OwnThreads
import SMTPProtocol
import Testing

@testable import SMTPTransport

@Suite("Client and server over loopback", .timeLimit(.minutes(10)), .ownThreads)
struct LoopbackTests {
    private func isDelivered(_ result: RecipientResult) -> Bool {
        if case .delivered = result { true } else { false }
    }

    @Test func `several messages go over one plaintext connection`() async throws {
        let loopback = try await Loopback()
        let messages = try (0..<20).map { try transaction("Subject: \($0)\r\n\r\n.dot\r\n", to: "b@example.org", "unknown@example.org") }
        let owner = try await loopback.send(messages, try loopback.settings())
        #expect(owner.results.count == 20)
        #expect(owner.results.allSatisfy { $0.count == 2 && isDelivered($0[0]) && !isDelivered($0[1]) })
        #expect(owner.facts.tlsVersion == nil)
        #expect(owner.facts.address == IPAddress("127.0.0.1"))
        #expect(owner.closedCount == 1)
        #expect(loopback.log.messages.map(\.content) == messages.map(\.content))
        #expect(loopback.log.events.filter { $0 == "opened" }.count == 1)
        await loopback.listener.close()
    }

    @Test func `a name is resolved by the system`() async throws {
        let loopback = try await Loopback()
        var settings = try loopback.settings()
        settings.address = nil
        let owner = try await loopback.send([try transaction("a: b\r\n\r\n", to: "b@example.org")], settings)
        #expect(owner.results.count == 1)
        #expect(owner.facts.address == IPAddress("127.0.0.1"))
        await loopback.listener.close()
    }

    @Test func `a large message passes whole in both directions of pressure`() async throws {
        let loopback = try await Loopback()
        let content = String(repeating: String(repeating: "y", count: 76) + "\r\n", count: 200_000)
        let owner = try await loopback.send([try transaction(content, to: "b@example.org")], try loopback.settings())
        #expect(owner.results.first?.allSatisfy(isDelivered) == true)
        #expect(loopback.log.messages.first?.content.count == content.utf8.count)
        await loopback.listener.close()
    }

    @Test(arguments: [(ClientTLS.opportunistic, true), (.encrypt, true), (.verify, true)], [false, true])
    func `TLS is used as it is asked for`(wish: (tls: ClientTLS, isVerified: Bool), isImplicit: Bool) async throws {
        let certificate = try TestCertificate(host: "localhost")
        let box = try TLSContextBox(
            certificateFile: certificate.certificateFile, keyFile: certificate.keyFile, requestsClientCertificates: false)
        let loopback = try await Loopback(tls: box, implicitTLS: isImplicit)
        var settings = try loopback.settings(tls: wish.tls, roots: certificate.certificateFile)
        settings.implicitTLS = isImplicit
        settings.machine.credentials = SMTPCredentials(name: "anna", password: "secret")
        let owner = try await loopback.send([try transaction("a: b\r\n\r\n", to: "b@example.org")], settings)
        #expect(owner.failures.isEmpty)
        #expect(owner.results.count == 1)
        #expect(owner.facts.tlsVersion == "TLSv1.3")
        #expect(owner.facts.tlsVerified == wish.isVerified)
        #expect(owner.facts.tls?.trust == .webPKI && owner.facts.tls?.cipher?.hasPrefix("TLS_") == true)
        #expect(loopback.log.events.contains("secured TLSv1.3"))
        #expect(loopback.log.events.contains("sign-in anna"))
        await loopback.listener.close()
    }

    @Test(arguments: [("localhost", false), ("other.example", true)]) func `a certificate that does not hold up stops verified mail`(
        host: String, isTrusted: Bool
    ) async throws {
        let certificate = try TestCertificate(host: "localhost")
        let box = try TLSContextBox(
            certificateFile: certificate.certificateFile, keyFile: certificate.keyFile, requestsClientCertificates: false)
        let loopback = try await Loopback(tls: box)
        let settings = try loopback.settings(host: host, tls: .verify, roots: isTrusted ? certificate.certificateFile : nil)
        let owner = try await loopback.send([try transaction("a: b\r\n\r\n", to: "b@example.org")], settings)
        let failure = try #require(owner.failures.first)
        #expect(failure.stage == .startTLS && failure.scope == .host && !failure.isPermanent && failure.isLocal)
        #expect(owner.results.isEmpty && loopback.log.messages.isEmpty && owner.closedCount == 1)
        await loopback.listener.close()
    }

    @Test func `TLS that is required and not offered sends nothing`() async throws {
        let loopback = try await Loopback()
        let owner = try await loopback.send([try transaction("a: b\r\n\r\n", to: "b@example.org")], try loopback.settings(tls: .encrypt))
        #expect(owner.failures.first?.stage == .startTLS)
        #expect(loopback.log.messages.isEmpty)
        await loopback.listener.close()
    }

    @Test func `a certificate is replaced while the listener runs`() async throws {
        let first = try TestCertificate(host: "first.example")
        let second = try TestCertificate(host: "second.example")
        let box = try TLSContextBox(certificateFile: first.certificateFile, keyFile: first.keyFile, requestsClientCertificates: false)
        let loopback = try await Loopback(tls: box)
        let old = try await loopback.send([], try loopback.settings(host: "first.example", tls: .verify, roots: first.certificateFile))
        #expect(old.facts.tlsVerified)
        try box.replace(certificateFile: second.certificateFile, keyFile: second.keyFile, requestsClientCertificates: false)
        let new = try await loopback.send([], try loopback.settings(host: "second.example", tls: .verify, roots: second.certificateFile))
        #expect(new.facts.tlsVerified)
        #expect(throws: TLSSettingsError.self) {
            try box.replace(certificateFile: first.certificateFile, keyFile: second.keyFile, requestsClientCertificates: false)
        }
        await loopback.listener.close()
    }

    @Test func `a client's certificate is known by its fingerprint, and none is needed`() async throws {
        let certificate = try TestCertificate(host: "localhost")
        let box = try TLSContextBox(
            certificateFile: certificate.certificateFile, keyFile: certificate.keyFile, requestsClientCertificates: true)
        let loopback = try await Loopback(tls: box, implicitTLS: true)
        let client = try TestCertificate(host: "device.example")
        for files in [["-cert", client.certificateFile, "-key", client.keyFile], []] {
            try runToEnd(
                ["openssl", "s_client", "-quiet", "-connect", "127.0.0.1:\(loopback.listener.localPort)"] + files, input: "QUIT\r\n")
        }
        let facts = loopback.log.facts
        #expect(facts.map { $0.peerFingerprint?.count } == [32, nil])
        await loopback.listener.close()
    }

    @Test func `two hundred connections at once`() async throws {
        let loopback = try await Loopback()
        let settings = try loopback.settings()
        let delivered = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<200 {
                group.addTask {
                    let messages = try (0..<5).map { try transaction("n: \(number)-\($0)\r\n\r\n", to: "b@example.org") }
                    return try await loopback.send(messages, settings).results.count
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(delivered == 1000)
        #expect(Set(loopback.log.messages.map(\.content)).count == 1000)
        await loopback.listener.close()
    }

    @Test func `a script that closes its side early still gets its answers`() async throws {
        let loopback = try await Loopback()
        let script = "EHLO c.example\r\nMAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.org>\r\nDATA\r\na: b\r\n\r\n.\r\n"
        let replies = try talk(port: loopback.listener.localPort, script)
        #expect(replies.hasSuffix("250 2.0.0 kept\r\n"))
        #expect(loopback.log.messages.count == 1)
        await loopback.listener.close()
    }

    @Test func `a port where nobody listens is a failure of the host that names the cause`() async throws {
        let loopback = try await Loopback()
        let settings = try loopback.settings()
        await loopback.listener.close()
        let owner = try await loopback.send([try transaction("a: b\r\n\r\n", to: "b@example.org")], settings)
        let failure = try #require(owner.failures.first)
        #expect(
            failure.reply.description.hasPrefix(
                "451 4.4.1 Cannot connect to localhost [127.0.0.1] port \(settings.port): Connection refused"))
        #expect(failure.scope == .host && failure.stage == .connect)
        #expect(owner.closedCount == 1)
    }

    @Test func `draining ends idle connections with 421`() async throws {
        let loopback = try await Loopback()
        let descriptor = try connectSocket(port: loopback.listener.localPort)
        #expect(readSome(descriptor).hasPrefix("220 "))
        #expect(loopback.listener.connectionCount == 1)
        loopback.listener.drain(SMTPReply(421, EnhancedStatusCode(4, 3, 2), "Shutting down"))
        #expect(readSome(descriptor) == "421 4.3.2 Shutting down\r\n")
        #expect(readSome(descriptor) == "")
        close(descriptor)
        await loopback.listener.close()
    }

    @Test func `a client that never reads cannot make us hold more than the buffers between us`() async throws {
        let loopback = try await Loopback(timing: .atOnce)
        let descriptor = try connectSocket(port: loopback.listener.localPort)
        let sent = sendUntilStuck(descriptor, String(repeating: "EHLO c.example\r\n", count: 1000), bytesMax: 64 << 20)
        #expect(sent < 64 << 20)
        close(descriptor)
        await loopback.listener.close()
    }

    @Test func `a client that goes on talking can still read why it was refused`() async throws {
        let loopback = try await Loopback()
        let replies = try talk(
            port: loopback.listener.localPort, "EHLO c.example\r\nNOOP\n" + String(repeating: "NOOP\r\n", count: 50_000))
        #expect(replies.split(separator: "\r\n").last?.hasPrefix("500 5.5.2 Bare LF") == true)
        await loopback.listener.close()
    }

    @Test func `swaks sends a mail`() async throws {
        try #require(FileManager.default.isExecutableFile(atPath: "/usr/bin/swaks"), "swaks is not installed")
        let certificate = try TestCertificate(host: "localhost")
        let box = try TLSContextBox(
            certificateFile: certificate.certificateFile, keyFile: certificate.keyFile, requestsClientCertificates: false)
        let loopback = try await Loopback(tls: box)
        try runToEnd(
            [
                "swaks", "--server", "127.0.0.1", "--port", "\(loopback.listener.localPort)", "--from", "a@example.com", "--to",
                "b@example.org", "--auth", "PLAIN", "--auth-user", "anna", "--auth-password", "x", "--tls",
            ], input: "")
        #expect(loopback.log.messages.count == 1)
        #expect(loopback.log.events.contains("sign-in anna"))
        await loopback.listener.close()
    }
}

private func runToEnd(_ arguments: [String], input: String) throws {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = arguments
    process.standardInput = pipe
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    pipe.fileHandleForWriting.write(Data(input.utf8))
    if input.isEmpty { try pipe.fileHandleForWriting.close() }
    process.waitUntilExit()
}
