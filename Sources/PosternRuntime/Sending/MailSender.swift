package import MailModel
import NIOCore
import NIOPosix
package import SMTPProtocol
import SMTPTransport
import Synchronization

/// Submits messages over SMTP to one host, on a few kept connections: for `postern send` and `postern demo`.
package struct MailSender: Sendable {
    package var host: String
    package var port: Int
    package var helloName: String
    package var tls: TLSMode
    package var credentials: SMTPCredentials?
    /// 1…100.
    package var connections: Int

    package init(
        host: String, port: Int, helloName: String, tls: TLSMode = .opportunistic, credentials: SMTPCredentials? = nil, connections: Int = 1
    ) {
        self.host = host
        self.port = port
        self.helloName = helloName
        self.tls = tls
        self.credentials = credentials
        self.connections = connections
    }

    /// How long a stage of the dialogue may take: someone waits for the answer.
    private static let stageTimeout = Duration.seconds(60)

    /// Sends them all. `finished` hears of each as it ends, by its place in `messages`, with a result for each recipient; it may be
    /// called from several threads.
    package func send(
        _ messages: [ClientTransaction], finished: @escaping @Sendable (_ index: Int, _ results: [RecipientResult]) -> Void
    ) async throws {
        let work = SendingWork(messages: messages, finished: finished)
        let settings = try connectionSettings()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<max(1, min(connections, messages.count)) {
                group.addTask {
                    await withCheckedContinuation { continuation in
                        let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
                        eventLoop.execute {
                            SendingLane(work: work, settings: settings, eventLoop: eventLoop) { continuation.resume() }.connect()
                        }
                    }
                }
            }
        }
    }

    private func connectionSettings() throws -> SMTPClientConnectionSettings {
        var machine = SMTPClientSettings(helloName: helloName, tls: tls, credentials: credentials, serverName: host)
        var timeouts = SMTPClientTimeouts()
        for time in [\SMTPClientTimeouts.greeting, \.hello, \.startTLS, \.auth, \.mail, \.recipient, \.data, \.dot] {
            timeouts[keyPath: time] = MailSender.stageTimeout
        }
        machine.timeouts = timeouts
        var settings = SMTPClientConnectionSettings(
            host: host, address: IPAddress(host), port: port, machine: machine, tlsContexts: try ClientTLSContexts())
        settings.implicitTLS = tls == .implicit
        settings.tls =
            switch tls {
            case .none: .none
            case .opportunistic: .opportunistic
            case .required, .implicit: .encrypt
            }
        settings.connectTimeout = .seconds(10)
        return settings
    }
}

/// What is still to be sent, shared by the lanes.
private final class SendingWork: Sendable {
    private let messages: [ClientTransaction]
    private let next = Mutex(0)
    private let report: @Sendable (Int, [RecipientResult]) -> Void

    init(messages: [ClientTransaction], finished: @escaping @Sendable (Int, [RecipientResult]) -> Void) {
        self.messages = messages
        report = finished
    }

    func take() -> (index: Int, message: ClientTransaction)? {
        let index = next.withLock { next -> Int? in
            guard next < messages.count else { return nil }
            next += 1
            return next - 1
        }
        return index.map { ($0, messages[$0]) }
    }

    func finished(_ index: Int, _ results: [RecipientResult]) { report(index, results) }

    func failed(_ taken: (index: Int, message: ClientTransaction), _ failure: DeliveryFailure) {
        report(taken.index, taken.message.recipients.map { _ in .failed(failure) })
    }
}

/// One connection after the other on one event loop, which alone touches it, until nothing is left to send.
///
/// `@unchecked`: see above; the loop's closures capture it.
private final class SendingLane: SMTPClientOwner, @unchecked Sendable {
    private let work: SendingWork
    private let settings: SMTPClientConnectionSettings
    private let eventLoop: any EventLoop
    private let done: () -> Void
    private var current: (index: Int, message: ClientTransaction)?
    /// Keeps the connection, and this lane through it, alive.
    private var connection: SMTPClientConnection?
    private var selfReference: SendingLane?

    init(work: SendingWork, settings: SMTPClientConnectionSettings, eventLoop: any EventLoop, done: @escaping () -> Void) {
        self.work = work
        self.settings = settings
        self.eventLoop = eventLoop
        self.done = done
    }

    func connect() {
        selfReference = self
        if current == nil { current = work.take() }
        guard current != nil else { return end() }
        connection = SMTPClientConnection.connect(settings, on: eventLoop, owner: self)
    }

    func ready(_ connection: SMTPClientConnection, _ capabilities: SMTPCapabilities) {
        guard let current else { return connection.quit() }
        connection.begin(current.message)
    }

    func finished(_ connection: SMTPClientConnection, _ results: [RecipientResult], isReusable: Bool) {
        if let current { work.finished(current.index, results) }
        current = isReusable ? work.take() : nil
        guard isReusable else { return }
        guard let current else { return connection.quit() }
        connection.begin(current.message)
    }

    func failed(_ connection: SMTPClientConnection, _ failure: DeliveryFailure) {
        if let current { work.failed(current, failure) }
        current = nil
    }

    func closed(_ connection: SMTPClientConnection) {
        self.connection = nil
        // A message fails with each connection that does, so this ends.
        connect()
    }

    private func end() {
        selfReference = nil
        done()
    }
}
