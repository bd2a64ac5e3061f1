import MailModel
import NIOCore
import NIOPosix
import SMTPProtocol
import Testing

@testable import SMTPTransport

/// A listener on loopback and clients for it, all in this process.
struct Loopback {
    let group = MultiThreadedEventLoopGroup.singleton
    let log = SessionLog()
    let listener: SMTPListener

    init(
        tls: TLSContextBox? = nil, implicitTLS: Bool = false, timing: ScriptedSession.Timing = .later,
        _ change: (inout SMTPListenerSettings) -> Void = { _ in }
    ) async throws {
        var machine = SMTPServerSettings(hostName: "gate.example", offersStartTLS: tls != nil && !implicitTLS)
        machine.offersAuth = tls != nil
        var settings = SMTPListenerSettings(machine: machine)
        settings.implicitTLS = implicitTLS
        change(&settings)
        let log = log
        listener = try await SMTPListener.start(settings, group: group, tls: tls) { _ in ScriptedSession(log, timing: timing) }
    }

    func settings(host: String = "localhost", tls: ClientTLS = .opportunistic, roots: String? = nil) throws -> SMTPClientConnectionSettings
    {
        var settings = SMTPClientConnectionSettings(
            host: host, address: IPAddress("127.0.0.1"), port: listener.localPort,
            machine: SMTPClientSettings(helloName: "client.example", serverName: host),
            tlsContexts: try ClientTLSContexts(extraRootsFile: roots))
        settings.tls = tls
        return settings
    }

    func send(_ transactions: [ClientTransaction], _ settings: SMTPClientConnectionSettings) async throws -> RecordingOwner {
        let loop = group.next()
        let done = loop.makePromise(of: Void.self)
        let owner = RecordingOwner(transactions, done: done)
        loop.execute { _ = SMTPClientConnection.connect(settings, on: loop, owner: owner) }
        try await done.futureResult.get()
        return owner
    }
}

func transaction(_ content: String, to recipients: String...) throws -> ClientTransaction {
    ClientTransaction(
        reversePath: .address(try #require(EmailAddress("a@example.com"))),
        recipients: try recipients.map { EnvelopeRecipient(try #require(EmailAddress($0))) }, content: Array(content.utf8))
}
