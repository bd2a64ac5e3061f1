package import MailModel

/// The way of a command to the administration of a data directory: through the gate that runs on it, else on the store itself. Where one
/// process has the store for itself, the directory's lock is held so that no gate starts meanwhile.
package enum AdministrationAccess: Sendable {
    case gate(DataDirectory)
    case store(OpenStore)

    /// How long to wait for another command, or for a gate that is about to start or stop.
    private static let patience = Duration.seconds(15)
    private static let pause = Duration.milliseconds(100)

    package static func open(_ directory: DataDirectory, overrides: [String] = []) async throws -> AdministrationAccess {
        guard directory.isInitialized else {
            throw AdministrationError(
                .notFound, "\(directory) is no data directory of Postern",
                "Make one with `postern init --data \(directory)`, or give --data.")
        }
        let settings = try directory.settings(overrides: overrides)
        let isShared = try StoreLocation(settings.storage, in: directory).isShared
        let clock = ContinuousClock()
        let deadline = clock.now + patience
        while true {
            if await ControlClient(directory).isReachable() { return .gate(directory) }
            // Several may write to a shared store; those gates that run hear of it from there.
            if isShared { return .store(try await BlockingWork.runLong { try OpenStore(directory, settings: settings, lock: nil) }) }
            if let lock = try DirectoryLock.acquire(directory) {
                return .store(try OpenStore(directory, settings: settings, lock: lock))
            }
            guard clock.now < deadline else {
                throw AdministrationError(
                    .unavailable, "another process holds \(directory) and does not answer", "`fuser \(directory.lock)` names it.")
            }
            try await Task.sleep(for: pause)
        }
    }

    package func perform<Operation: AdministrativeOperation>(
        _ operation: Operation, reason: String = "", now: Timestamp = .now
    ) async throws -> Operation.Outcome {
        switch self {
        case .gate(let directory): return try await ControlClient(directory).perform(operation, reason: reason)
        case .store(let store):
            return try await store.administration.perform(operation, Act(actor: LocalUser.actor, reason: reason, at: now))
        }
    }

    /// Closes the store, if it was opened here.
    package func close() async {
        if case .store(let store) = self { await store.close() }
    }
}
