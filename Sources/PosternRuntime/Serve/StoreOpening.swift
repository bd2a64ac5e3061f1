import Console
import Logging
import MailModel
import SMTPTransport
import Storage

/// Opens the store for a gate that starts. A database that does not answer is waited for; meanwhile `/health` and `/ready` say so.
struct StoreOpening: Sendable {
    let directory: DataDirectory
    let settings: Settings
    let lock: DirectoryLock
    /// Nil: plaintext.
    let tls: TLSContextBox?
    let logger: Logger

    private static let pause = Duration.seconds(1)

    func open() async throws -> OpenStore {
        let isShared = try StoreLocation(settings.storage, in: directory).isShared
        do {
            return try await once()
        } catch StoreError.unavailable(let reason) where isShared {
            logger.error("the database does not answer; the start waits for it", metadata: ["reason": "\(reason)"])
            return try await waiting()
        }
    }

    private func once() async throws -> OpenStore {
        let (directory, settings, lock) = (directory, settings, lock)
        return try await BlockingWork.runLong { try OpenStore(directory, settings: settings, lock: lock) }
    }

    private func waiting() async throws -> OpenStore {
        try await withThrowingTaskGroup(of: OpenStore?.self) { group in
            group.addTask {
                await answerRequests()
                return nil
            }
            group.addTask { try await retrying() }
            defer { group.cancelAll() }
            while let store = try await group.next() {
                if let store { return store }
            }
            throw CancellationError()
        }
    }

    private func retrying() async throws -> OpenStore {
        while true {
            try await Task.sleep(for: StoreOpening.pause)
            do {
                let store = try await once()
                logger.notice("the database answers")
                return store
            } catch StoreError.unavailable {
                continue
            }
        }
    }

    /// The listener of later, with one thing to say. Where it cannot listen, the gate will find out soon enough.
    private func answerRequests() async {
        let problem = "the database does not answer; the start waits for it"
        let ports = ConsolePorts(problems: { [problem] }, metrics: { "" })
        var listener = HTTPListenerSettings(address: settings.http.address.description, port: settings.http.port)
        if let tls { listener.makeTLSHandler = { tls.makeHandler() } }
        try? await ConsoleService(listener, ports: ports, logger: logger, onRunning: { _ in }).run()
    }
}
