import Storage

/// Brings the store of a data directory to this program's schema, while no gate runs on it. Nodes of an older version that share it must be
/// stopped: they would go on by the older schema.
package enum StoreMigration {
    /// The names of the steps that were taken, in order; empty where there were none to take.
    package static func perform(_ directory: DataDirectory) async throws -> [String] {
        guard directory.isInitialized else {
            throw AdministrationError(
                .notFound, "\(directory) is no data directory of Postern", "Make one with `postern init --data \(directory)`.")
        }
        guard let lock = try DirectoryLock.acquire(directory) else {
            throw AdministrationError(
                .conflict, "a gate or another command holds \(directory), so its store has that program's schema",
                "Stop it to migrate to another.")
        }
        let settings = try directory.settings()
        let location = try StoreLocation(settings.storage, in: directory)
        let steps = try location.pendingMigrations()
        if !steps.isEmpty {
            let running = try location.runningNodes()
            guard running.isEmpty else {
                throw AdministrationError(
                    .conflict, "nodes run on the store, by the schema that it has: \(running.joined(separator: ", "))",
                    "Stop them first. One that died is out of the way once its lease has lapsed.")
            }
        }
        let store = try OpenStore(directory, settings: settings, lock: lock, choice: .apply)
        await store.close()
        return steps
    }
}
